/**
 * Names of unfinished files. Files and folders get their final name by one rename, so a file that still has such a
 * name was left by a killed process. The name contains a random number and its digest, so no other program creates
 * such a name by accident.
 */
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";

/**
 * `unfinished`: not yet renamed into place; `replaced`: renamed out of the way; `held`: a lock; `damaged`: renamed
 * out of the way and kept.
 */
export type Passing = "unfinished" | "replaced" | "held" | "damaged";

/** File names may have 255 bytes; the suffix needs 46. */
const mostBaseBytes = 200;

/** Returns a new path in the same folder as `target`. */
export function passingPath(target: string, passing: Passing): string {
  const base = shortened(path.basename(path.resolve(target)));
  const nonce = randomBytes(8).toString("hex");
  return path.join(path.dirname(target), `${base}.${passing}-${nonce}${digest(base, passing, nonce)}`);
}

/** Whether {@link passingPath} made a name, optionally for `base`. */
export function isPassing(name: string, passing: Passing, base?: string): boolean {
  const [, target, nonce, proof] = new RegExp(`^(.*)\\.${passing}-([0-9a-f]{16})([0-9a-f]{16})$`, "s").exec(name) ?? [];
  if (target === undefined || nonce === undefined || proof !== digest(target, passing, nonce)) return false;
  return base === undefined || target === shortened(base);
}

function digest(base: string, passing: Passing, nonce: string): string {
  return createHash("sha256").update(`pepnet ${passing}\0${base}\0${nonce}`).digest("hex").slice(0, 16);
}

function shortened(base: string): string {
  let short = base;
  while (Buffer.byteLength(short) > mostBaseBytes) short = short.slice(0, -1);
  return short;
}

/** Paths that this process is writing. */
const begun = new Set<string>();

/**
 * Returns a temporary path in the folder of `target`. The file is removed if the process exits before {@link
 * endUnfinished}.
 */
export function beginUnfinished(target: string): string {
  if (begun.size === 0) process.on("exit", removeBegun);
  const fresh = passingPath(target, "unfinished");
  begun.add(fresh);
  return fresh;
}

/** Call when the file was renamed into place or removed. */
export function endUnfinished(fresh: string): void {
  begun.delete(fresh);
  if (begun.size === 0) process.off("exit", removeBegun);
}

function removeBegun(): void {
  for (const fresh of begun) {
    try {
      rmSync(fresh, { recursive: true, force: true });
    } catch {
      // The next process that writes there removes it.
    }
  }
}

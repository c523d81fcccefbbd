/**
 * Names of what is still being written. Whole files and folders come into being by one rename, so what is beside them
 * under such a name was left by a process that was killed. A name holds a random number and the digest of it: nobody
 * gives one by accident, so that what bears it was made by this project.
 */
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";

/** `unfinished`: on its way to its place; `replaced`: out of it; `held`: a lock; `damaged`: moved out of the way, kept. */
export type Passing = "unfinished" | "replaced" | "held" | "damaged";

/** Names may have 255 bytes, of which the rest needs 46. */
const mostBaseBytes = 200;

/** A new path beside `target`, in the same folder. */
export function passingPath(target: string, passing: Passing): string {
  const base = shortened(path.basename(path.resolve(target)));
  const nonce = randomBytes(8).toString("hex");
  return path.join(path.dirname(target), `${base}.${passing}-${nonce}${digest(base, passing, nonce)}`);
}

/** Whether a name was made by {@link passingPath}, for `base` where that is given. */
export function isPassing(name: string, passing: Passing, base?: string): boolean {
  const [, own, nonce, proof] = new RegExp(`^(.*)\\.${passing}-([0-9a-f]{16})([0-9a-f]{16})$`, "s").exec(name) ?? [];
  if (own === undefined || nonce === undefined || proof !== digest(own, passing, nonce)) return false;
  return base === undefined || own === shortened(base);
}

function digest(base: string, passing: Passing, nonce: string): string {
  return createHash("sha256").update(`pepnet ${passing}\0${base}\0${nonce}`).digest("hex").slice(0, 16);
}

function shortened(base: string): string {
  let short = base;
  while (Buffer.byteLength(short) > mostBaseBytes) short = short.slice(0, -1);
  return short;
}

/** What this process is writing. */
const begun = new Set<string>();

/** A path to write to, beside `target`. It is removed where the process exits before {@link endUnfinished}. */
export function beginUnfinished(target: string): string {
  if (begun.size === 0) process.on("exit", removeBegun);
  const fresh = passingPath(target, "unfinished");
  begun.add(fresh);
  return fresh;
}

/** It is in its place, or removed. */
export function endUnfinished(fresh: string): void {
  begun.delete(fresh);
  if (begun.size === 0) process.off("exit", removeBegun);
}

function removeBegun(): void {
  for (const fresh of begun) {
    try {
      rmSync(fresh, { recursive: true, force: true });
    } catch {
      // The next one who writes there removes it.
    }
  }
}

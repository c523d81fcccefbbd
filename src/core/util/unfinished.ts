/** Temporary files and folders: their names, and their removal if the process exits first. */
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import { attempt } from "./attempt.js";

/** The kinds of temporary names: being written, moved out of the way, held as a lock, or found damaged. */
export type Passing = "unfinished" | "replaced" | "held" | "damaged";

/** File names may have 255 bytes; the suffix needs 46. */
const mostBaseBytes = 200;

export function passingPath(target: string, passing: Passing): string {
  const base = shortened(path.basename(path.resolve(target)));
  const nonce = randomBytes(8).toString("hex");
  return path.join(path.dirname(target), `${base}.${passing}-${nonce}${digest(base, passing, nonce)}`);
}

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

const begun = new Set<string>();

/** A temporary path beside `target`, removed if the process exits before {@link endUnfinished}. */
export function beginUnfinished(target: string): string {
  if (begun.size === 0) process.on("exit", removeBegun);
  const fresh = passingPath(target, "unfinished");
  begun.add(fresh);
  return fresh;
}

export function endUnfinished(fresh: string): void {
  begun.delete(fresh);
  if (begun.size === 0) process.off("exit", removeBegun);
}

function removeBegun(): void {
  for (const fresh of begun) {
    // If this fails, the next process that writes there removes it.
    attempt(() => rmSync(fresh, { recursive: true, force: true }), undefined);
  }
}

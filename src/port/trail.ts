/**
 * Records the seeds and data that a run used, so that it can be repeated. The kernel stores the record under a
 * global symbol, so that the library does not import the kernel; outside a kernel nothing is recorded or hashed.
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import type { Work } from "../util/turns.js";

export interface Trail {
  readonly seeds: { readonly use: string; readonly seed: number }[];
  readonly files: string[];
  readonly tables: { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

export interface KeptTrail extends Trail {
  noted(file?: string): void;
}

export const trailSymbol: symbol = Symbol.for("pepnet.trail");

/** Hashed without pauses. */
const hashedBytes = 4 * 1024 * 1024;

export function noteSeed(use: string, seed: number): void {
  const keptTrail = trail();
  if (!keptTrail) return;
  if (keptTrail.seeds.every((entry) => entry.use !== use || entry.seed !== seed)) keptTrail.seeds.push({ use, seed });
  keptTrail.noted();
}

export function noteFiles(paths: readonly string[]): void {
  const keptTrail = trail();
  if (!keptTrail) return;
  for (const path of paths.map((each) => resolve(each))) {
    if (!keptTrail.files.includes(path)) keptTrail.files.push(path);
    keptTrail.noted(path);
  }
}

/** Records an in-memory table by its columns: `contents` returns the bytes or text of each. */
export function* noteTable(name: string, rows: number, contents: () => Iterable<ArrayBufferView | string>): Work<void> {
  const keptTrail = trail();
  if (!keptTrail) return;
  const hash = createHash("sha256");
  for (const content of contents()) {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let start = 0; start < bytes.byteLength; start += hashedBytes) {
      hash.update(Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(hashedBytes, bytes.byteLength - start)));
      yield;
    }
    hash.update("\0");
  }
  const sha256 = hash.digest("hex");
  if (!keptTrail.tables.some((entry) => entry.sha256 === sha256))
    keptTrail.tables.push({ name: basename(name), rows, sha256 });
  keptTrail.noted();
}

function trail(): KeptTrail | null {
  const globals = globalThis as Record<symbol, unknown>;
  return (globals[trailSymbol] as KeptTrail | undefined) ?? null;
}

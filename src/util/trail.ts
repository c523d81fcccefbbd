/**
 * What a run leaves behind for who wants to repeat it: the seeds it drew from and the data it opened. Kept under a
 * global symbol, so that who executes a notebook can read it without knowing the library; outside such an execution
 * (PEPNET_TRAIL is not set) nothing is kept and nothing is hashed.
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";

/** Seeds by what they were for; files by absolute path; tables in memory by the hash of their columns. */
export interface Trail {
  readonly seeds: { readonly use: string; readonly seed: number }[];
  readonly files: string[];
  readonly tables: { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

/** The global symbol under which the trail is kept. */
export const trailSymbol: symbol = Symbol.for("pepnet.trail");

/** Remembers a seed, once for each use. */
export function noteSeed(use: string, seed: number): void {
  const seeds = trail()?.seeds;
  if (seeds?.every((known) => known.use !== use || known.seed !== seed)) seeds.push({ use, seed });
}

/** Remembers files that were read. */
export function noteFiles(paths: readonly string[]): void {
  const files = trail()?.files;
  for (const path of paths.map((each) => resolve(each))) if (!files?.includes(path)) files?.push(path);
}

/** Remembers a table in memory by its columns: what `contents` gives of each, bytes or text. */
export function noteTable(name: string, rows: number, contents: () => Iterable<NodeJS.ArrayBufferView | string>): void {
  const tables = trail()?.tables;
  if (!tables) return;
  const hash = createHash("sha256");
  for (const content of contents()) hash.update(content).update("\0");
  const sha256 = hash.digest("hex");
  if (!tables.some((known) => known.sha256 === sha256)) tables.push({ name: basename(name), rows, sha256 });
}

function trail(): Trail | null {
  if (!process.env["PEPNET_TRAIL"]) return null;
  const globals = globalThis as Record<symbol, unknown>;
  globals[trailSymbol] ??= { seeds: [], files: [], tables: [] } satisfies Trail;
  return globals[trailSymbol] as Trail;
}

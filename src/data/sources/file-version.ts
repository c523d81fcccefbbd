/**
 * A version of files that changes with their content: paths, sizes, times and inodes, and a hash of samples of their
 * bytes (all bytes of a small file). A file that is rewritten with the old size and modification time still has
 * another change time, which programs cannot set.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, existsSync, openSync, readSync, type StatsBase, statSync } from "node:fs";
import { resolve } from "node:path";
import { count } from "../../util/text/format.js";
import type { SourceVersion } from "./source.js";

/** The maximum size of files that are hashed completely. */
const wholeBytes = 1 << 20;
const edgeBytes = 1 << 16;
const sampleBytes = 4096;
const samples = 32;

/**
 * Returns the current version of files; reads bytes again only if a file's times or size have changed. A deleted
 * file counts as unchanged: data read from it remains valid, and reading it again fails anyway.
 * @param reading the options for reading the files, if they matter
 */
export function fileVersions(files: readonly string[], reading = ""): () => Promise<SourceVersion> {
  let latest: { readonly stats: string; readonly version: SourceVersion } | null = null;
  const last = new Map<string, Stat | undefined>();
  return async () => {
    const all = files.map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false }) ?? last.get(file);
      last.set(file, stat);
      return { file, stat };
    });
    const places = all.map(({ file, stat }) => [resolve(file), ...(stat ? identity(stat) : [])]);
    const stats = JSON.stringify(reading === "" ? places : [reading, places]);
    if (latest?.stats === stats) return latest.version;
    const hash = createHash("sha256").update(stats);
    for (const { file, stat } of all) if (stat !== undefined) sample(file, Number(stat.size), hash);
    const version = { key: hash.digest("hex"), about: about(all.map(({ stat }) => stat)) };
    latest = { stats, version };
    return version;
  };
}

type Stat = StatsBase<bigint> & { readonly mtimeNs: bigint; readonly ctimeNs: bigint };

function identity({ dev, ino, size, mtimeNs, ctimeNs }: Stat): string[] {
  return [dev, ino, size, mtimeNs, ctimeNs].map(String);
}

function about(stats: readonly (Stat | undefined)[]): string {
  const existingStats = stats.filter((stat) => stat !== undefined);
  const bytes = existingStats.reduce((sum, { size }) => sum + Number(size), 0);
  const times = existingStats.map(({ mtimeNs }) => Number(mtimeNs / 1_000_000n));
  const written = times.length === 0 ? "" : `, written ${new Date(Math.max(...times)).toISOString()}`;
  return `${count(bytes, "byte")}${written}`;
}

function sample(file: string, size: number, hash: Hash): void {
  if (!existsSync(file)) return;
  const handle = openSync(file, "r");
  try {
    const add = (position: number, length: number): void => {
      const bytes = Buffer.alloc(length);
      hash.update(bytes.subarray(0, readSync(handle, bytes, 0, length, position)));
    };
    if (size <= wholeBytes) {
      add(0, size);
      return;
    }
    add(0, edgeBytes);
    add(size - edgeBytes, edgeBytes);
    const step = Math.floor((size - 2 * edgeBytes) / (samples + 1));
    for (let index = 1; index <= samples; index++) add(edgeBytes + index * step, sampleBytes);
  } finally {
    closeSync(handle);
  }
}

/**
 * What tells the content of files from any other: their paths, sizes, times and inodes, and a hash of samples of their
 * bytes (all of a small file). A file written anew with its old size and its old modification time still has another
 * change time, which no program can set.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, existsSync, openSync, readSync, type StatsBase, statSync } from "node:fs";
import { resolve } from "node:path";
import { count } from "../../../util/text/format.js";
import type { SourceVersion } from "../source.js";

/** Files up to this size are hashed whole. */
const wholeBytes = 1 << 20;
const edgeBytes = 1 << 16;
const sampleBytes = 4096;
const samples = 32;

/**
 * Gives the version that files have now; bytes are read again only where a file's times or size are not as before. A
 * file that is gone has not changed: what was read of it stays true, and reading it again fails by itself.
 *
 * @param reading how the files are read, where they could be read otherwise
 */
export function fileVersions(files: readonly string[], reading = ""): () => Promise<SourceVersion> {
  let known: { readonly stats: string; readonly version: SourceVersion } | null = null;
  const last = new Map<string, Stat | undefined>();
  return async () => {
    const all = files.map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false }) ?? last.get(file);
      last.set(file, stat);
      return { file, stat };
    });
    const places = all.map(({ file, stat }) => [resolve(file), ...(stat ? identity(stat) : [])]);
    const stats = JSON.stringify(reading === "" ? places : [reading, places]);
    if (known?.stats === stats) return known.version;
    const hash = createHash("sha256").update(stats);
    for (const { file, stat } of all) if (stat !== undefined) sample(file, Number(stat.size), hash);
    const version = { key: hash.digest("hex"), about: about(all.map(({ stat }) => stat)) };
    known = { stats, version };
    return version;
  };
}

type Stat = StatsBase<bigint> & { readonly mtimeNs: bigint; readonly ctimeNs: bigint };

function identity({ dev, ino, size, mtimeNs, ctimeNs }: Stat): string[] {
  return [dev, ino, size, mtimeNs, ctimeNs].map(String);
}

function about(stats: readonly (Stat | undefined)[]): string {
  const there = stats.filter((stat) => stat !== undefined);
  const bytes = there.reduce((sum, { size }) => sum + Number(size), 0);
  const times = there.map(({ mtimeNs }) => Number(mtimeNs / 1_000_000n));
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

/**
 * Cache files shared by any number of processes. Each file is written atomically, and the least recently used files
 * are removed first. Other programs may use the same folder, so only files whose content identifies them as ours are
 * removed.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { removeAllLeftSync, writeFileWholeSync } from "./write-whole.js";

/** Writes a file to the cache; throws file system errors. */
export function writeCacheFile(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileWholeSync(path.join(folder, name), content, { flush: false });
}

/** Marks a file as used now. */
export function markUsed(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // A read-only folder keeps its order.
  }
}

/** A kind of cache file. */
export interface CacheKind {
  /** The suffix of their names. */
  readonly extension: string;
  /** Whether the content of a file is of this kind; may throw if it is not. */
  isOwn(file: string): boolean;
}

/** Which files to keep. */
export interface CacheRoom {
  readonly files?: number;
  readonly bytes?: number;
  /** Files last used before this time are removed: milliseconds since 1970. */
  readonly usedSince?: number;
  /** A path that is never removed. */
  readonly newest?: string;
}

/** Removes the least recently used files until the rest fit, and files left by killed processes. */
export function makeRoom(folder: string, kind: CacheKind, room: CacheRoom): void {
  removeAllLeftSync(folder);
  const { files = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, usedSince = 0, newest } = room;
  const entries = entriesIn(folder, kind.extension);
  let [count, total] = [entries.length, entries.reduce((sum, { size }) => sum + size, 0)];
  for (const { file, size, used } of entries) {
    if (count <= files && total <= bytes && used >= usedSince) return;
    if (file === newest || !isOwn(kind, file)) continue;
    rmSync(file, { force: true });
    count--;
    total -= size;
  }
}

/** Least recently used first. */
function entriesIn(folder: string, extension: string): { file: string; size: number; used: number }[] {
  const entries = readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .flatMap((name) => {
      const file = path.join(folder, name);
      const stats = lstatSync(file, { throwIfNoEntry: false });
      return stats?.isFile() ? [{ file, size: stats.size, used: stats.mtimeMs }] : [];
    });
  return entries.sort((a, b) => a.used - b.used);
}

function isOwn(kind: CacheKind, file: string): boolean {
  try {
    return kind.isOwn(file);
  } catch {
    return false;
  }
}

/**
 * Reads bytes of a file from a position; a negative position counts from the end. Returns fewer bytes at the end of
 * the file.
 */
export function bytesAt(file: string, position: number, length: number): Buffer {
  const handle = openSync(file, "r");
  try {
    const size = lstatSync(file).size;
    const bytes = Buffer.alloc(length);
    const count = readSync(handle, bytes, 0, length, Math.max(0, position < 0 ? size + position : position));
    return bytes.subarray(0, count);
  } finally {
    closeSync(handle);
  }
}

/**
 * Files of a cache that any number of processes share: each is written whole, and those used longest ago make room. The
 * folder may be one that other programs use too, so nothing is removed but files whose content says that they are ours.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { removeAllLeftSync, writeFileWholeSync } from "./write-whole.js";

/** Keeps a file; throws what the file system throws. */
export function writeCacheFile(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileWholeSync(path.join(folder, name), content, { flush: false });
}

/** Marks a file as used now. */
export function markUsed(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // A folder that may only be read keeps its order.
  }
}

/** A kind of files in a cache. */
export interface CacheKind {
  /** What their names end in. */
  readonly extension: string;
  /** Whether a file's content is of this kind; may throw where it is not. */
  isOwn(file: string): boolean;
}

/** What may stay. */
export interface CacheRoom {
  readonly files?: number;
  readonly bytes?: number;
  /** Files that nobody has used since are removed: milliseconds since 1970. */
  readonly usedSince?: number;
  /** A path that stays. */
  readonly newest?: string;
}

/** Removes files that were used longest ago until the others fit, and what killed processes left. */
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

/** Those used longest ago first. */
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

/** Bytes of a file from a position on; counted from its end where that is negative. Fewer where the file ends. */
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

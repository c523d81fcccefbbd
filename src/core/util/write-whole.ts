/** Atomic writes of files, and caches that processes share: only files that their content proves ours are removed. */

import {
  chmodSync,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { chmod, open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt } from "./attempt.js";
import { flushFile, flushFolder } from "./files/flush.js";
import { makeFolders } from "./files/make-folders.js";
import { beginUnfinished, endUnfinished, isPassing } from "./unfinished.js";

/** Waits between attempts, in milliseconds: 1.1 seconds together. */
const waits: readonly number[] = [10, 20, 40, 80, 150, 300, 500];
const passing = new Set(["EPERM", "EACCES", "EBUSY"]);

/** `rename` of `node:fs/promises`, repeated on Windows while another program holds a file. Throws its last error. */
export async function renameWhole(from: string, to: string, system: RenameSystem = {}): Promise<void> {
  const { move = rename, platform = process.platform } = system;
  for (const wait of platform === "win32" ? waits : []) {
    try {
      return await move(from, to);
    } catch (error) {
      if (!isPassingError(error)) throw error;
    }
    await sleep(wait);
  }
  return move(from, to);
}

export function renameWholeSync(from: string, to: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (const wait of process.platform === "win32" ? waits : []) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (!isPassingError(error)) throw error;
    }
    Atomics.wait(clock, 0, 0, wait);
  }
  renameSync(from, to);
}

export interface RenameSystem {
  readonly move?: (from: string, to: string) => Promise<void>;
  readonly platform?: string;
}

function isPassingError(error: unknown): boolean {
  return passing.has((error as NodeJS.ErrnoException).code ?? "");
}

/** The content of a file: text, bytes, or chunks of bytes, so that large arrays are not copied. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

/** A process that has not written to its file for this long is treated as killed. */
export const leftMillis = 3_600_000;

/**
 * Calls `write` with a temporary path, and renames the result to the target.
 * @throws an Error if the target is not a file
 */
export async function writeWhole<Result>(target: string, write: (fresh: string) => Promise<Result>): Promise<Result> {
  const { place, mode } = placeOf(target);
  removeLeft(path.dirname(place), path.basename(place));
  const fresh = beginUnfinished(place);
  try {
    const result = await write(fresh);
    if (mode !== null) await chmod(fresh, mode);
    await flushFile(fresh);
    await renameWhole(fresh, place);
    await flushFolder(path.dirname(place));
    return result;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  } finally {
    endUnfinished(fresh);
  }
}

/** Writes a file atomically, or directly to a device such as `/dev/stdout`. @throws as {@link writeWhole} */
export async function writeFileWhole(target: string, content: FileContent): Promise<void> {
  if (isStream(target)) return writeFile(target, content);
  await writeWhole(target, (fresh) => writeNew(fresh, content));
}

/** The synchronous form of {@link writeFileWhole} for caches, which does not wait for the disk. */
export function writeFileWholeSync(target: string, content: string | Uint8Array): void {
  if (isStream(target)) {
    writeFileSync(target, content);
    return;
  }
  const { place, mode } = placeOf(target);
  const fresh = beginUnfinished(place);
  try {
    writeFileSync(fresh, content, { flag: "wx" });
    if (mode !== null) chmodSync(fresh, mode);
    renameWholeSync(fresh, place);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    endUnfinished(fresh);
  }
}

/** Follows links, so that a link stays a link. `mode` is `null` for a new file. */
function placeOf(target: string): { readonly place: string; readonly mode: number | null } {
  const stats = statsOf(target);
  if (stats === null) return { place: target, mode: null };
  if (stats.isFile()) return { place: realpathSync(target), mode: stats.mode };
  throw new Error(`the target is ${stats.isDirectory() ? "a folder" : "a device or a pipe"}, not a file`);
}

/** Targets that are written directly. Standard output may be a file whose content must be kept. */
function isStream(target: string): boolean {
  const stats = statsOf(target);
  if (stats === null || stats.isDirectory()) return false;
  return !stats.isFile() || /^\/(dev|proc)\//.test(path.resolve(target));
}

function statsOf(file: string): Stats | null {
  return attempt(() => statSync(file, { throwIfNoEntry: false }) ?? null, null); // a failed write reports the reason
}

async function writeNew(fresh: string, content: FileContent): Promise<void> {
  const handle = await open(fresh, "wx");
  try {
    const whole = typeof content === "string" || content instanceof Uint8Array;
    for (const piece of whole ? [content] : content) await handle.writeFile(piece);
  } finally {
    await handle.close();
  }
}

/** Removes temporary files that killed processes left in a folder, of one target or of all. */
function removeLeft(folder: string, base?: string): void {
  // The folder may be missing or read-only; a failed write reports the reason.
  attempt(() => {
    for (const name of readdirSync(folder).filter((each) => isPassing(each, "unfinished", base))) {
      const left = path.join(folder, name);
      const stats = statsOf(left);
      if (stats?.isFile() && Date.now() - stats.mtimeMs > leftMillis) rmSync(left, { force: true });
    }
  }, undefined);
}

export function writeCacheFile(folder: string, name: string, content: string | Uint8Array): void {
  makeFolders(folder);
  writeFileWholeSync(path.join(folder, name), content);
}

export function markUsed(file: string): void {
  attempt(() => utimesSync(file, new Date(), new Date()), undefined); // a read-only folder keeps its order
}

export interface CacheKind {
  readonly extension: string;
  /** Whether the content of a file is of this kind; may throw if it is not. */
  isOwn(file: string): boolean;
}

export interface CacheRoom {
  readonly files?: number;
  readonly bytes?: number;
  /** Files last used before this time are removed: milliseconds since 1970. */
  readonly usedSince?: number;
  readonly newest?: string;
}

/** Removes the least recently used files until the rest fit, and files left by killed processes. */
export function makeRoom(folder: string, kind: CacheKind, room: CacheRoom): void {
  removeLeft(folder);
  const { files = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, usedSince = 0, newest } = room;
  const entries = entriesIn(folder, kind.extension);
  let [count, total] = [entries.length, entries.reduce((sum, { size }) => sum + size, 0)];
  for (const { file, size, used } of entries) {
    if (count <= files && total <= bytes && used >= usedSince) return;
    if (file === newest || !attempt(() => kind.isOwn(file), false)) continue;
    rmSync(file, { force: true });
    count--;
    total -= size;
  }
}

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

/** Bytes of a file from a position (negative: from its end) as latin1 text; fewer at the end of the file. */
export function bytesAt(file: string, position: number, length: number): string {
  const handle = openSync(file, "r");
  try {
    const size = lstatSync(file).size;
    const bytes = Buffer.alloc(length);
    const count = readSync(handle, bytes, 0, length, Math.max(0, position < 0 ? size + position : position));
    return bytes.toString("latin1", 0, count);
  } finally {
    closeSync(handle);
  }
}

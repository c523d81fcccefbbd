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
import { chmod, open, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolders } from "./files/make-folders.js";
import { beginUnfinished, endUnfinished, flushFile, flushFolder, isPassing } from "./unfinished.js";

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

/** The synchronous form of {@link renameWhole}; it blocks while it waits. */
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

export interface WriteOptions {
  /** Whether to wait for the disk. Default: true; caches can turn it off. */
  readonly flush?: boolean;
}

/** A process that has not written to its file for this long is treated as killed. */
export const leftMillis = 3_600_000;

/** Renames what `write` wrote, so a reader sees the old file or the new. @throws an Error if the target is no file */
export async function writeWhole<Result>(
  target: string,
  write: (fresh: string) => Promise<Result>,
  { flush = true }: WriteOptions = {},
): Promise<Result> {
  const stats = await stat(target).catch(() => null);
  if (stats !== null && !stats.isFile()) throw new Error(`the target is ${fileKind(stats)}, not a file`);
  const place = stats === null ? target : await realpath(target); // Follow links, so that a link stays a link.
  await removeLeft(place);
  const fresh = beginUnfinished(place);
  try {
    const result = await write(fresh);
    if (stats !== null) await chmod(fresh, stats.mode);
    if (flush) await flushFile(fresh);
    await renameWhole(fresh, place);
    if (flush) await flushFolder(path.dirname(place));
    return result;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  } finally {
    endUnfinished(fresh);
  }
}

/** Writes a file atomically, or directly to a device such as `/dev/stdout`. @throws as {@link writeWhole} */
export async function writeFileWhole(target: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
  if (isStream(target, await stat(target).catch(() => null))) return writeFile(target, content);
  await writeWhole(target, (fresh) => writeNew(fresh, content), options);
}

/** The synchronous form of {@link writeFileWhole} for caches, which does not wait for the disk. */
export function writeFileWholeSync(target: string, content: string | Uint8Array): void {
  const stats = statSync(target, { throwIfNoEntry: false }) ?? null;
  if (isStream(target, stats)) {
    writeFileSync(target, content);
    return;
  }
  if (stats !== null && !stats.isFile()) throw new Error(`the target is ${fileKind(stats)}, not a file`);
  const place = stats === null ? target : realpathSync(target);
  const fresh = beginUnfinished(place);
  try {
    writeFileSync(fresh, content, { flag: "wx" });
    if (stats !== null) chmodSync(fresh, stats.mode);
    renameWholeSync(fresh, place);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    endUnfinished(fresh);
  }
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

async function removeLeft(place: string): Promise<void> {
  const [folder, base] = [path.dirname(place), path.basename(place)];
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    if (isPassing(name, "unfinished", base)) await removeOld(path.join(folder, name));
  }
}

async function removeOld(left: string): Promise<void> {
  const stats = await stat(left).catch(() => null);
  if (stats?.isFile() && Date.now() - stats.mtimeMs > leftMillis)
    await rm(left, { force: true }).catch(() => undefined);
}

function removeAllLeftSync(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!isPassing(name, "unfinished")) continue;
    const left = path.join(folder, name);
    const stats = statSync(left, { throwIfNoEntry: false });
    if (stats?.isFile() && Date.now() - stats.mtimeMs > leftMillis) rmSync(left, { force: true });
  }
}

/** Targets that are written directly. Standard output may be a file whose content must be kept. */
function isStream(target: string, stats: Stats | null): boolean {
  if (stats?.isDirectory()) return false;
  return stats !== null && (!stats.isFile() || /^\/(dev|proc)\//.test(path.resolve(target)));
}

function fileKind(stats: Stats): string {
  return stats.isDirectory() ? "a folder" : "a device or a pipe";
}

export function writeCacheFile(folder: string, name: string, content: string | Uint8Array): void {
  makeFolders(folder);
  writeFileWholeSync(path.join(folder, name), content);
}

export function markUsed(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // A read-only folder keeps its order.
  }
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

/**
 * Atomic file writes: write to a temporary file in the same folder, flush it to disk, then rename it. A reader sees
 * either the old or the new file; if the disk is full or the process is killed, the old file remains.
 */
import { chmodSync, readdirSync, realpathSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { chmod, open, readdir, realpath, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { flushFile, flushFileSync, flushFolder } from "./flush.js";
import { renameWhole, renameWholeSync } from "./rename.js";
import { beginUnfinished, endUnfinished, isPassing } from "./unfinished.js";

/** The content of a file: text, bytes, or chunks of bytes, so that large arrays are not copied. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

/** Options of a file write. */
export interface WriteOptions {
  /** Whether to wait for the disk. Default: true; caches can turn it off. */
  readonly flush?: boolean;
}

/** A process that has not written to its file for this long is treated as killed. */
export const leftMillis = 3_600_000;

/**
 * Writes a temporary file with `write` and renames it to its final name.
 * @throws errors of `write` and of the file system, and an Error if the target is not a regular file
 */
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

/**
 * Writes content to a file atomically, or directly to a device or a FIFO such as `/dev/stdout`. @throws as {@link
 * writeWhole}
 */
export async function writeFileWhole(target: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
  if (isStream(target, await stat(target).catch(() => null))) return writeFile(target, content);
  await writeWhole(target, (fresh) => writeNew(fresh, content), options);
}

/** The synchronous form of {@link writeFileWhole}. */
export function writeFileWholeSync(
  target: string,
  content: string | Uint8Array,
  { flush = true }: WriteOptions = {},
): void {
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
    if (flush) flushFileSync(fresh);
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

/** Removes temporary files of a target that killed processes left. */
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

/** Removes temporary files of any target that killed processes left in one of our cache folders. */
export function removeAllLeftSync(folder: string): void {
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

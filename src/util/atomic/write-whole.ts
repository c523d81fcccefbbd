/**
 * The one way to write a file: beside its place, then flushed to disk, then renamed. A reader sees the earlier file or
 * the new one, a full disk or a killed process leaves the earlier one.
 */
import { chmodSync, readdirSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { chmod, open, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { flushFile, flushFileSync, flushFolder } from "./flush.js";
import { beginUnfinished, endUnfinished, isPassing } from "./unfinished.js";

/** A file's content: text, bytes, or bytes piece by piece, so that large arrays are not copied. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

/** How a file is written. */
export interface WriteOptions {
  /** Whether to wait for the disk. Default: true; a cache need not. */
  readonly flush?: boolean;
}

/** A process that has not written to its file for so long was killed. */
export const leftMillis = 3_600_000;

/**
 * Writes a file under another name by `write`, and gives it its own.
 *
 * @throws what `write` and the file system throw, and an Error where the target is not a regular file
 */
export async function writeWhole<Result>(
  target: string,
  write: (fresh: string) => Promise<Result>,
  { flush = true }: WriteOptions = {},
): Promise<Result> {
  const there = await stat(target).catch(() => null);
  if (there !== null && !there.isFile()) throw new Error(`${kindOf(there)} is there, not a file`);
  const place = there === null ? target : await realpath(target); // a link stays one
  await removeLeft(place);
  const fresh = beginUnfinished(place);
  try {
    const result = await write(fresh);
    if (there !== null) await chmod(fresh, there.mode);
    if (flush) await flushFile(fresh);
    await rename(fresh, place);
    if (flush) await flushFolder(path.dirname(place));
    return result;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  } finally {
    endUnfinished(fresh);
  }
}

/** Writes content to a file; to a device or a FIFO, such as `/dev/stdout`, straight away. @throws as {@link writeWhole} */
export async function writeFileWhole(target: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
  if (isStream(target, await stat(target).catch(() => null))) return writeFile(target, content);
  await writeWhole(target, (fresh) => writeNew(fresh, content), options);
}

/** {@link writeFileWhole} where nothing may wait. */
export function writeFileWholeSync(
  target: string,
  content: string | Uint8Array,
  { flush = true }: WriteOptions = {},
): void {
  const there = statSync(target, { throwIfNoEntry: false }) ?? null;
  if (isStream(target, there)) {
    writeFileSync(target, content);
    return;
  }
  if (there !== null && !there.isFile()) throw new Error(`${kindOf(there)} is there, not a file`);
  const place = there === null ? target : realpathSync(target);
  const fresh = beginUnfinished(place);
  try {
    writeFileSync(fresh, content, { flag: "wx" });
    if (there !== null) chmodSync(fresh, there.mode);
    if (flush) flushFileSync(fresh);
    renameSync(fresh, place);
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

/** Removes what earlier processes left beside a file when they were killed. */
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

/** Removes what killed processes left in a cache folder of ours, whatever its target. */
export function removeAllLeftSync(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!isPassing(name, "unfinished")) continue;
    const left = path.join(folder, name);
    const stats = statSync(left, { throwIfNoEntry: false });
    if (stats?.isFile() && Date.now() - stats.mtimeMs > leftMillis) rmSync(left, { force: true });
  }
}

/** What is written to as it comes. Standard output may be a file, which must keep what is in it. */
function isStream(target: string, there: Stats | null): boolean {
  if (there?.isDirectory()) return false;
  return there !== null && (!there.isFile() || /^\/(dev|proc)\//.test(path.resolve(target)));
}

function kindOf(stats: Stats): string {
  return stats.isDirectory() ? "a folder" : "a device or a pipe";
}

/**
 * The folder of encoded rows: `PEPNET_CACHE`, else `pepnet` in the user's cache folder. Any number of processes share it:
 * an entry is written under a name of its own and then renamed, so that a reader sees all of it or nothing; one that is
 * removed stays readable for whoever has it open. Nothing here throws: without a cache everything works, with a note.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { BlockFile, DamagedFile } from "./block-file.js";
import { BlockWriter } from "./block-writer.js";

const extension = ".encoded";
const unfinished = ".writing";
/** A file that nobody has written to for so long was left by a process that ended. */
const leftMillis = 3_600_000;
const defaultGigabytes = 10;

/** The most that the folder holds, in bytes: `PEPNET_CACHE_GB`, 10 by default. */
export function cacheLimit(): number {
  const gigabytes = Number(process.env["PEPNET_CACHE_GB"] ?? defaultGigabytes);
  return (Number.isFinite(gigabytes) && gigabytes >= 0 ? gigabytes : defaultGigabytes) * 1e9;
}

/**
 * What `use` makes of an entry, of which it reads every byte, so that damage shows; `null` where there is none. A
 * damaged one is removed, with a note.
 */
export async function withEntry<T>(
  folder: string,
  key: string,
  notes: string[],
  use: (entry: BlockFile) => Promise<T>,
): Promise<T | null> {
  const file = path.join(folder, key + extension);
  try {
    const result = await use(new BlockFile(file));
    touch(file);
    return result;
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof SyntaxError) {
      notes.push(`the cached encoding ${file} was damaged (${error.message}) and was made anew`);
      rmSync(file, { force: true });
    } else if (codeOf(error) !== "ENOENT") notes.push(unusable(folder, error));
    return null;
  }
}

/** An entry that is being written. */
export interface EntryWriter {
  readonly writer: BlockWriter;
  /** Makes it an entry, and removes the oldest ones where the folder is too full. Call `writer.finish` first. */
  keep(): BlockFile;
  /** Opens it for this process alone: it is gone when it is closed. */
  keepPrivate(): BlockFile;
  /** Removes it. */
  discard(): void;
}

/** Begins an entry; throws what the file system throws. */
export function writeEntry(folder: string, key: string): EntryWriter {
  mkdirSync(folder, { recursive: true });
  const name = `${key}.${process.pid}.${randomBytes(6).toString("hex")}${unfinished}`;
  const file = path.join(folder, name);
  const writer = new BlockWriter(file);
  return {
    writer,
    keep() {
      const entry = path.join(folder, key + extension);
      // Opened first: another process may remove the entry as soon as it has its name.
      const opened = new BlockFile(file, entry);
      try {
        renameSync(file, entry);
        makeRoom(folder, entry);
        return opened;
      } catch (error) {
        opened.close();
        throw error;
      }
    },
    keepPrivate() {
      const opened = new BlockFile(file);
      rmSync(file, { force: true });
      return opened;
    },
    discard() {
      writer.close();
      rmSync(file, { force: true });
    },
  };
}

/** Where rows go that must be on disk, but are not to be kept. */
export function privateFolder(): string {
  return path.join(tmpdir(), "pepnet-private");
}

/** A note on why the cache is not used. */
export function unusable(folder: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `the encoded rows were not cached in ${folder}: ${reason}`;
}

/** Marks an entry as used now: those used longest ago are removed first. */
function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // A folder that may only be read keeps its order.
  }
}

/** Removes what was left behind, then the entries used longest ago, but not `newest`. */
function makeRoom(folder: string, newest: string): void {
  const entries: { readonly file: string; readonly size: number; readonly used: number }[] = [];
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (name.endsWith(unfinished) && Date.now() - stat.mtimeMs > leftMillis) rmSync(file, { force: true });
    if (name.endsWith(extension)) entries.push({ file, size: stat.size, used: stat.mtimeMs });
  }
  entries.sort((a, b) => a.used - b.used);
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of entries) {
    if (total <= cacheLimit()) return;
    if (file === newest) continue;
    rmSync(file, { force: true });
    total -= size;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

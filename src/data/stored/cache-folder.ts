/**
 * The cache folder of encoded rows: `PEPNET_CACHE`, else `pepnet` in the user's cache folder. Any number of
 * processes share it: an entry is written under a temporary name and then renamed, so that a reader sees all of it
 * or nothing; a removed entry stays readable for processes that have it open. Nothing here throws: without a cache
 * everything works, with a note.
 */
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { bytesAt, type CacheKind, makeRoom, markUsed } from "../../util/atomic/cache-files.js";
import { renameWholeSync } from "../../util/atomic/rename.js";
import { beginUnfinished, endUnfinished } from "../../util/atomic/unfinished.js";
import { BlockFile, DamagedFile } from "./block-file.js";
import { BlockWriter } from "./block-writer.js";
import { magic, trailerBytes } from "./layout.js";

const extension = ".encoded";
const encodedFiles: CacheKind = {
  extension,
  isOwn: (file) => bytesAt(file, -trailerBytes, magic.length).toString("latin1") === magic,
};
const defaultGigabytes = 10;

/** The size limit of the folder in bytes: `PEPNET_CACHE_GB`, 10 by default. */
export function cacheLimit(): number {
  const gigabytes = Number(process.env["PEPNET_CACHE_GB"] ?? defaultGigabytes);
  return (Number.isFinite(gigabytes) && gigabytes >= 0 ? gigabytes : defaultGigabytes) * 1e9;
}

/**
 * The result of `use` for an entry, after checking every byte; `null` if the entry is missing. A damaged entry is
 * removed, with a note.
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
    markUsed(file);
    return result;
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof SyntaxError) {
      notes.push(`the cached encoding ${file} was damaged (${error.message}) and was rebuilt`);
      rmSync(file, { force: true });
    } else if (errorCode(error) !== "ENOENT") notes.push(unusable(folder, error));
    return null;
  }
}

/** An entry during writing. */
export interface EntryWriter {
  readonly writer: BlockWriter;
  /**
   * Opens the written file. In the cache it becomes an entry, and the least recently used entries are removed; a
   * private file is deleted when it is closed. Call `writer.finish` first.
   */
  keep(): BlockFile;
  /** Removes the file. */
  discard(): void;
}

/** Starts an entry; throws file system errors. */
export function writeEntry(folder: string, key: string): EntryWriter {
  mkdirSync(folder, { recursive: true });
  const file = beginUnfinished(path.join(folder, key + extension));
  const writer = new BlockWriter(file);
  return {
    writer,
    keep() {
      const entry = path.join(folder, key + extension);
      // Opened first: another process may remove the entry once it has its final name.
      const opened = new BlockFile(file, entry);
      try {
        renameWholeSync(file, entry);
        endUnfinished(file);
        makeRoom(folder, encodedFiles, { bytes: cacheLimit(), newest: entry });
        return opened;
      } catch (error) {
        opened.close();
        throw error;
      }
    },
    discard() {
      writer.close();
      rmSync(file, { force: true });
      endUnfinished(file);
    },
  };
}

/** A note on why the cache is not used. */
export function unusable(folder: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `the encoded rows were not cached in ${folder}: ${reason}`;
}

function errorCode(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

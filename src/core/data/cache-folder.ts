/**
 * The cache of encoded rows, which many processes share. A removed entry stays readable while open; failures become
 * notes.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeFolders } from "../util/files/make-folders.js";
import { throwIfInterrupted } from "../util/interrupt.js";
import { beginUnfinished, endUnfinished } from "../util/unfinished.js";
import { bytesAt, type CacheKind, leftMillis, makeRoom, markUsed, renameWholeSync } from "../util/write-whole.js";
import { BlockFile, DamagedFile } from "./block-file.js";
import { BlockWriter } from "./block-writer.js";
import { magic, trailerBytes } from "./row-buffer.js";
import { removeLeftFolders } from "./sources/file-version.js";

const extension = ".encoded";
const encodedFiles: CacheKind = {
  extension,
  isOwn: (file) => bytesAt(file, -trailerBytes, magic.length) === magic,
};
const defaultGigabytes = 10;

/** The size limit of the folder in bytes: `PEPNET_CACHE_GB`, 10 by default. */
export function cacheLimit(): number {
  const gigabytes = Number(process.env["PEPNET_CACHE_GB"] ?? defaultGigabytes);
  return (Number.isFinite(gigabytes) && gigabytes >= 0 ? gigabytes : defaultGigabytes) * 1e9;
}

/** Calls `use` with an entry; returns `null` if it is missing or damaged. A damaged entry is removed, with a note. */
export async function withEntry<T>(
  folder: string,
  key: string,
  notes: string[],
  use: (entry: BlockFile) => Promise<T>,
): Promise<T | null> {
  const file = path.join(folder, key + extension);
  try {
    const entry = new BlockFile(file);
    const result = await use(entry).catch((error: unknown) => {
      entry.close();
      throw error;
    });
    markUsed(file);
    return result;
  } catch (error) {
    throwIfInterrupted();
    if (error instanceof DamagedFile || error instanceof SyntaxError) {
      notes.push(`the cached encoding ${file} was damaged (${error.message}) and was rebuilt`);
      rmSync(file, { force: true });
    } else if ((error as NodeJS.ErrnoException).code !== "ENOENT") notes.push(unusable(folder, error));
    return null;
  }
}

export interface EntryWriter {
  readonly writer: BlockWriter;
  /** Opens the finished file: as an entry of the cache, or as a private file that is deleted when it is closed. */
  keep(): BlockFile;
  discard(): void;
}

export function writeEntry(folder: string, key: string): EntryWriter {
  makeFolders(folder);
  const entry = path.join(folder, key + extension);
  const file = beginUnfinished(entry);
  return entryWriter(file, file, () => {
    // Open it first, since another process may remove the entry once it has its final name.
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
  });
}

/** Writes an entry. @param unfinished the file or its folder, which is removed if the entry is discarded */
function entryWriter(file: string, unfinished: string, keep: () => BlockFile): EntryWriter {
  const writer = new BlockWriter(file);
  return {
    writer,
    keep,
    discard() {
      writer.close();
      removeUnfinished(unfinished);
    },
  };
}

function removeUnfinished(place: string): void {
  rmSync(place, { recursive: true, force: true });
  endUnfinished(place);
}

export function unusable(folder: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `the encoded rows were not cached in ${folder}: ${reason}`;
}

const base = "pepnet-rows";

/** Starts an entry for this process only; throws file system errors. */
export function writePrivateEntry(): EntryWriter {
  removeLeftFolders(base, (folder) => {
    const places = [folder, ...readdirSync(folder).map((file) => path.join(folder, file))];
    const written = places.map((place) => lstatSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return Date.now() - Math.max(...written) > leftMillis;
  });
  const folder = beginUnfinished(path.join(tmpdir(), base));
  try {
    mkdirSync(folder, { mode: 0o700 });
    const file = path.join(folder, "rows");
    return entryWriter(file, folder, () => {
      const opened = new BlockFile(file);
      removeUnfinished(folder);
      return opened;
    });
  } catch (error) {
    removeUnfinished(folder);
    throw error;
  }
}

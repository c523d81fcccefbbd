/**
 * Caches the scan results of large CSV files next to the encoded rows, so that such a file is not scanned again. An
 * entry is valid for one version of the files. This file never throws: without a cache the files are scanned again.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../util/atomic/cache-files.js";
import { cacheFolder } from "../../util/files/cache-folder.js";

/** If a scan returns other results for the same files, bump this version. */
const version = 3;
const extension = ".lines";
/** The maximum number of entries; the least recently used are removed. */
const mostEntries = 200;
const cacheKind: CacheKind = { extension, isOwn: (file) => entryText(file) !== null };

/** The name of an entry. @param about the version of the files including their bytes, and the scan's options */
export function scanKey(about: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([version, about]))
    .digest("hex")
    .slice(0, 40);
}

/** The cached data; `null` if it is missing or damaged. */
export function readCached<Data>(key: string): Data | null {
  const file = path.join(cacheFolder(), key + extension);
  try {
    const text = entryText(file);
    if (text === null) return null;
    markUsed(file);
    return JSON.parse(text) as Data;
  } catch {
    return null;
  }
}

/** Writes data to the cache. */
export function writeCached(key: string, data: unknown): void {
  const folder = cacheFolder();
  try {
    const text = JSON.stringify(data);
    writeCacheFile(folder, key + extension, `${checksum(text)}\n${text}`);
    makeRoom(folder, cacheKind, { files: mostEntries });
  } catch {
    // the files are scanned again
  }
}

/** The content of an entry; `null` if it is damaged or another program's. */
function entryText(file: string): string | null {
  const [sum = "", text = ""] = readFileSync(file, "utf8").split("\n");
  return sum === checksum(text) ? text : null;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * What was found in large CSV files, kept beside the encoded rows: opening such a file again looks at nothing. An entry
 * holds for one version of the files only. Nothing here throws: without a cache the files are looked at again.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../../util/atomic/cache-files.js";
import { cacheFolder } from "../../../util/files/cache-folder.js";

/** Raised whenever the same files are found to hold something else. */
const keptVersion = 2;
const extension = ".lines";
/** Entries beyond this many, the ones used longest ago, are removed. */
const mostEntries = 200;
const keptFiles: CacheKind = { extension, isOwn: (file) => entryText(file) !== null };

/** The name of an entry. @param about the version of the files, their bytes and all, and what was looked for */
export function keyOf(about: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([keptVersion, about]))
    .digest("hex")
    .slice(0, 40);
}

/** Plain data that was kept; `null`: there is none, or it is damaged. */
export function kept<Data>(key: string): Data | null {
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

/** Keeps plain data. */
export function keep(key: string, data: unknown): void {
  const folder = cacheFolder();
  try {
    const text = JSON.stringify(data);
    writeCacheFile(folder, key + extension, `${checksum(text)}\n${text}`);
    makeRoom(folder, keptFiles, { files: mostEntries });
  } catch {
    // the files are looked at again
  }
}

/** What an entry holds; `null`: it is damaged, or another program's. */
function entryText(file: string): string | null {
  const [sum = "", text = ""] = readFileSync(file, "utf8").split("\n");
  return sum === checksum(text) ? text : null;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * What was found in the lines of large CSV files, kept beside the encoded rows: opening such a file again looks at nothing.
 * An entry holds for one version of the files only. Nothing here throws: without a cache the lines are looked at again.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../../util/atomic/cache-files.js";
import { cacheFolder } from "../../../util/cache-folder.js";
import type { LineShape } from "./lines.js";
import type { PlainLines } from "./plain-csv.js";

/** Raised whenever the same lines are found to hold something else. */
const linesVersion = 1;
const extension = ".lines";
/** Entries beyond this many, the ones used longest ago, are removed. */
const mostEntries = 200;
const lineFiles: CacheKind = { extension, isOwn: (file) => entryText(file) !== null };

/** The name of an entry. @param version of the files, their bytes and all */
export function linesKey(version: string, { delimiter, columns }: LineShape): string {
  return createHash("sha256")
    .update(JSON.stringify({ linesVersion, version, delimiter, columns }))
    .digest("hex")
    .slice(0, 40);
}

/** The lines that were kept; `null`: there are none, or they are damaged. */
export function keptLines(key: string): PlainLines | null {
  const file = path.join(cacheFolder(), key + extension);
  try {
    const text = entryText(file);
    if (text === null) return null;
    markUsed(file);
    const { rows, ranges, classes } = JSON.parse(text) as PlainLines & { readonly classes: readonly number[] };
    return { rows, ranges, classes: Uint8Array.from(classes) };
  } catch {
    return null;
  }
}

/** Keeps lines. */
export function keepLines(key: string, { rows, ranges, classes }: PlainLines): void {
  const folder = cacheFolder();
  try {
    const text = JSON.stringify({ rows, ranges, classes: [...classes] });
    writeCacheFile(folder, key + extension, `${checksum(text)}\n${text}`);
    makeRoom(folder, lineFiles, { files: mostEntries });
  } catch {
    // the lines are looked at again
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

/**
 * What was found in the lines of large CSV files, kept beside the encoded rows: opening such a file again looks at nothing.
 * An entry holds for one version of the files only. Nothing here throws: without a cache the lines are looked at again.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../../util/cache-folder.js";
import type { LineShape } from "./lines.js";
import type { PlainLines } from "./plain-csv.js";

/** Raised whenever the same lines are found to hold something else. */
const linesVersion = 1;
const extension = ".lines";
/** Entries beyond this many, the ones used longest ago, are removed. */
const mostEntries = 200;

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
    const [sum = "", text = ""] = readFileSync(file, "utf8").split("\n");
    if (sum !== checksum(text)) return null;
    utimesSync(file, new Date(), new Date());
    const { rows, ranges, classes } = JSON.parse(text) as PlainLines & { readonly classes: readonly number[] };
    return { rows, ranges, classes: Uint8Array.from(classes) };
  } catch {
    return null;
  }
}

/** Keeps lines. */
export function keepLines(key: string, { rows, ranges, classes }: PlainLines): void {
  const folder = cacheFolder();
  const file = path.join(folder, `${key}.${process.pid}.${randomBytes(6).toString("hex")}.writing`);
  try {
    mkdirSync(folder, { recursive: true });
    const text = JSON.stringify({ rows, ranges, classes: [...classes] });
    writeFileSync(file, `${checksum(text)}\n${text}`);
    renameSync(file, path.join(folder, key + extension));
    makeRoom(folder);
  } catch {
    rmSync(file, { force: true });
  }
}

function makeRoom(folder: string): void {
  const entries = readdirSync(folder).filter((name) => name.endsWith(extension));
  if (entries.length <= mostEntries) return;
  const used = entries.map((name) => {
    const file = path.join(folder, name);
    return { file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  used.sort((a, b) => a.time - b.time);
  for (const { file } of used.slice(0, entries.length - mostEntries)) rmSync(file, { force: true });
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

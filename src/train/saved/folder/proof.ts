/**
 * Identifies files that this project wrote: their SHA-256 matches the folder's list. Only these are ever removed. A
 * name or its prefix proves nothing: other programs also write `checkpoint-500` and `history.json`.
 */
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { checksumFile, checksumsFile, type Manifest } from "../../../util/atomic/manifest.js";
import { readText } from "../../../util/files/read-whole.js";
import { type Strange, unknownNames } from "./errors.js";
import type { FolderKind } from "./kind.js";
import { parsed, readManifest } from "./read-folder.js";

/** The number of retries while another process replaces a folder. */
const mostLooks = 20;

/** Verified files by file system identity: an unchanged file need not be read again. */
export type Proven = Set<string>;

/**
 * The files in a folder that were not written as a folder of this kind, each with the reason. Empty for a missing or
 * empty folder.
 * @param proven files that were written or verified before; newly verified ones are added
 */
export async function strangers(place: string, kind: FolderKind, proven: Proven = new Set()): Promise<Strange[]> {
  for (let attempt = 0; ; attempt++) {
    const before = await fileIdentity(place);
    const foreignFiles = await strangersNow(place, kind, proven);
    const isMoving = foreignFiles.length > 0 && (await fileIdentity(place)) !== before;
    if (!isMoving || attempt === mostLooks) return foreignFiles;
  }
}

async function strangersNow(place: string, kind: FolderKind, proven: Proven): Promise<Strange[]> {
  const foreignFiles = await strangersByName(place, kind);
  if (foreignFiles.length > 0) return foreignFiles;
  const sums = await readManifest(place);
  const names = await readdir(place).catch(noFolder);
  if (sums === null)
    return names.map((name) => strange(place, name, "the list that proves the origin of this file is missing"));
  return changedFiles(place, names, sums, proven);
}

/** {@link strangers} by names and the identifying file only; bytes are not compared. */
export async function strangersByName(
  place: string,
  kind: FolderKind,
  names: readonly string[] | null = null,
): Promise<Strange[]> {
  const present = names ?? (await readdir(place).catch(noFolder));
  if (present.length === 0) return [];
  const kindNames = new Set([...kind.files, checksumsFile]);
  const unknown = present.filter((name) => !kindNames.has(name));
  const foreignNames = (await isOfKind(place, kind)) ? unknown : present;
  const irregular: string[] = [];
  for (const name of present) {
    const isFile = await lstat(path.join(place, name)).then(
      (stats) => stats.isFile(),
      () => true, // moved away in the meantime
    );
    if (!isFile && !foreignNames.includes(name)) irregular.push(name);
  }
  return [...foreignNames, ...irregular].map((name) => strange(place, name, "pepnet did not write this file"));
}

/** Those of `names` whose bytes differ from the list. */
export async function changedFiles(
  place: string,
  names: readonly string[],
  sums: Manifest,
  proven: Proven,
): Promise<Strange[]> {
  const changed: Strange[] = [];
  for (const name of names) {
    if (name === checksumsFile || (await isProven(path.join(place, name), [sums.get(name)], proven))) continue;
    const reason = sums.has(name)
      ? "the file has changed since pepnet wrote it, or is damaged"
      : `${checksumsFile} does not list this file`;
    changed.push(strange(place, name, reason));
  }
  return changed;
}

/** Whether a file has one of these sums. A missing file counts as true. */
export async function isProven(file: string, sums: readonly (string | undefined)[], proven: Proven): Promise<boolean> {
  const identity = await fileIdentity(file);
  if (identity === null || proven.has(identity)) return true;
  const isListed = sums.includes((await checksumFile(file)) ?? undefined);
  if (isListed) proven.add(identity);
  return isListed;
}

/** The identity of a file, which changes with its bytes; `null` if the file is missing. */
export async function fileIdentity(file: string): Promise<string | null> {
  const stats = await lstat(file, { bigint: true }).catch(noFile);
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(" ");
}

/** Removes files of a folder by name, then the folder if it is empty. */
export async function removeFiles(place: string, names: readonly string[]): Promise<void> {
  for (const name of names) await unlink(path.join(place, name)).catch(noFile);
  await rmdir(place).catch(() => undefined); // a new file appeared: keep it
}

/**
 * Whether the files identify this kind of folder, now or earlier: one of the two identifying files may be damaged.
 */
async function isOfKind(place: string, kind: FolderKind): Promise<boolean> {
  const identity = await readText(path.join(place, kind.identity), "text").catch(() => "");
  if (parsed(identity)?.["format"] === kind.format) return true;
  const sums = await readManifest(place);
  if (sums === null) return false;
  return sums.has(kind.identity) && unknownNames(sums, kind).length === 0;
}

function strange(place: string, name: string, reason: string): Strange {
  return { file: path.join(place, name), reason };
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}

function noFile(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

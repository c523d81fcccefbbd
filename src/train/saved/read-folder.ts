/**
 * Reads files of a folder from one write: each is compared with the folder's list. While a folder is being replaced,
 * a reader waits for the new one; if the writer was killed in between, it reads the earlier one.
 */

import { createHash } from "node:crypto";
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckpointError } from "../../errors/index.js";
import { fileProblem, isMissing, readText, readWhole } from "../../util/files/read-whole.js";
import { checksumFile, checksumsFile, isPassing, type Manifest, parseManifest } from "../../util/unfinished.js";

const patience = 100;
const pauseMillis = 20;

/**
 * Reads files of a folder, all from one write.
 * @param optional files that may be missing
 * @throws CheckpointError if the folder, its list or a file is missing, or a file has changed.
 */
export async function readFolder(
  place: string,
  kind: FolderKind,
  required: readonly string[],
  optional: readonly string[] = [],
): Promise<ReadonlyMap<string, Uint8Array>> {
  for (let attempt = 0; ; attempt++) {
    const list = await listText(place, kind);
    const read = await readOnce(place, kind, list, required, optional).catch((error: unknown) => ({ error }));
    if (!("error" in read)) return read;
    const aside = await replacedFolders(place);
    const changing = aside.length > 0 || (await listText(place, kind)) !== list || (await isPartial(place, kind));
    if (attempt >= patience || !changing) throw read.error;
    if (attempt === patience - 1 && aside[0] !== undefined) return readFolder(aside[0], kind, required, optional);
    await sleep(pauseMillis);
  }
}

export async function replacedFolders(place: string): Promise<string[]> {
  const [folder, base] = [path.dirname(place), path.basename(place)];
  const names = await readdir(folder).catch(() => [] as string[]);
  if (names.includes(base)) return [];
  return names.filter((name) => isPassing(name, "replaced", base)).map((name) => path.join(folder, name));
}

/** If files are moved one by one, the identifying file is removed first and added last. */
async function isPartial(place: string, { identity }: FolderKind): Promise<boolean> {
  const names = await readdir(place).catch(() => [] as string[]);
  return names.includes(checksumsFile) && !names.includes(identity);
}

async function listText(place: string, kind: FolderKind): Promise<string | null> {
  const file = path.join(place, checksumsFile);
  return readText(file, "list of files").catch((cause: unknown) => {
    if (isMissing(cause)) return null;
    throw cannotRead(file, kind, cause);
  });
}

async function readOnce(
  place: string,
  kind: FolderKind,
  list: string | null,
  required: readonly string[],
  optional: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const sums = list === null ? null : parseManifest(list);
  if (list !== null && sums === null) throw damagedList(place, "lines in another format");
  if (sums === null) await assertUnlisted(place, kind);
  const files = new Map<string, Uint8Array>();
  for (const name of [...required, ...optional]) {
    const file = path.join(place, name);
    const listed = sums?.get(name);
    const bytes = await readWhole(file, kindOfFile(name)).catch((cause: unknown) => {
      if (isMissing(cause) && listed === undefined && optional.includes(name)) return null;
      throw cannotRead(file, kind, cause);
    });
    if (bytes === null) continue;
    if (sums !== null) assertListed(file, bytes, listed);
    files.set(name, bytes);
  }
  return files;
}

function kindOfFile(name: string): "text" | "weights" {
  return /\.(json|md)$/.test(name) ? "text" : "weights";
}

export function assertListed(file: string, bytes: Uint8Array, listed: string | undefined): void {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== listed) throw damagedFile(file, `${bytes.byteLength} bytes, SHA-256 ${digest.slice(0, 12)}…`, listed);
}

/** Format version 1 of a folder has no list. Any other folder without a list is damaged. */
async function assertUnlisted(place: string, kind: FolderKind): Promise<void> {
  const file = path.join(place, kind.identity);
  const text = await readText(file, "text").catch((cause: unknown) => {
    throw cannotRead(file, kind, cause);
  });
  if (isUnlistedForm(text, kind)) return;
  throw missingList(place, kind, await readdir(place));
}

export function isUnlistedForm(text: string, { format, version, unlistedVersion }: FolderKind): boolean {
  const identity = parsed(text);
  return identity?.["format"] === format && Number(identity[version]) <= unlistedVersion;
}

export function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export async function readManifest(place: string): Promise<Manifest | null> {
  const text = await readText(path.join(place, checksumsFile), "list of files").catch(() => null);
  return text === null ? null : parseManifest(text);
}

export interface FolderKind {
  readonly files: readonly string[];
  readonly identity: string;
  readonly format: string;
  readonly version: "formatVersion" | "version";
  readonly unlistedVersion: number;
  readonly called: string;
  readonly writer: string;
}

const otherCopy = "use an earlier checkpoint, or a copy of this one";

export function cannotRead(file: string, kind: FolderKind, cause: unknown): CheckpointError {
  const problem = fileProblem(cause, `cannot read ${kind.called}`);
  const expected = `a folder written by ${kind.writer}`;
  return new CheckpointError({ path: file, expected, fix: "check the path", ...problem }, { cause });
}

/** Bytes that differ from the list; `listed` is `undefined` if the list does not contain the file. */
export function damagedFile(file: string, received: string, listed: string | undefined): CheckpointError {
  return new CheckpointError({
    path: file,
    message: "the file is damaged: its content has changed since it was written",
    received,
    expected: listed === undefined ? `a file listed in ${checksumsFile}` : `SHA-256 ${listed.slice(0, 12)}…`,
    fix: otherCopy,
  });
}

export function missingList(place: string, kind: FolderKind, names: readonly string[]): CheckpointError {
  const whole = kind.files.filter((name) => names.includes(name)).join(" ");
  return new CheckpointError({
    path: path.join(place, checksumsFile),
    message: "the folder is damaged: the list of its files is missing, so its files cannot be verified",
    received: "no such file",
    expected: "the SHA-256 of every file",
    fix: `${otherCopy}; if you know that the files are intact: sha256sum ${whole} > ${checksumsFile}`,
  });
}

export function damagedList(place: string, received: string): CheckpointError {
  return new CheckpointError({
    path: path.join(place, checksumsFile),
    message: "the file is damaged: it is not the list of this folder's files",
    received,
    expected: "a line for each file: its SHA-256 and its name",
    fix: otherCopy,
  });
}

export function unknownNames(sums: Manifest, kind: FolderKind): readonly string[] {
  return [...sums.keys()].filter((name) => !kind.files.includes(name));
}

const fixes: Readonly<Record<string, string>> = {
  ENOSPC: "free space on that disk, or choose a folder on another one",
  EDQUOT: "free space in your quota, or choose a folder on another disk",
  EROFS: "that disk is read-only: choose a folder elsewhere",
  EACCES: "get write permission there, or choose another folder",
  EPERM: "get write permission there, or choose another folder",
  ENOTDIR: "a part of this path is a file: choose another folder",
};

export function cannotWrite(place: string, cause: unknown): CheckpointError {
  if (cause instanceof CheckpointError) return cause;
  const { message, code } = cause as NodeJS.ErrnoException;
  return new CheckpointError(
    {
      path: place,
      message: "cannot save there; the previous content is unchanged",
      received: message,
      fix: fixes[code ?? ""] ?? "check the folder's permissions and the free space",
    },
    { cause },
  );
}

export interface Strange {
  readonly file: string;
  readonly reason: string;
}

const mostNamed = 5;

export function strangersError(strange: readonly Strange[], kind: FolderKind): CheckpointError {
  const more = strange.length - mostNamed;
  return new CheckpointError(
    strange.slice(0, mostNamed).map(({ file, reason }, index) => ({
      path: file,
      message: `${reason}; nothing was overwritten`,
      ...(index === mostNamed - 1 && more > 0 ? { received: `this file and ${more} more` } : {}),
      expected: `a new folder, or one written by ${kind.writer}`,
      fix: "move the file elsewhere, or choose another folder",
    })),
  );
}

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

export async function isProven(file: string, sums: readonly (string | undefined)[], proven: Proven): Promise<boolean> {
  const identity = await fileIdentity(file);
  if (identity === null || proven.has(identity)) return true;
  const isListed = sums.includes((await checksumFile(file)) ?? undefined);
  if (isListed) proven.add(identity);
  return isListed;
}

export async function fileIdentity(file: string): Promise<string | null> {
  const stats = await lstat(file, { bigint: true }).catch(noFile);
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(" ");
}

export async function removeFiles(place: string, names: readonly string[]): Promise<void> {
  for (const name of names) await unlink(path.join(place, name)).catch(noFile);
  await rmdir(place).catch(() => undefined); // a new file appeared: keep it
}

/** Whether the files identify this kind of folder, now or earlier: one of the two identifying files may be damaged. */
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

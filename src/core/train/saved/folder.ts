/** Folders read and written as a whole: a reader waits for a replacement, or reads the earlier if its writer died. */
import { createHash } from "node:crypto";
import { lstat, open, readdir, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckpointError } from "../../errors/index.js";
import { attempt, succeeds } from "../../util/attempt.js";
import {
  checksumFile,
  checksumsFile,
  type Manifest,
  manifestText,
  namesIn,
  parseManifest,
  sha256,
} from "../../util/files/checksums.js";
import { flushFolder } from "../../util/files/flush.js";
import { makeFolders } from "../../util/files/make-folders.js";
import { fileProblem, isMissing, readText, readWhole } from "../../util/files/read-whole.js";
import { beginUnfinished, endUnfinished, isPassing, passingPath } from "../../util/unfinished.js";
import { type FileContent, leftMillis } from "../../util/write-whole.js";

const patience = 100;
const pauseMillis = 20;
/** Attempts at reading a folder without a list, because another process may be moving it, or its files, into place. */
const brieflyGone = 5;

/** All from one write. @throws CheckpointError if the folder, its list or a file is missing, or a file has changed */
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
    const isAnother = async (): Promise<boolean> => (await listText(place, kind)) !== list;
    const isGone = async (): Promise<boolean> =>
      list === null && attempt < brieflyGone && !(await isUnlisted(place, kind));
    const changing = aside.length > 0 || (await isAnother()) || (await isPartial(place, kind)) || (await isGone());
    if (attempt >= patience || !changing) throw read.error;
    if (attempt === patience - 1 && aside[0] !== undefined) return readFolder(aside[0], kind, required, optional);
    await sleep(pauseMillis);
  }
}

async function replacedFolders(place: string): Promise<string[]> {
  const [folder, base] = [path.dirname(place), path.basename(place)];
  const names = await namesIn(folder);
  if (names.includes(base)) return [];
  return names.filter((name) => isPassing(name, "replaced", base)).map((name) => path.join(folder, name));
}

/** If files are moved one by one, the identifying file is removed first and added last. */
async function isPartial(place: string, { identity }: FolderKind): Promise<boolean> {
  const names = await namesIn(place);
  return names.includes(checksumsFile) && !names.includes(identity);
}

/** Whether a folder that is whole has no list. */
async function isUnlisted(place: string, { identity }: FolderKind): Promise<boolean> {
  const names = await namesIn(place);
  return names.includes(identity) && !names.includes(checksumsFile);
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
  if (list !== null && sums === null) {
    const message = "the file is damaged: it is not the list of this folder's files";
    const expected = "a line for each file: its SHA-256 and its name";
    throw damaged(path.join(place, checksumsFile), message, "lines in another format", expected);
  }
  if (sums === null) throw await unlisted(place, kind);
  const files = new Map<string, Uint8Array>();
  for (const name of [...required, ...optional]) {
    const file = path.join(place, name);
    const listed = sums.get(name);
    const bytes = await readWhole(file, /\.(json|md)$/.test(name) ? "text" : "weights").catch((cause: unknown) => {
      if (isMissing(cause) && listed === undefined && optional.includes(name)) return null;
      throw cannotRead(file, kind, cause);
    });
    if (bytes === null) continue;
    assertListed(file, bytes, listed);
    files.set(name, bytes);
  }
  return files;
}

export function assertListed(file: string, bytes: Uint8Array, listed: string | undefined): void {
  const digest = sha256(bytes);
  if (digest === listed) return;
  const message = "the file is damaged: its content has changed since it was written";
  const expected = listed === undefined ? `a file listed in ${checksumsFile}` : `SHA-256 ${listed.slice(0, 12)}…`;
  throw damaged(file, message, `${bytes.byteLength} bytes, SHA-256 ${digest.slice(0, 12)}…`, expected);
}

/** A folder without a list is damaged, or of another kind. */
async function unlisted(place: string, kind: FolderKind): Promise<CheckpointError> {
  const file = path.join(place, kind.identity);
  return readText(file, "text").then(
    async () => missingList(place, kind, await readdir(place)),
    (cause: unknown) => cannotRead(file, kind, cause),
  );
}

export function parsed(text: string): Readonly<Record<string, unknown>> | null {
  const value: unknown = attempt(() => JSON.parse(text), null);
  return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
}

export async function readManifest(place: string): Promise<Manifest | null> {
  const text = await readText(path.join(place, checksumsFile), "list of files").catch(() => null);
  return text === null ? null : parseManifest(text);
}

export interface FolderKind {
  readonly files: readonly string[];
  readonly identity: string;
  readonly format: string;
  readonly called: string;
  readonly writer: string;
}

const otherCopy = "use an earlier checkpoint, or a copy of this one";

function cannotRead(file: string, kind: FolderKind, cause: unknown): CheckpointError {
  const problem = fileProblem(cause, `cannot read ${kind.called}`);
  const expected = `a folder written by ${kind.writer}`;
  return new CheckpointError({ path: file, expected, fix: "check the path", ...problem, cause });
}

function damaged(path: string, message: string, received: string, expected: string, fix = otherCopy): CheckpointError {
  return new CheckpointError({ path, message, received, expected, fix });
}

export function missingList(place: string, kind: FolderKind, names: readonly string[]): CheckpointError {
  const whole = kind.files.filter((name) => names.includes(name)).join(" ");
  const message = "the folder is damaged: the list of its files is missing, so its files cannot be verified";
  const fix = `${otherCopy}; if you know that the files are intact: sha256sum ${whole} > ${checksumsFile}`;
  return damaged(path.join(place, checksumsFile), message, "no such file", "the SHA-256 of every file", fix);
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
  return new CheckpointError({
    path: place,
    message: "cannot save there; the previous content is unchanged",
    received: message,
    fix: fixes[code ?? ""] ?? "check the folder's permissions and the free space",
    cause,
  });
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

/** Files that were not written as a folder of this kind. @param proven files verified before; new ones are added */
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
  const unknown = present.filter((name) => name !== checksumsFile && !kind.files.includes(name));
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
    if (name === checksumsFile || (await isProven(path.join(place, name), sums.get(name), proven))) continue;
    const reason = sums.has(name)
      ? "the file has changed since pepnet wrote it, or is damaged"
      : `${checksumsFile} does not list this file`;
    changed.push(strange(place, name, reason));
  }
  return changed;
}

export async function isProven(file: string, sum: string | undefined, proven: Proven): Promise<boolean> {
  const identity = await fileIdentity(file);
  if (identity === null || proven.has(identity)) return true;
  const isListed = ((await checksumFile(file)) ?? undefined) === sum;
  if (isListed) proven.add(identity);
  return isListed;
}

async function fileIdentity(file: string): Promise<string | null> {
  const stats = await lstat(file, { bigint: true }).catch(noFile);
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(" ");
}

export async function removeFiles(place: string, { files }: FolderKind): Promise<void> {
  for (const name of [...files, checksumsFile]) await unlink(path.join(place, name)).catch(noFile);
  await rmdir(place).catch(() => undefined); // a new file appeared: keep it
}

/** Whether the files identify this kind of folder, now or earlier: one of the two identifying files may be damaged. */
async function isOfKind(place: string, kind: FolderKind): Promise<boolean> {
  const identity = await readText(path.join(place, kind.identity), "text").catch(() => "");
  if (parsed(identity)?.["format"] === kind.format) return true;
  const sums = await readManifest(place);
  return sums?.has(kind.identity) === true && [...sums.keys()].every((name) => kind.files.includes(name));
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

export type FolderFiles = Readonly<Record<string, FileContent>>;

/** Replaces a folder atomically, or changes nothing. @throws CheckpointError if it has other files or is not writable */
export async function writeFolder(place: string, files: FolderFiles, kind: FolderKind): Promise<void> {
  const proven: Proven = new Set();
  const fresh = beginUnfinished(place);
  try {
    await assertReplaceable(place, kind, proven);
    makeFolders(fresh);
    await writeFiles(fresh, files, proven);
    await takePlace(fresh, place, kind, proven);
    await flushFolder(path.dirname(place));
    await removeLeft(place, kind);
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw cannotWrite(place, cause);
  } finally {
    endUnfinished(fresh);
  }
}

export async function assertReplaceable(place: string, kind: FolderKind, proven: Proven = new Set()): Promise<void> {
  const foreignFiles = await strangers(place, kind, proven);
  if (foreignFiles.length > 0) throw strangersError(foreignFiles, kind);
}

export async function writeFiles(folder: string, files: FolderFiles, proven: Proven): Promise<void> {
  const sums = new Map<string, string>();
  for (const [name, content] of Object.entries(files)) {
    sums.set(name, await writeHashed(path.join(folder, name), content, proven));
  }
  await writeHashed(path.join(folder, checksumsFile), manifestText(sums), proven);
  await flushFolder(folder);
}

async function writeHashed(file: string, content: FileContent, proven: Proven): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(file, "wx");
  try {
    const pieces = typeof content === "string" ? [Buffer.from(content)] : content;
    for (const piece of pieces instanceof Uint8Array ? [pieces] : pieces) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  proven.add((await fileIdentity(file)) as string);
  return hash.digest("hex");
}

const MOST_TURNS = 1000;
const MOST_PAUSE_MS = 20;

/** Another process may create a folder between the two renames: then that one is moved aside too. */
async function takePlace(fresh: string, place: string, kind: FolderKind, proven: Proven): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const aside = passingPath(place, "replaced");
    const replaced = await rename(place, aside).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return false;
      },
    );
    try {
      // Files verified before the move are known by their identity; new ones are read.
      if (replaced) await assertReplaceable(aside, kind, proven);
      await rename(fresh, place);
    } catch (error) {
      // If another folder has the place by now, the moved one is an earlier one.
      const isBack = replaced && (await succeeds(rename(aside, place)));
      if (replaced && !isBack && (await strangers(aside, kind)).length === 0) await removeFiles(aside, kind);
      const taken = ["ENOTEMPTY", "EEXIST", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (!taken || attempt >= MOST_TURNS) throw error;
      // Random delay: two writers with equal delays would collide every time.
      await sleep(Math.random() * Math.min(attempt + 1, MOST_PAUSE_MS));
      continue;
    }
    if (replaced) await removeFiles(aside, kind);
    return;
  }
}

/** Removes old temporary folders of killed processes: files of this kind, in folders with our names. */
async function removeLeft(place: string, kind: FolderKind): Promise<void> {
  const [folder, base] = [path.dirname(place), path.basename(place)];
  for (const name of await readdir(folder)) {
    if (!isPassing(name, "replaced", base) && !isPassing(name, "unfinished", base)) continue;
    const left = path.join(folder, name);
    const stats = await stat(left).catch(() => null);
    const isOld = stats !== null && Date.now() - Math.max(stats.ctimeMs, stats.mtimeMs) > leftMillis;
    if (!stats?.isDirectory() || !isOld) continue;
    if (isPassing(name, "replaced") && (await strangers(left, kind)).length > 0) continue;
    await removeFiles(left, kind);
  }
}

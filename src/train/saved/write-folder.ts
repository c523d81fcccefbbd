/** Writes to a temporary folder, flushed and renamed; replaces only folders that this project wrote. */

import { createHash } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolders } from "../../util/files/make-folders.js";
import {
  beginUnfinished,
  checksumsFile,
  endUnfinished,
  flushFolder,
  isPassing,
  manifestText,
  passingPath,
} from "../../util/unfinished.js";
import { type FileContent, leftMillis } from "../../util/write-whole.js";
import {
  cannotWrite,
  type FolderKind,
  fileIdentity,
  type Proven,
  removeFiles,
  strangers,
  strangersError,
} from "./read-folder.js";

export type FolderFiles = Readonly<Record<string, FileContent>>;

/**
 * Writes a folder atomically; replaces an existing one.
 * @throws CheckpointError if it contains a file that this project did not write, or cannot be written; the previous
 * content is then unchanged.
 */
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
      if (replaced) await putBack(aside, place, kind);
      const taken = ["ENOTEMPTY", "EEXIST", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (!taken || attempt >= MOST_TURNS) throw error;
      // Random delay: two writers with equal delays would collide every time.
      await sleep(Math.random() * Math.min(attempt + 1, MOST_PAUSE_MS));
      continue;
    }
    if (replaced) await removeFiles(aside, [...kind.files, checksumsFile]);
    return;
  }
}

/** If another folder has the place by now, the moved one is an earlier one. */
async function putBack(aside: string, place: string, kind: FolderKind): Promise<void> {
  const isBack = await rename(aside, place).then(
    () => true,
    () => false,
  );
  if (!isBack && (await strangers(aside, kind)).length === 0) await removeFiles(aside, [...kind.files, checksumsFile]);
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
    await removeFiles(left, [...kind.files, checksumsFile]);
  }
}

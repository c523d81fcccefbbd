/**
 * Recovers from killed trainings: handles the folders of their locks inside the held lock.
 */
import { access, readdir, rename, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { checksumsFile, type Manifest } from "../../../util/atomic/manifest.js";
import { isProven, type Proven, removeFiles, strangers } from "../folder/proof.js";
import { readManifest } from "../folder/read-folder.js";
import { beatFile } from "../lock/lease.js";
import type { FolderLock } from "../lock/lock.js";
import { fencedPrefix, heldFile, workNames } from "../lock/names.js";
import { ownerFile } from "../lock/owner.js";
import { runKind } from "../run.js";
import { checkpointStep } from "./places.js";
import { runNamesIn, setAside } from "./training-folder.js";

const runNames = [...runKind.files, checksumsFile];
const lockFiles = [ownerFile, beatFile, heldFile, workNames.linked];

/** The state of a recovery. */
interface Recovery {
  readonly root: string;
  readonly lock: FolderLock;
  readonly proven: Proven;
  readonly note: (text: string) => void;
}

/**
 * Empties the folders of dead locks. Files that were moved away and not replaced are restored; replaced or
 * incomplete files are removed.
 */
export async function recover(
  root: string,
  lock: FolderLock,
  proven: Proven,
  note: (text: string) => void,
): Promise<void> {
  for (const name of await readdir(lock.work)) {
    if (name.startsWith(fencedPrefix)) await recoverLock({ root, lock, proven, note }, name);
  }
  await restoreRun(root, lock, proven, note);
}

/** @param dead its path inside the lock's folder */
async function recoverLock(recovery: Recovery, dead: string): Promise<void> {
  const { root, lock } = recovery;
  const place = path.join(lock.work, dead);
  const names = await readdir(place).catch(() => null);
  if (names === null) return unlink(place); // the single file of an earlier version, whose content was checked
  for (const name of names) {
    const inner = path.join(dead, name);
    if (name.startsWith(fencedPrefix)) await recoverLock(recovery, inner);
    else if (name === workNames.fresh) await removeFiles(path.join(place, name), runNames);
    else if (name === workNames.oldRun) await recoverRun(recovery, inner);
    else if (name.startsWith(workNames.oldPrefix)) await recoverCheckpoint(recovery, inner);
    else if (lockFiles.includes(name) || name.startsWith("alive-")) await unlink(path.join(place, name));
  }
  await rmdir(place).catch(() => setAside(root, lock, dead, "training.lock", recovery.note));
}

async function recoverCheckpoint(recovery: Recovery, old: string): Promise<void> {
  const { root, lock, proven, note } = recovery;
  const name = path.basename(old).slice(workNames.oldPrefix.length);
  const from = path.join(lock.work, old);
  // The identifying file is removed first.
  const isWhole = checkpointStep(name) !== null && (await exists(path.join(from, runKind.identity)));
  if (isWhole && !(await exists(path.join(root, name)))) {
    return rename(from, path.join(root, name));
  }
  if ((await strangers(from, runKind, proven)).length === 0) await removeFiles(from, runNames);
  if (await exists(from)) await setAside(root, lock, old, name, note);
}

/** The run in the root was being replaced: restore it unless the other one is complete there. */
async function recoverRun(recovery: Recovery, old: string): Promise<void> {
  const { root, lock, proven, note } = recovery;
  const from = path.join(lock.work, old);
  if (await hasRun(root)) {
    if ((await strangers(from, runKind, proven)).length === 0) await removeFiles(from, runNames);
  } else {
    const taken = await readdir(from);
    // The list is moved last: without it, the root contains what was not moved yet.
    if (taken.includes(checksumsFile)) await removeCopies(root, proven);
    const rootNames = await runNamesIn(root);
    for (const name of taken.filter((each) => !rootNames.includes(each))) {
      await rename(path.join(from, name), path.join(root, name));
    }
    await rmdir(from).catch(() => undefined);
  }
  if (await exists(from)) await setAside(root, lock, old, "run", note);
}

/** After a run could not be moved into the root. */
export async function restoreRun(
  root: string,
  lock: FolderLock,
  proven: Proven,
  note: (text: string) => void,
): Promise<void> {
  const old = path.join(lock.work, workNames.oldRun);
  if (await exists(old)) await recoverRun({ root, lock, proven, note }, workNames.oldRun);
  else if (!(await hasRun(root))) await removeCopies(root, proven);
}

/** Removes files of the root that a checkpoint contains completely too. */
async function removeCopies(root: string, proven: Proven): Promise<void> {
  const checkpoints = (await readdir(root)).filter((name) => checkpointStep(name) !== null);
  for (const checkpoint of checkpoints.map((name) => path.join(root, name))) {
    const list = await readManifest(checkpoint);
    if (list === null) continue;
    for (const name of await runNamesIn(root)) {
      const isCopy =
        name === checksumsFile
          ? isSameList(list, await readManifest(root))
          : await areProven(list.get(name), [path.join(checkpoint, name), path.join(root, name)], proven);
      if (isCopy) await unlink(path.join(root, name));
    }
  }
}

async function areProven(sum: string | undefined, files: readonly string[], proven: Proven): Promise<boolean> {
  if (sum === undefined) return false;
  for (const file of files) if (!(await exists(file)) || !(await isProven(file, [sum], proven))) return false;
  return true;
}

function isSameList(list: Manifest, other: Manifest | null): boolean {
  const text = (of: Manifest): string => JSON.stringify([...of].sort());
  return other !== null && text(list) === text(other);
}

function hasRun(root: string): Promise<boolean> {
  return exists(path.join(root, runKind.identity));
}

function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

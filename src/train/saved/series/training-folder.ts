/**
 * Changes to a training's folder, each by renames out of or into its lock's folder. So a kill in between can be
 * recovered, a process without the lock changes nothing, and files that this project did not write are never
 * removed.
 */
import { access, copyFile, link, mkdir, readdir, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { flushFolder } from "../../../util/atomic/flush.js";
import { checksumsFile } from "../../../util/atomic/manifest.js";
import { passingPath } from "../../../util/atomic/unfinished.js";
import { cannotWrite } from "../folder/errors.js";
import { type Proven, removeFiles, strangers } from "../folder/proof.js";
import { type FolderFiles, writeFiles } from "../folder/write-folder.js";
import type { FolderLock } from "../lock/lock.js";
import { workNames } from "../lock/names.js";
import { runKind } from "../run.js";

const runNames = [...runKind.files, checksumsFile];

/** A training's folder with a held lock. */
export interface TrainingFolder {
  readonly root: string;
  readonly proven: Proven;
  /** Writes a run as the folder `name` in the root; replaces an existing one. */
  write(name: string, files: FolderFiles): Promise<void>;
  /** Makes the folder `name` the run in the root; replaces the existing one. */
  promote(name: string): Promise<void>;
  /** Removes the folder `name`, or the run in the root (`null`). */
  remove(name: string | null): Promise<void>;
}

/** @param note called for files that were not removed */
export function trainingFolder(root: string, lock: FolderLock, note: (text: string) => void): TrainingFolder {
  const proven: Proven = new Set();
  const at = (...names: string[]): string => path.join(lock.work, ...names);
  const keepStranger = (work: string, name: string) => setAside(root, lock, work, name, note);
  const discard = async (work: string, name: string): Promise<void> => {
    if ((await strangers(at(work), runKind, proven)).length === 0) await removeFiles(at(work), runNames);
    if (await exists(at(work))) await keepStranger(work, name);
  };
  const takeRun = async (): Promise<boolean> => {
    const names = await runNamesIn(root);
    if (names.length === 0) return false;
    await mkdir(at(workNames.oldRun));
    for (const name of names) await lock.take(path.join(root, name), path.join(workNames.oldRun, name));
    return true;
  };
  const changes: TrainingFolder = {
    root,
    proven,
    async write(name, files) {
      const place = path.join(root, name);
      const old = `${workNames.oldPrefix}${name}`;
      let replaced = false;
      try {
        await mkdir(at(workNames.fresh));
        await writeFiles(at(workNames.fresh), files, proven);
        if (await exists(place)) {
          await lock.take(place, old);
          replaced = true;
        }
        await lock.publish(workNames.fresh, place);
      } catch (error) {
        if (replaced) await rename(at(old), place).catch(() => undefined);
        await removeFiles(at(workNames.fresh), runNames);
        throw error;
      }
      await flushFolder(root);
      if (replaced) await discard(old, name);
    },
    async promote(name) {
      const replaced = await takeRun();
      for (const file of inOrder(await readdir(path.join(root, name)), "added")) {
        const source = path.join(root, name, file);
        await unlink(at(workNames.linked)).catch(() => undefined);
        await link(source, at(workNames.linked)).catch(() => copyFile(source, at(workNames.linked)));
        await lock.publish(workNames.linked, path.join(root, file));
      }
      await flushFolder(root);
      if (replaced) await discard(workNames.oldRun, "run");
    },
    async remove(name) {
      if (name === null) {
        if (await takeRun()) await discard(workNames.oldRun, "run");
        return;
      }
      await lock.take(path.join(root, name), `${workNames.oldPrefix}${name}`);
      await discard(`${workNames.oldPrefix}${name}`, name);
    },
  };
  return explained(changes, lock);
}

/** Files of a run in a training's root, in the order of their removal. */
export async function runNamesIn(root: string): Promise<string[]> {
  const names = await readdir(root);
  return inOrder(
    names.filter((name) => runNames.includes(name)),
    "taken",
  );
}

/** The identifying file is removed first and added last; the list proves the others, so it is present with them. */
function inOrder(names: readonly string[], which: "taken" | "added"): string[] {
  const rank = (name: string): number => (name === runKind.identity ? 0 : name === checksumsFile ? 2 : 1);
  const added = (name: string): number => (name === runKind.identity ? 3 : rank(name));
  return [...names].sort((a, b) => (which === "taken" ? rank(a) - rank(b) : added(a) - added(b)));
}

/** Moves files that must not be removed to another name in the same folder. */
export async function setAside(
  root: string,
  lock: Pick<FolderLock, "work">,
  work: string,
  name: string,
  note: (text: string) => void,
): Promise<void> {
  const asidePath = passingPath(path.join(root, name), "damaged");
  await rename(path.join(lock.work, work), asidePath);
  note(`${asidePath}: moved out of the way and kept: it contains files that are damaged, or that pepnet did not write`);
}

/** Converts every failure to a CheckpointError, first that of a lost lock. */
function explained(folder: TrainingFolder, lock: FolderLock): TrainingFolder {
  const tell =
    (place: string) =>
    async (error: unknown): Promise<never> => {
      throw cannotWrite(place, await lock.explain(error));
    };
  const at = (name: string | null): string => (name === null ? folder.root : path.join(folder.root, name));
  return {
    ...folder,
    write: (name, files) => folder.write(name, files).catch(tell(at(name))),
    promote: (name) => folder.promote(name).catch(tell(folder.root)),
    remove: (name) => folder.remove(name).catch(tell(at(name))),
  };
}

function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

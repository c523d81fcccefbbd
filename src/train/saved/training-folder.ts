/**
 * Changes to a training's folder, each by renames out of or into its lock's folder. So a kill in between can be
 * recovered, a process without the lock changes nothing, and files that this project did not write are never
 * removed.
 */
import { copyFile, link, mkdir, readdir, rename, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { flushFolder } from "../../util/atomic/flush.js";
import { checksumsFile, type Manifest } from "../../util/atomic/manifest.js";
import { passingPath } from "../../util/atomic/unfinished.js";
import { beatFile, exists, type FolderLock, fencedPrefix, heldFile, ownerFile, workNames } from "./lock.js";
import { checkpointStep } from "./places.js";
import { cannotWrite, isProven, type Proven, readManifest, removeFiles, strangers } from "./read-folder.js";
import { runKind } from "./run.js";
import { type FolderFiles, writeFiles } from "./write-folder.js";

const runNames = [...runKind.files, checksumsFile];
const lockFiles = [ownerFile, beatFile, heldFile, workNames.linked];

export class TrainingFolder {
  readonly proven: Proven = new Set();
  readonly #lock: FolderLock;
  readonly #note: (text: string) => void;

  constructor(
    readonly root: string,
    lock: FolderLock,
    note: (text: string) => void,
  ) {
    this.#lock = lock;
    this.#note = note;
  }

  async write(name: string, files: FolderFiles): Promise<void> {
    const place = path.join(this.root, name);
    const old = `${workNames.oldPrefix}${name}`;
    const fresh = this.#at(workNames.fresh);
    let replaced = false;
    try {
      await mkdir(fresh);
      await writeFiles(fresh, files, this.proven);
      if (await exists(place)) {
        await this.#lock.take(place, old);
        replaced = true;
      }
      await this.#lock.publish(workNames.fresh, place);
      await flushFolder(this.root);
      if (replaced) await this.#discard(old, name);
    } catch (error) {
      // Nothing to undo after the publication: these two then do nothing.
      if (replaced && !(await exists(place))) await rename(this.#at(old), place).catch(() => undefined);
      await removeFiles(fresh, runNames);
      throw await this.#explained(place, error);
    }
  }

  async promote(name: string): Promise<void> {
    try {
      const replaced = await this.#takeRun();
      for (const file of inOrder(await readdir(path.join(this.root, name)), "added")) {
        const source = path.join(this.root, name, file);
        const copy = this.#at(workNames.linked);
        await unlink(copy).catch(() => undefined);
        await link(source, copy).catch(() => copyFile(source, copy));
        await this.#lock.publish(workNames.linked, path.join(this.root, file));
      }
      await flushFolder(this.root);
      if (replaced) await this.#discard(workNames.oldRun, "run");
    } catch (error) {
      const problem = await this.#explained(this.root, error);
      await this.#restoreRun().catch(() => undefined);
      throw problem;
    }
  }

  async remove(name: string | null): Promise<void> {
    try {
      if (name !== null) {
        await this.#lock.take(path.join(this.root, name), `${workNames.oldPrefix}${name}`);
        await this.#discard(`${workNames.oldPrefix}${name}`, name);
      } else if (await this.#takeRun()) await this.#discard(workNames.oldRun, "run");
    } catch (error) {
      throw await this.#explained(name === null ? this.root : path.join(this.root, name), error);
    }
  }

  /** Empties folders of dead locks: files that were moved away and not replaced are restored, others removed. */
  async recover(): Promise<void> {
    for (const name of await readdir(this.#lock.work)) {
      if (name.startsWith(fencedPrefix)) await this.#recoverLock(name);
    }
    await this.#restoreRun();
  }

  #at(...names: string[]): string {
    return path.join(this.#lock.work, ...names);
  }

  async #explained(place: string, error: unknown): Promise<unknown> {
    return cannotWrite(place, await this.#lock.explain(error));
  }

  async #takeRun(): Promise<boolean> {
    const names = await runNamesIn(this.root);
    if (names.length === 0) return false;
    await mkdir(this.#at(workNames.oldRun));
    for (const name of names) {
      await this.#lock.take(path.join(this.root, name), path.join(workNames.oldRun, name));
    }
    return true;
  }

  /** Removes a run in the lock's folder, or moves it back beside the place `name` if not all its files are ours. */
  async #discard(work: string, name: string): Promise<void> {
    if ((await strangers(this.#at(work), runKind, this.proven)).length === 0) {
      await removeFiles(this.#at(work), runNames);
    }
    if (await exists(this.#at(work))) await this.#setAside(work, name);
  }

  async #setAside(work: string, name: string): Promise<void> {
    const aside = passingPath(path.join(this.root, name), "damaged");
    await rename(this.#at(work), aside);
    this.#note(
      `${aside}: moved out of the way and kept: it contains files that are damaged, or that pepnet did not write`,
    );
  }

  async #recoverLock(dead: string): Promise<void> {
    const place = this.#at(dead);
    const names = await readdir(place).catch(() => null);
    if (names === null) return unlink(place); // the single file of the first version, whose content was checked
    for (const name of names) {
      const inner = path.join(dead, name);
      if (name.startsWith(fencedPrefix)) await this.#recoverLock(inner);
      else if (name === workNames.fresh) await removeFiles(path.join(place, name), runNames);
      else if (name === workNames.oldRun) await this.#recoverRun(inner);
      else if (name.startsWith(workNames.oldPrefix)) await this.#recoverCheckpoint(inner);
      // Earlier versions had a socket there.
      else if (lockFiles.includes(name) || name.startsWith("alive-")) await unlink(path.join(place, name));
    }
    await rmdir(place).catch(() => this.#setAside(dead, "training.lock"));
  }

  async #recoverCheckpoint(old: string): Promise<void> {
    const name = path.basename(old).slice(workNames.oldPrefix.length);
    // The identifying file is removed first.
    const isWhole = checkpointStep(name) !== null && (await exists(this.#at(old, runKind.identity)));
    const place = path.join(this.root, name);
    if (isWhole && !(await exists(place))) await rename(this.#at(old), place);
    else await this.#discard(old, name);
  }

  /** The run in the root was being replaced: restore it unless the other one is complete there. */
  async #recoverRun(old: string): Promise<void> {
    if (await this.#hasRun()) return this.#discard(old, "run");
    const taken = await readdir(this.#at(old));
    // The list is moved last: without it, the root contains what was not moved yet.
    if (taken.includes(checksumsFile)) await this.#removeCopies();
    const rootNames = await runNamesIn(this.root);
    for (const name of taken.filter((each) => !rootNames.includes(each))) {
      await rename(this.#at(old, name), path.join(this.root, name));
    }
    await rmdir(this.#at(old)).catch(() => this.#setAside(old, "run"));
  }

  async #restoreRun(): Promise<void> {
    if (await exists(this.#at(workNames.oldRun))) await this.#recoverRun(workNames.oldRun);
    else if (!(await this.#hasRun())) await this.#removeCopies();
  }

  #hasRun(): Promise<boolean> {
    return exists(path.join(this.root, runKind.identity));
  }

  async #removeCopies(): Promise<void> {
    const { root, proven } = this;
    for (const checkpoint of (await readdir(root)).filter((name) => checkpointStep(name) !== null)) {
      const list = await readManifest(path.join(root, checkpoint));
      if (list === null) continue;
      for (const name of await runNamesIn(root)) {
        const files = [path.join(root, checkpoint, name), path.join(root, name)];
        const isCopy =
          name === checksumsFile
            ? isSameList(list, await readManifest(root))
            : await areProven(list.get(name), files, proven);
        if (isCopy) await unlink(path.join(root, name));
      }
    }
  }
}

export async function runNamesIn(root: string): Promise<string[]> {
  const names = await readdir(root);
  return inOrder(
    names.filter((name) => runNames.includes(name)),
    "taken",
  );
}

/** The identifying file is removed first and added last; the list proves the others, so it is present with them. */
function inOrder(names: readonly string[], which: "taken" | "added"): string[] {
  const identity = which === "taken" ? 0 : 3;
  const rank = (name: string): number => (name === runKind.identity ? identity : name === checksumsFile ? 2 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b));
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

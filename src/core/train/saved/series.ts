/** The checkpoints of one training in one folder, and finally the run itself: the newest few, and the best. */
import { copyFile, link, lstat, mkdir, readdir, rename, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { CheckpointError, PepnetError } from "../../errors/index.js";
import { checksumsFile, type Manifest } from "../../util/files/checksums.js";
import { flushFolder } from "../../util/files/flush.js";
import { passingPath } from "../../util/unfinished.js";
import {
  cannotWrite,
  changedFiles,
  isProven,
  type Proven,
  readManifest,
  removeFiles,
  type Strange,
  strangers,
  strangersByName,
  strangersError,
  writeFiles,
} from "./folder.js";
import { beatFile, exists, type FolderLock, isLock, lockFolder, workNames } from "./lock.js";
import {
  bestPlace,
  checkpointContents,
  checkpointPlaces,
  checkpointStep,
  readCheckpoint,
  runKind,
  type SavedCheckpoint,
} from "./run.js";

const runNames = [...runKind.files, checksumsFile];

/** What to do with an existing run in the folder. */
export type ExistingRun = "refuse" | "resume" | "overwrite";

export interface SeriesOptions {
  readonly existing?: ExistingRun;
  /** Number of the newest checkpoints to keep, including the final run, in addition to the best. Default 2. */
  readonly keep?: number;
  readonly note?: (text: string) => void;
}

const defaultKeep = 2;

/** @throws CheckpointError for a run and `refuse`, others' files, nothing to resume, or another training's lock */
export async function openSeries(folder: string, options: SeriesOptions = {}): Promise<CheckpointSeries> {
  const root = path.resolve(folder);
  await assertTrainable(root, folder, options.existing);
  const lock = await lockFolder(root, folder);
  const series = new CheckpointSeries(folder, root, lock, options);
  try {
    await series.open();
    return series;
  } catch (error) {
    await lock.free();
    throw error;
  }
}

/** Changes the folder only by renames out of or into its lock's folder, so that any kill can be recovered. */
export class CheckpointSeries {
  /** The checkpoint to resume from; `null`: a new training. */
  from: SavedCheckpoint | null = null;
  readonly #passedOver: string[] = [];
  readonly #proven: Proven = new Set();
  /** Checkpoints with files that are not removed; each is reported once. */
  readonly #left = new Set<string>();

  constructor(
    readonly folder: string,
    private readonly root: string,
    private readonly lock: FolderLock,
    private readonly options: SeriesOptions,
  ) {}

  async open(): Promise<void> {
    const { existing = "refuse" } = this.options;
    await this.#recover();
    await assertTrainable(this.root, this.folder, existing); // the run of a killed training may have been restored
    await refuseStrangers(this.root, existing, this.#proven);
    if (existing === "resume") await this.#findNewest();
  }

  async begin(): Promise<void> {
    if (this.options.existing !== "overwrite") return;
    for (const { place } of await checkpointPlaces(this.root)) await this.#remove(place);
  }

  async save(saved: SavedCheckpoint, last: boolean): Promise<void> {
    const step = saved.checkpoint.progress.steps;
    const place = path.join(this.root, `checkpoint-${step}`);
    await this.#write(place, saved);
    if (last) {
      await this.#refuseLonger(step);
      await this.#promote(place);
      await this.#remove(place);
    }
    await this.#prune();
  }

  isLost(): Promise<boolean> {
    return this.lock.isLost();
  }

  close(): Promise<void> {
    return this.lock.free();
  }

  async #findNewest(): Promise<void> {
    let first: unknown = null;
    for (const { place } of await checkpointPlaces(this.root)) {
      try {
        this.from = await readCheckpoint(place);
        return;
      } catch (error) {
        if (!(error instanceof PepnetError)) throw error;
        first ??= error;
        this.#passedOver.push(place);
        this.options.note?.(`${error.message.split("\n")[0]}; an earlier checkpoint is used instead`);
      }
    }
    if (first !== null) throw first;
  }

  async #refuseLonger(step: number): Promise<void> {
    const top = (await checkpointPlaces(this.root)).find(({ place }) => place === this.root);
    if (top === undefined || top.step <= step || this.#passedOver.includes(this.root)) return;
    throw new CheckpointError({
      path: this.folder,
      message: "the folder contains a longer run, which was not replaced",
      received: `a run of ${step} steps`,
      expected: `more than the ${top.step} steps of the existing run`,
      fix: `this run is saved completely in ${path.join(this.folder, `checkpoint-${step}`)}: move it to another folder`,
    });
  }

  async #prune(): Promise<void> {
    const places = await checkpointPlaces(this.root);
    const best = await bestPlace(places);
    for (const { place } of places.slice(this.options.keep ?? defaultKeep)) {
      if (place === best || place === this.root || this.#left.has(place)) continue;
      const [strange] = await strangers(place, runKind, this.#proven);
      if (strange === undefined) await this.#remove(place);
      else {
        this.#left.add(place);
        this.options.note?.(`${strange.file}: ${strange.reason}; its checkpoint is kept`);
      }
    }
  }

  async #write(place: string, saved: SavedCheckpoint): Promise<void> {
    const name = path.basename(place);
    const old = `${workNames.oldPrefix}${name}`;
    const fresh = this.#at(workNames.fresh);
    let replaced = false;
    try {
      await mkdir(fresh);
      await writeFiles(fresh, checkpointContents(saved), this.#proven);
      if (await exists(place)) {
        await this.lock.move(place, this.#at(old));
        replaced = true;
      }
      await this.lock.move(fresh, place);
      await flushFolder(this.root);
      if (replaced) await this.#discard(old, name);
    } catch (error) {
      // Nothing to undo after the publication: these two then do nothing.
      if (replaced && !(await exists(place))) await rename(this.#at(old), place).catch(() => undefined);
      await removeFiles(fresh, runKind);
      throw await this.#explained(place, error);
    }
  }

  async #promote(checkpoint: string): Promise<void> {
    try {
      const replaced = await this.#takeRun();
      for (const file of inOrder(await readdir(checkpoint), "added")) {
        const source = path.join(checkpoint, file);
        const copy = this.#at(workNames.linked);
        await unlink(copy).catch(() => undefined);
        await link(source, copy).catch(() => copyFile(source, copy));
        await this.lock.move(copy, path.join(this.root, file));
      }
      await flushFolder(this.root);
      if (replaced) await this.#discard(workNames.oldRun, "run");
    } catch (error) {
      const problem = await this.#explained(this.root, error);
      await this.#restoreRun().catch(() => undefined);
      throw problem;
    }
  }

  async #remove(place: string): Promise<void> {
    const name = path.basename(place);
    const old = `${workNames.oldPrefix}${name}`;
    try {
      if (place !== this.root) {
        await this.lock.move(place, this.#at(old));
        await this.#discard(old, name);
      } else if (await this.#takeRun()) await this.#discard(workNames.oldRun, "run");
    } catch (error) {
      throw await this.#explained(place, error);
    }
  }

  #at(...names: string[]): string {
    return path.join(this.lock.work, ...names);
  }

  async #explained(place: string, error: unknown): Promise<unknown> {
    return cannotWrite(place, await this.lock.explain(error));
  }

  async #takeRun(): Promise<boolean> {
    const names = await runNamesIn(this.root);
    if (names.length === 0) return false;
    await mkdir(this.#at(workNames.oldRun));
    for (const name of names) await this.lock.move(path.join(this.root, name), this.#at(workNames.oldRun, name));
    return true;
  }

  /** Removes a run in the lock's folder, or moves it back beside the place `name` if not all its files are ours. */
  async #discard(work: string, name: string): Promise<void> {
    if ((await strangers(this.#at(work), runKind, this.#proven)).length === 0) {
      await removeFiles(this.#at(work), runKind);
    }
    if (await exists(this.#at(work))) await this.#setAside(work, name);
  }

  async #setAside(work: string, name: string): Promise<void> {
    const aside = passingPath(path.join(this.root, name), "damaged");
    await rename(this.#at(work), aside);
    this.options.note?.(
      `${aside}: moved out of the way and kept: it contains files that are damaged, or that pepnet did not write`,
    );
  }

  /** After a process was killed: files that it moved away and did not replace are restored, and others are removed. */
  async #recover(): Promise<void> {
    for (const name of await readdir(this.lock.work)) {
      if (name === workNames.fresh) await removeFiles(this.#at(name), runKind);
      else if (name === workNames.linked) await unlink(this.#at(name));
      else if (name.startsWith(workNames.oldPrefix) && name !== workNames.oldRun) await this.#recoverCheckpoint(name);
    }
    await this.#restoreRun();
    for (const name of await readdir(this.lock.work)) if (name !== beatFile) await this.#setAside(name, name);
  }

  async #recoverCheckpoint(old: string): Promise<void> {
    const name = old.slice(workNames.oldPrefix.length);
    // The identifying file is removed first.
    const isWhole = checkpointStep(name) !== null && (await exists(this.#at(old, runKind.identity)));
    const place = path.join(this.root, name);
    if (isWhole && !(await exists(place))) await rename(this.#at(old), place);
    else await this.#discard(old, name);
  }

  /** The run in the root was being replaced: restore it unless the other one is complete there. */
  async #recoverRun(): Promise<void> {
    const old = workNames.oldRun;
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
    if (await exists(this.#at(workNames.oldRun))) await this.#recoverRun();
    else if (!(await this.#hasRun())) await this.#removeCopies();
  }

  #hasRun(): Promise<boolean> {
    return exists(path.join(this.root, runKind.identity));
  }

  async #removeCopies(): Promise<void> {
    const { root } = this;
    for (const checkpoint of (await readdir(root)).filter((name) => checkpointStep(name) !== null)) {
      const list = await readManifest(path.join(root, checkpoint));
      if (list === null) continue;
      for (const name of await runNamesIn(root)) {
        const files = [path.join(root, checkpoint, name), path.join(root, name)];
        const isCopy =
          name === checksumsFile
            ? isSameList(list, await readManifest(root))
            : await areProven(list.get(name), files, this.#proven);
        if (isCopy) await unlink(path.join(root, name));
      }
    }
  }
}

async function runNamesIn(root: string): Promise<string[]> {
  return inOrder(
    (await readdir(root)).filter((name) => runNames.includes(name)),
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
  for (const file of files) if (!(await exists(file)) || !(await isProven(file, sum, proven))) return false;
  return true;
}

function isSameList(list: Manifest, other: Manifest | null): boolean {
  const text = (of: Manifest): string => JSON.stringify([...of].sort());
  return other !== null && text(list) === text(other);
}

async function assertTrainable(root: string, folder: string, existing: ExistingRun = "refuse"): Promise<void> {
  const names = (await readdir(root).catch(refuseFile)).filter((name) => !isLock(name));
  if (names.length === 0) return;
  if ((await checkpointPlaces(root)).length === 0) {
    throw new CheckpointError({
      path: folder,
      message: "the folder contains something that is not a saved run; nothing was overwritten",
      received: names.slice(0, 5).join(", "),
      expected: "a new folder, or one written by a training",
      fix: "choose another folder",
    });
  }
  if (existing !== "refuse") return;
  throw new CheckpointError({
    path: folder,
    message: "the folder already contains a run; nothing was trained",
    expected: "a new folder",
    fix: "use resume to continue it, overwrite to replace it, or choose another folder",
    kind: "folder contains a run",
  });

  function refuseFile(error: NodeJS.ErrnoException): string[] {
    if (error.code === "ENOENT") return [];
    const fix = "choose another folder";
    throw new CheckpointError({ path: folder, message: "not a folder", received: error.message, fix, cause: error });
  }
}

/** To resume, the identifying files must be ours; to overwrite, all bytes must match. */
async function refuseStrangers(root: string, existing: ExistingRun, proven: Proven): Promise<void> {
  const foreignFiles: Strange[] = [];
  for (const name of await readdir(root)) {
    if (checkpointStep(name) === null) continue;
    const place = path.join(root, name);
    if (!(await lstat(place)).isDirectory()) foreignFiles.push({ file: place, reason: "not a pepnet checkpoint" });
    else if (existing === "overwrite") foreignFiles.push(...(await strangers(place, runKind, proven)));
    else foreignFiles.push(...(await strangersByName(place, runKind)));
  }
  const top = await runNamesIn(root);
  const unknown = await strangersByName(root, runKind, top);
  foreignFiles.push(...unknown);
  if (existing === "overwrite" && unknown.length === 0 && top.length > 0) {
    foreignFiles.push(...(await changedFiles(root, top, (await readManifest(root)) ?? new Map(), proven)));
  }
  if (foreignFiles.length > 0) throw strangersError(foreignFiles, { ...runKind, writer: "a training" });
}

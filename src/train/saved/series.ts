/**
 * The checkpoints of one training in one folder: `checkpoint-470` and so on during training, and finally the run
 * itself in the folder. Keeps the newest few and the best by its evaluation.
 */
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { CheckpointError, PepnetError } from "../../errors/index.js";
import { checkpointContents, readCheckpoint, type SavedCheckpoint } from "./checkpoint.js";
import { type FolderLock, isLock, lockFolder } from "./lock.js";
import { bestPlace, checkpointPlaces, checkpointStep } from "./places.js";
import {
  changedFiles,
  type Proven,
  readManifest,
  type Strange,
  strangers,
  strangersByName,
  strangersError,
} from "./read-folder.js";
import { runKind } from "./run.js";
import { runNamesIn, TrainingFolder } from "./training-folder.js";

/** What to do with an existing run in the folder. */
export type ExistingRun = "refuse" | "resume" | "overwrite";

export interface SeriesOptions {
  /** Default: `refuse`. */
  readonly existing?: ExistingRun;
  /** Number of the newest checkpoints to keep, including the final run, in addition to the best. Default 2. */
  readonly keep?: number;
  readonly note?: (text: string) => void;
  /** Aborts the wait for a lock of another machine that may be gone. */
  readonly signal?: AbortSignal | undefined;
}

const defaultKeep = 2;

/**
 * Opens a folder for a training.
 * @throws CheckpointError if it contains a run and `existing` is `refuse`, if another program's file conflicts, if
 * nothing in it can be resumed, or if another process trains in it.
 */
export async function openSeries(folder: string, options: SeriesOptions = {}): Promise<CheckpointSeries> {
  const { existing = "refuse", note = () => undefined, signal } = options;
  const root = path.resolve(folder);
  await assertTrainable(root, folder, existing);
  const lock = await lockFolder(root, folder, { note, signal });
  try {
    const changes = new TrainingFolder(root, lock, note);
    await changes.recover();
    await assertTrainable(root, folder, existing); // the run of a killed training may have been restored
    await refuseStrangers(root, existing, changes.proven);
    const start = existing === "resume" ? await newestWhole(root, note) : { from: null, passedOver: [] };
    return new CheckpointSeries(folder, options, lock, changes, start);
  } catch (error) {
    await lock.free();
    throw error;
  }
}

export class CheckpointSeries {
  readonly folder: string;
  readonly from: SavedCheckpoint | null;
  readonly #options: SeriesOptions;
  readonly #lock: FolderLock;
  readonly #changes: TrainingFolder;
  readonly #passedOver: readonly string[];
  /** Checkpoints with files that are not removed; each is reported once. */
  readonly #left = new Set<string>();

  constructor(folder: string, options: SeriesOptions, lock: FolderLock, changes: TrainingFolder, start: Found) {
    this.folder = folder;
    this.from = start.from;
    this.#options = options;
    this.#lock = lock;
    this.#changes = changes;
    this.#passedOver = start.passedOver;
  }

  async begin(): Promise<void> {
    if (this.#options.existing !== "overwrite") return;
    for (const { place } of await checkpointPlaces(this.#changes.root)) await this.#remove(place);
  }

  async save(saved: SavedCheckpoint, last: boolean): Promise<void> {
    const step = saved.checkpoint.progress.steps;
    const name = `checkpoint-${step}`;
    await this.#changes.write(name, checkpointContents(saved));
    if (last) {
      await this.#refuseLonger(step);
      await this.#changes.promote(name);
      await this.#changes.remove(name);
    }
    await this.#prune();
  }

  /** Whether another training has taken over the folder, so that nothing can be saved any more. */
  isLost(): Promise<boolean> {
    return this.#lock.isLost();
  }

  close(): Promise<void> {
    return this.#lock.free();
  }

  #remove(place: string): Promise<void> {
    const { root } = this.#changes;
    return this.#changes.remove(place === root ? null : path.relative(root, place));
  }

  /** A longer run is not replaced by a shorter one unless it is damaged. */
  async #refuseLonger(step: number): Promise<void> {
    const { root } = this.#changes;
    const top = (await checkpointPlaces(root)).find(({ place }) => place === root);
    if (top === undefined || top.step <= step || this.#passedOver.includes(root)) return;
    throw new CheckpointError({
      path: this.folder,
      message: "the folder contains a longer run, which was not replaced",
      received: `a run of ${step} steps`,
      expected: `more than the ${top.step} steps of the existing run`,
      fix: `this run is saved completely in ${path.join(this.folder, `checkpoint-${step}`)}: move it to another folder`,
    });
  }

  async #prune(): Promise<void> {
    const { root, proven } = this.#changes;
    const places = await checkpointPlaces(root);
    const best = await bestPlace(places);
    for (const { place } of places.slice(this.#options.keep ?? defaultKeep)) {
      if (place === best || place === root || this.#left.has(place)) continue;
      const [strange] = await strangers(place, runKind, proven);
      if (strange === undefined) await this.#remove(place);
      else {
        this.#left.add(place);
        this.#options.note?.(`${strange.file}: ${strange.reason}; its checkpoint is kept`);
      }
    }
  }
}

async function assertTrainable(root: string, folder: string, existing: ExistingRun): Promise<void> {
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
    throw new CheckpointError(
      { path: folder, message: "not a folder", received: error.message, fix: "choose another folder" },
      { cause: error },
    );
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

interface Found {
  readonly from: SavedCheckpoint | null;
  readonly passedOver: readonly string[];
}

async function newestWhole(root: string, note: (text: string) => void): Promise<Found> {
  const passedOver: string[] = [];
  let first: unknown = null;
  for (const { place } of await checkpointPlaces(root)) {
    try {
      return { from: await readCheckpoint(place), passedOver };
    } catch (error) {
      first ??= error;
      passedOver.push(place);
      if (error instanceof PepnetError) note(`${error.message.split("\n")[0]}; an earlier checkpoint is used instead`);
      else throw error;
    }
  }
  if (first !== null) throw first;
  return { from: null, passedOver };
}

/**
 * The checkpoints of one training in one folder: `checkpoint-470` and the like while it goes on, and at its end the run
 * itself, in the folder. The newest few are kept, and the best by its evaluation.
 */
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { CheckpointError, PepnetError } from "../../../errors/index.js";
import { checkpointContents, readCheckpoint, type SavedCheckpoint } from "../checkpoint.js";
import { type Strange, strangersError } from "../folder/errors.js";
import { changedFiles, type Proven, strangers, strangersByName } from "../folder/proof.js";
import { readManifest } from "../folder/read-folder.js";
import { type FolderLock, lockFolder } from "../lock/lock.js";
import { isLock } from "../lock/names.js";
import { runKind } from "../run.js";
import { bestPlace, checkpointPlaces, checkpointStep } from "./places.js";
import { recover, restoreRun } from "./recover.js";
import { runNamesIn, type TrainingFolder, trainingFolder } from "./training-folder.js";

/** What to do with a run that is in the folder already. */
export type ExistingRun = "refuse" | "resume" | "overwrite";

/** How a training keeps its checkpoints. */
export interface SeriesOptions {
  /** Default: `refuse`. */
  readonly existing?: ExistingRun;
  /** So many of the newest are kept, the run at the end included, beside the best. Default 2. */
  readonly keep?: number;
  /** Told of what was passed over, such as a damaged checkpoint. */
  readonly note?: (text: string) => void;
  /** Ends the wait for a lock of another machine that may be gone. */
  readonly signal?: AbortSignal | undefined;
}

/** A training's folder, held for this training alone until it is closed. */
export interface CheckpointSeries {
  readonly folder: string;
  /** Where training goes on from; `null`: it starts. */
  readonly from: SavedCheckpoint | null;
  /** Training begins: what `overwrite` replaces is removed. */
  begin(): Promise<void>;
  /** Saves a checkpoint; the `last` one becomes the run in the folder. */
  save(saved: SavedCheckpoint, last: boolean): Promise<void>;
  /** Whether another training has taken the folder over: nothing can be saved any more. */
  isLost(): Promise<boolean>;
  close(): Promise<void>;
}

const defaultKeep = 2;

/**
 * Opens a folder for a training.
 *
 * @throws CheckpointError where it holds a run and `existing` is `refuse`, where a file of another program is in the way,
 * where nothing in it can be gone on from, or where another process trains into it.
 */
export async function openSeries(folder: string, options: SeriesOptions = {}): Promise<CheckpointSeries> {
  const { existing = "refuse", keep = defaultKeep, note = () => undefined, signal } = options;
  const root = path.resolve(folder);
  await assertTrainable(root, folder, existing);
  const lock = await lockFolder(root, folder, { note, signal });
  try {
    const changes = trainingFolder(root, lock, note);
    await recover(root, lock, changes.proven, note);
    await assertTrainable(root, folder, existing); // a killed training's run may be back
    await refuseStrangers(root, existing, changes.proven);
    const found = existing === "resume" ? await newestWhole(root, note) : { from: null, passedOver: [] };
    return series({ ...found, root, folder, lock, changes, existing, keep, note });
  } catch (error) {
    await lock.free();
    throw error;
  }
}

interface Opened extends Found, Required<Pick<SeriesOptions, "existing" | "keep" | "note">> {
  readonly root: string;
  readonly folder: string;
  readonly lock: FolderLock;
  readonly changes: TrainingFolder;
}

function series({ from, passedOver, root, folder, lock, changes, existing, keep, note }: Opened): CheckpointSeries {
  const left = new Set<string>();
  return {
    folder,
    from,
    async begin() {
      if (existing !== "overwrite") return;
      for (const { place } of await checkpointPlaces(root)) await changes.remove(nameIn(root, place));
    },
    async save(saved, last) {
      const step = saved.checkpoint.progress.steps;
      const name = `checkpoint-${step}`;
      await changes.write(name, checkpointContents(saved));
      if (last) {
        await refuseLonger(root, folder, step, passedOver);
        await changes.promote(name).catch(async (error: unknown) => {
          await restoreRun(root, lock, changes.proven, note).catch(() => undefined);
          throw error;
        });
        await changes.remove(name);
      }
      await prune(changes, keep, left, note);
    },
    isLost: () => lock.isLost(),
    close: () => lock.free(),
  };
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
  });

  function refuseFile(error: NodeJS.ErrnoException): string[] {
    if (error.code === "ENOENT") return [];
    throw new CheckpointError(
      { path: folder, message: "not a folder", received: error.message, fix: "choose another folder" },
      { cause: error },
    );
  }
}

/**
 * Refuses a folder in which another program's files have names that a training gives. To resume, what a file says that it
 * is must be ours; to overwrite, its bytes.
 */
async function refuseStrangers(root: string, existing: ExistingRun, proven: Proven): Promise<void> {
  const found: Strange[] = [];
  for (const name of await readdir(root)) {
    if (checkpointStep(name) === null) continue;
    const place = path.join(root, name);
    if (!(await lstat(place)).isDirectory()) found.push({ file: place, reason: "not a pepnet checkpoint" });
    else if (existing === "overwrite") found.push(...(await strangers(place, runKind, proven)));
    else found.push(...(await strangersByName(place, runKind)));
  }
  const top = await runNamesIn(root);
  const unknown = await strangersByName(root, runKind, top);
  found.push(...unknown);
  if (existing === "overwrite" && unknown.length === 0 && top.length > 0) {
    found.push(...(await changedFiles(root, top, (await readManifest(root)) ?? new Map(), proven)));
  }
  if (found.length > 0) throw strangersError(found, { ...runKind, writer: "a training" });
}

interface Found {
  readonly from: SavedCheckpoint | null;
  /** Damaged ones. */
  readonly passedOver: readonly string[];
}

/** The newest checkpoint that is whole; those passed over are told of and left as they are. */
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

/** A longer run is not replaced by a shorter one, unless it is damaged. */
async function refuseLonger(root: string, folder: string, step: number, passedOver: readonly string[]): Promise<void> {
  const top = (await checkpointPlaces(root)).find(({ place }) => place === root);
  if (top === undefined || top.step <= step || passedOver.includes(root)) return;
  throw new CheckpointError({
    path: folder,
    message: "the folder contains a longer run, which was not replaced",
    received: `a run of ${step} steps`,
    expected: `more than the ${top.step} steps of the existing run`,
    fix: `this run is saved completely in ${path.join(folder, `checkpoint-${step}`)}: move it to another folder`,
  });
}

async function prune(
  changes: TrainingFolder,
  keep: number,
  left: Set<string>,
  note: (text: string) => void,
): Promise<void> {
  const { root, proven } = changes;
  const places = await checkpointPlaces(root);
  const best = await bestPlace(places);
  for (const { place } of places.slice(keep)) {
    if (place === best || place === root || left.has(place)) continue;
    const [strange] = await strangers(place, runKind, proven);
    if (strange === undefined) await changes.remove(nameIn(root, place));
    else {
      left.add(place);
      note(`${strange.file}: ${strange.reason}; its checkpoint is kept`);
    }
  }
}

/** The name of a checkpoint's folder; `null` for the run in the root. */
function nameIn(root: string, place: string): string | null {
  return place === root ? null : path.relative(root, place);
}

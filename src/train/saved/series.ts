/**
 * The checkpoints of one training in one folder: `checkpoint-470` and the like while it goes on, and at its end the run
 * itself, in the folder. The newest few are kept, and the best by its evaluation.
 */
import { copyFile, link, mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { CheckpointError, PepnetError } from "../../errors/index.js";
import { readText } from "../../util/read-whole.js";
import { monitored } from "../loop/early-stopping.js";
import { checkpointFiles, readCheckpoint, type SavedCheckpoint, saveCheckpoint, trainingFile } from "./checkpoint.js";
import { checksumsFile, isFolder, recoverFolder } from "./folder.js";
import { type FolderLock, lockFile, lockFolder } from "./lock.js";
import { gatesFile, type RunFile, runFiles } from "./run.js";

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
  close(): Promise<void>;
}

/** A checkpoint in a folder. */
export interface CheckpointPlace {
  readonly place: string;
  /** Steps of its training. */
  readonly step: number;
}

const defaultKeep = 2;

/**
 * Opens a folder for a training.
 *
 * @throws CheckpointError where it holds a run and `existing` is `refuse`, where it holds something else, where nothing
 * in it can be gone on from, or where another process trains into it.
 */
export async function openSeries(folder: string, options: SeriesOptions = {}): Promise<CheckpointSeries> {
  const { existing = "refuse", keep = defaultKeep, note = () => undefined } = options;
  const root = path.resolve(folder);
  await assertTrainable(root, folder, existing);
  const lock = await lockFolder(root, folder);
  try {
    await recover(root);
    const from = existing === "resume" ? await newestWhole(root, note) : null;
    return series(root, folder, from, lock, { existing, keep });
  } catch (error) {
    await lock.free();
    throw error;
  }
}

function series(
  root: string,
  folder: string,
  from: SavedCheckpoint | null,
  lock: FolderLock,
  { existing, keep }: { existing: ExistingRun; keep: number },
): CheckpointSeries {
  return {
    folder,
    from,
    async begin() {
      if (existing !== "overwrite") return;
      await removeTop(root);
      for (const { place } of await checkpointPlaces(root)) await removeCheckpoint(place);
    },
    async save(saved, last) {
      const place = path.join(root, `checkpoint-${saved.checkpoint.progress.steps}`);
      await saveCheckpoint(place, saved);
      if (last) {
        await promote(place, root);
        await removeCheckpoint(place);
      }
      await prune(root, keep);
    },
    close: () => lock.free(),
  };
}

/**
 * Checkpoints in a training's folder and the run in it, the newest first.
 *
 * @example (await checkpointPlaces("runs/first"))[0]?.step; // 470
 */
export async function checkpointPlaces(folder: string): Promise<CheckpointPlace[]> {
  const places: CheckpointPlace[] = [];
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const step = /^checkpoint-(\d+)$/.exec(name)?.[1];
    const place = path.join(folder, name);
    if (step !== undefined && (await isFolder(place))) places.push({ place, step: Number(step) });
  }
  const top = await topStep(folder);
  if (top !== null) places.push({ place: folder, step: top });
  return places.sort((a, b) => b.step - a.step || a.place.length - b.place.length);
}

/**
 * The place of the run that a folder stands for: itself, or the newest or best checkpoint in it.
 *
 * @throws CheckpointError for `best` where no checkpoint was evaluated
 */
export async function runPlace(folder: string, which: "last" | "best" = "last"): Promise<string> {
  const places = await checkpointPlaces(folder);
  if (which === "last") return places[0]?.place ?? folder;
  const best = await bestPlace(places);
  if (best !== null) return best;
  throw new CheckpointError({
    path: folder,
    message: "no checkpoint in this folder was evaluated, so none is the best",
    received: `${places.length} checkpoints`,
    fix: "train with validation rows, or load the last one",
  });
}

async function assertTrainable(root: string, folder: string, existing: ExistingRun): Promise<void> {
  const names = (await readdir(root).catch(refuseFile)).filter((name) => name !== lockFile);
  if (names.length === 0) return;
  if (!(await isFolder(root)) && !names.some((name) => name.startsWith("checkpoint-"))) {
    throw new CheckpointError({
      path: folder,
      message: "the folder holds something that is not a saved run; nothing was overwritten",
      received: names.slice(0, 5).join(", "),
      expected: "a new folder, or one that a training wrote",
      fix: "choose another folder",
    });
  }
  if (existing !== "refuse") return;
  throw new CheckpointError({
    path: folder,
    message: "there is a run here already; nothing was trained",
    expected: "a new folder",
    fix: "resume goes on with it, overwrite replaces it, or choose another folder",
  });

  function refuseFile(error: NodeJS.ErrnoException): string[] {
    if (error.code === "ENOENT") return [];
    throw new CheckpointError(
      { path: folder, message: "not a folder", received: error.message, fix: "choose another folder" },
      { cause: error },
    );
  }
}

/** The newest checkpoint that is whole; those passed over are told of and left as they are. */
async function newestWhole(root: string, note: (text: string) => void): Promise<SavedCheckpoint | null> {
  const places = await checkpointPlaces(root);
  let first: unknown = null;
  for (const { place } of places) {
    try {
      return await readCheckpoint(place);
    } catch (error) {
      first ??= error;
      if (error instanceof PepnetError) note(`${error.message.split("\n")[0]}; an earlier checkpoint is used instead`);
      else throw error;
    }
  }
  if (first !== null) throw first;
  return null;
}

async function topStep(folder: string): Promise<number | null> {
  if (!(await isFolder(folder))) return null;
  const text = await readText(path.join(folder, trainingFile), "text").catch(() => "");
  try {
    const { step, steps = step } = JSON.parse(text) as { step: number; steps?: number };
    return Number.isSafeInteger(steps) ? steps : 0;
  } catch {
    return 0; // a run without a training, or a damaged one, which reading it will tell
  }
}

async function bestPlace(places: readonly CheckpointPlace[]): Promise<string | null> {
  let best: { place: string; value: number } | null = null;
  for (const { place } of places) {
    const run = await readText(path.join(place, "run.json"), "text")
      .then((text) => JSON.parse(text) as RunFile)
      .catch(() => null);
    if (!run?.evaluation) continue;
    const value = monitored(run.evaluation);
    if (best === null || value > best.value) best = { place, value };
  }
  return best?.place ?? null;
}

/**
 * Makes a checkpoint the run in the folder, without copying where the file system has hard links. Its list of files
 * goes first and comes last, so that whoever looks in between finds the checkpoint instead.
 */
async function promote(place: string, root: string): Promise<void> {
  await removeTop(root);
  const names = (await readdir(place)).filter((name) => name !== checksumsFile);
  for (const name of [...names, checksumsFile]) {
    const temporary = path.join(root, `${name}.writing`);
    await rm(temporary, { force: true });
    await link(path.join(place, name), temporary).catch(() => copyFile(path.join(place, name), temporary));
    await rename(temporary, path.join(root, name));
  }
}

/** Removes the run in the folder, not the checkpoints beside it. */
async function removeTop(root: string): Promise<void> {
  for (const name of [checksumsFile, ...runFiles, gatesFile, ...checkpointFiles]) {
    await rm(path.join(root, name), { force: true });
  }
}

/** What tells that it is a checkpoint goes first. */
async function removeCheckpoint(place: string): Promise<void> {
  await rm(path.join(place, checksumsFile), { force: true });
  await rm(path.join(place, "run.json"), { force: true });
  await rm(place, { recursive: true, force: true });
}

async function prune(root: string, keep: number): Promise<void> {
  const places = await checkpointPlaces(root);
  const best = await bestPlace(places);
  for (const { place } of places.slice(keep)) {
    if (place !== best && place !== root) await removeCheckpoint(place);
  }
}

/** Halves that a killed process left, and checkpoints that it was removing. */
async function recover(root: string): Promise<void> {
  await recoverFolder(root);
  for (const name of await readdir(root)) {
    const place = path.join(root, name);
    const checkpoint = /^checkpoint-\d+/.exec(name)?.[0];
    if (checkpoint !== undefined) await recoverFolder(path.join(root, checkpoint));
    if (checkpoint === name && !(await isFolder(place))) await rm(place, { recursive: true, force: true });
    if (name.endsWith(".writing")) await rm(place, { force: true });
  }
  await mkdir(root, { recursive: true });
}

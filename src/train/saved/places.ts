import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";
import { readText } from "../../util/files/read-whole.js";
import { faultOf, type TypeOf } from "../../util/shape.js";
import { checksumsFile } from "../../util/unfinished.js";
import { monitored } from "../loop/early-stopping.js";
import { parsed, readFolder } from "./folder.js";
import { isLock, workNames } from "./lock.js";
import { parsedJson, readRun, runFacts, runFiles, runKind, type SavedRun, trainingFile } from "./run.js";
import { runShape } from "./shape.js";
import { assertBuildable } from "./spec-shape.js";

export interface CheckpointPlace {
  readonly place: string;
  readonly step: number;
}

export function checkpointStep(name: string): number | null {
  const step = /^checkpoint-(0|[1-9]\d{0,14})$/.exec(name)?.[1];
  return step === undefined ? null : Number(step);
}

/** Checkpoints in a training's folder and the run in it, newest first. */
export async function checkpointPlaces(folder: string): Promise<CheckpointPlace[]> {
  const places: CheckpointPlace[] = [];
  for (const name of await namesIn(folder)) {
    const step = checkpointStep(name);
    const place = path.join(folder, name);
    if (step !== null && isRun(await namesIn(place))) places.push({ place, step });
  }
  const names = await namesIn(folder);
  const top = isRun(names) ? { place: folder, step: await topStep(folder) } : null;
  // A run that is being moved into the folder still exists as a checkpoint.
  const isPartial = top !== null && !names.includes(runKind.identity);
  const list = top === null ? places : isPartial ? [...places, top] : [top, ...places];
  return list.sort((a, b) => b.step - a.step);
}

/** {@link checkpointPlaces}, plus runs that a killed training had moved away: one may be the newest. */
async function readablePlaces(folder: string): Promise<CheckpointPlace[]> {
  const places = await checkpointPlaces(folder);
  for (const lock of (await namesIn(folder)).filter(isLock)) {
    for (const name of await namesIn(path.join(folder, lock))) {
      const step = checkpointStep(name.slice(workNames.oldPrefix.length));
      const place = path.join(folder, lock, name);
      const isMoved =
        name.startsWith(workNames.oldPrefix) && step !== null && places.every((each) => each.step !== step);
      if (isMoved && (await namesIn(place)).includes(runKind.identity)) places.push({ place, step });
    }
  }
  return places.sort((a, b) => b.step - a.step);
}

export async function runPlace(folder: string, which: "last" | "best" = "last"): Promise<string> {
  const places = await readablePlaces(folder);
  if (which === "last") return places[0]?.place ?? folder;
  const best = await bestPlace(places);
  if (best !== null) return best;
  throw new CheckpointError({
    path: folder,
    message: "no checkpoint in this folder was evaluated, so the best one is unknown",
    received: `${places.length} checkpoints`,
    fix: "train with validation rows, or load the last one",
  });
}

const mostMoves = 5;

export async function readRunIn(
  folder: string,
  which: "last" | "best" = "last",
): Promise<SavedRun & { readonly place: string }> {
  for (let move = 0; ; move++) {
    const place = await runPlace(folder, which);
    try {
      const run = await readRun(place);
      assertBuildable(place, run.spec);
      return { ...run, place };
    } catch (error) {
      if (move === mostMoves || (await runPlace(folder, which)) === place) throw error;
    }
  }
}

export async function bestPlace(places: readonly CheckpointPlace[]): Promise<string | null> {
  let best: { place: string; value: number } | null = null;
  for (const { place } of places) {
    const run = parsed(await readText(path.join(place, runKind.identity), "text").catch(() => ""));
    if (run === null || faultOf(run, runShape) !== null) continue; // damaged: reading it reports that
    const { evaluation } = run as TypeOf<typeof runShape>;
    if (!evaluation || evaluation.tasks.length === 0) continue;
    const value = monitored(evaluation);
    if (best === null || value > best.value) best = { place, value };
  }
  return best?.place ?? null;
}

function isRun(names: readonly string[]): boolean {
  return names.includes(runKind.identity) || (names.includes(checksumsFile) && names.includes("weights.safetensors"));
}

async function topStep(folder: string): Promise<number> {
  const training = parsed(await readText(path.join(folder, trainingFile), "text").catch(() => ""));
  const steps = training?.["steps"] ?? training?.["step"];
  return Number.isSafeInteger(steps) ? (steps as number) : 0; // a run without a training, or a damaged one
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

export interface RunFacts extends Pick<SavedRun, "spec" | "history" | "evaluation"> {
  readonly saved: Date;
  /** The digest of its training rows; `null`: not recorded, since `run.save()` wrote the run. */
  readonly dataDigest: string | null;
}

const DEPTH = 4;

/** Folders at and below `folder` with a run or checkpoints, also damaged ones, by name. */
export async function findRuns(folder: string, depth: number = DEPTH): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  if (names.some((name) => runFiles.includes(name) || checkpointStep(name) !== null)) return [folder];
  if (depth === 0) return [];
  const inside = entries.filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name));
  const sorted = inside.map(({ name }) => name).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const all: string[] = [];
  for (const name of sorted) all.push(...(await findRuns(path.join(folder, name), depth - 1).catch(() => [])));
  return all;
}

/** Without weights; of a training, its newest checkpoint. @throws CheckpointError if it is damaged */
export async function readRunFacts(folder: string): Promise<RunFacts> {
  const place = await runPlace(folder);
  const files = await readFolder(path.resolve(place), runKind, runFiles.slice(0, 3), [trainingFile]);
  const facts = runFacts(place, files);
  const { mtime } = await stat(path.join(place, runKind.identity));
  const training = files.has(trainingFile) ? parsedJson(place, files, trainingFile) : null;
  const digest = (training as { readonly dataDigest?: unknown } | null)?.dataDigest;
  return { ...facts, saved: mtime, dataDigest: typeof digest === "string" ? digest : null };
}

/** Runs below a folder, and what is known of each without its weights. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { trainingFile } from "./checkpoint.js";
import { readFolder } from "./folder/read-folder.js";
import { parsedJson, runFacts, runFiles, runKind, type SavedRun } from "./run.js";
import { checkpointStep, runPlace } from "./series/places.js";

/** A saved run without its weights. */
export interface RunFacts extends Pick<SavedRun, "spec" | "history" | "evaluation"> {
  /** When it was written. */
  readonly saved: Date;
  /** The digest of its training rows; `null`: not recorded, since `run.save()` wrote the run. */
  readonly dataDigest: string | null;
}

/** Folders are searched this deep. */
const DEPTH = 4;

/**
 * Folders at and below `folder` that contain a run or a training's checkpoints, also damaged ones, in the order of
 * their names.
 */
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

/**
 * Reads a run, or a training's newest checkpoint, without its weights.
 * @throws CheckpointError if it is damaged or incomplete
 */
export async function readRunFacts(folder: string): Promise<RunFacts> {
  const place = await runPlace(folder);
  const files = await readFolder(path.resolve(place), runKind, runFiles.slice(0, 3), [trainingFile]);
  const facts = runFacts(place, files);
  const { mtime } = await stat(path.join(place, runKind.identity));
  const training = files.has(trainingFile) ? parsedJson(place, files, trainingFile) : null;
  const digest = (training as { readonly dataDigest?: unknown } | null)?.dataDigest;
  return { ...facts, saved: mtime, dataDigest: typeof digest === "string" ? digest : null };
}

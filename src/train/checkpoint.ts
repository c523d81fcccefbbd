/**
 * Checkpoints: a saved run that also holds what training goes on from, `optimizer.safetensors` and `training.json`.
 * It is a run like any other in between, so that it can be loaded, evaluated and looked at.
 */
import path from "node:path";
import type { EngineName, StepResult, Weight } from "../engine/engine.js";
import { CheckpointError } from "../errors/index.js";
import type { ModelSpec } from "../spec/index.js";
import type { TrainCheckpoint } from "./fit.js";
import { encodeSafetensors, readSafetensors } from "./safetensors.js";
import { readJson, readRun, saveRun } from "./saved-run.js";

/** A checkpoint as it is on disk. */
export interface SavedCheckpoint {
  readonly spec: ModelSpec;
  readonly checkpoint: TrainCheckpoint;
  /** The engine that took the steps; another one rounds differently. */
  readonly engineName: EngineName;
  /** Rows of the training data. */
  readonly dataRows: number;
}

const format = "pepnet-checkpoint";
const formatVersion = 1;
const trainedSuffix = ".trained";

/** `training.json`. */
interface TrainingFile {
  readonly format: string;
  readonly formatVersion: number;
  readonly step: number;
  readonly rows: number;
  readonly seconds: number;
  readonly idleSeconds: number;
  readonly pending: readonly StepResult[];
  readonly engineName: EngineName;
  readonly dataRows: number;
}

/** Writes a checkpoint in one go: a reader sees the one before or this one. @throws CheckpointError as `saveRun` does. */
export async function saveCheckpoint(folder: string, saved: SavedCheckpoint): Promise<void> {
  const { spec, checkpoint, engineName, dataRows } = saved;
  const { engine, progress, evaluation } = checkpoint;
  const { rows, seconds, idleSeconds, pending, history } = progress;
  const step = engine.step;
  const position = { step, rows, seconds, idleSeconds, pending };
  const training: TrainingFile = { format, formatVersion, ...position, engineName, dataRows };
  await saveRun(
    folder,
    { spec, weights: checkpoint.weights, history, evaluation },
    {
      "optimizer.safetensors": encodeSafetensors(new Map([...engine.slots, ...trained(checkpoint)])),
      "training.json": `${JSON.stringify(training, null, 1)}\n`,
    },
  );
}

/** The weights that training goes on from, where predictions are made with moving averages of them instead. */
function trained({ engine, weights }: TrainCheckpoint): [string, Weight][] {
  const differs = (name: string, { data }: Weight): boolean =>
    data.some((value, index) => !Object.is(value, weights.get(name)?.data[index]));
  return [...engine.weights]
    .filter(([name, weight]) => differs(name, weight))
    .map(([name, weight]) => [`${name}${trainedSuffix}`, weight]);
}

/** Reads a checkpoint. @throws CheckpointError where the folder is missing, damaged, or a run without one. */
export async function readCheckpoint(folder: string): Promise<SavedCheckpoint> {
  const { spec, weights, history, evaluation } = await readRun(folder);
  const training = (await readJson(folder, "training.json")) as TrainingFile;
  if (training.format !== format || training.formatVersion !== formatVersion) {
    throw new CheckpointError({
      path: path.join(folder, "training.json"),
      message: "not a checkpoint that this version reads",
      received: `${training.format} version ${training.formatVersion}`,
      expected: `${format} version ${formatVersion}`,
      fix: "go on with the version that wrote it",
    });
  }
  const { step, rows, seconds, idleSeconds, pending, engineName, dataRows } = training;
  const slots = new Map(await readSafetensors(path.join(folder, "optimizer.safetensors")));
  const own = [...weights].map(([name, weight]) => [name, slots.get(`${name}${trainedSuffix}`) ?? weight] as const);
  for (const name of weights.keys()) slots.delete(`${name}${trainedSuffix}`);
  const engine = { step, weights: new Map(own), slots };
  const progress = { steps: step, rows, seconds, idleSeconds, history, pending };
  return { spec, checkpoint: { engine, weights, progress, evaluation }, engineName, dataRows };
}

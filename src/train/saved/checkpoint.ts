/** A checkpoint on disk: a saved run, its training state, and with early stopping the best weights so far. */
import path from "node:path";
import type { EngineName, EngineState, Weights } from "../../engine/engine.js";
import { CheckpointError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/model.js";
import type { BestState, TrainCheckpoint } from "../loop/early-stopping.js";
import type { FolderFiles } from "./folder.js";
import { assertFormat, checkpointFiles, jsonText, parsedJson, readRun, runContents } from "./run.js";
import { decodeSafetensors, safetensorsPieces } from "./safetensors.js";
import {
  assertShape,
  bool,
  count,
  evaluationShape,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  stepShape,
  type TypeOf,
  text,
} from "./shape.js";

/** The rows of a training, as recorded in its checkpoints. */
export interface RecordedRows {
  readonly rows: number;
  readonly digest: string;
}

/** A checkpoint with its context. */
export interface SavedCheckpoint {
  readonly spec: ModelSpec;
  readonly checkpoint: TrainCheckpoint;
  /** The engine of the steps; another engine rounds differently. */
  readonly engineName: EngineName;
  /** Threads of that engine; `null`: not recorded (earlier version). */
  readonly threads: number | null;
  readonly dataRows: number;
  /** The result of `rowsDigest`; `null`: not recorded (earlier version). */
  readonly dataDigest: string | null;
  /** The result of `rowsFingerprint`, recorded by earlier versions only. */
  readonly dataFingerprint: string | null;
  /** Number of rows of the validation data; `null`: no validation data; `undefined`: not recorded (earlier version). */
  readonly validation: RecordedRows | null | undefined;
  readonly gatesHistory: readonly unknown[];
  readonly floor?: Weights | null;
}

const format = "pepnet-checkpoint";
const formatVersion = 2;
const trainedSuffix = ".trained";

const trainingShape = object({
  step: count,
  /** The step of the training: larger if early stopping restored the best weights. Format version 1 lacks this field. */
  steps: optional(count),
  rows: count,
  seconds: number,
  idleSeconds: number,
  pending: listOf(stepShape),
  skipped: optional(count),
  engineName: oneOf(["compiled", "tfjs-node", "wasm", "cpu"]),
  threads: optional(nullable(count)),
  dataRows: count,
  dataDigest: optional(nullable(text)),
  dataFingerprint: optional(nullable(text)),
  validation: optional(nullable(object({ rows: count, digest: text }))),
  stoppedEarly: optional(bool),
  best: optional(object({ value: number, step: count, worse: count, evaluation: evaluationShape, stateStep: count })),
});

export const trainingFile = "training.json";
const optimizerFile = "optimizer.safetensors";
const bestFile = "best.safetensors";

export function checkpointContents(saved: SavedCheckpoint): FolderFiles {
  const { spec, checkpoint, engineName, threads, dataRows, dataDigest, dataFingerprint, validation } = saved;
  const { gatesHistory, floor } = saved;
  const { engine, progress, evaluation, weights, best, stoppedEarly } = checkpoint;
  const { steps, rows, seconds, idleSeconds, pending, skipped, history } = progress;
  const training: TypeOf<typeof trainingShape> = {
    ...{ step: engine.step, steps, rows, seconds, idleSeconds, pending, engineName, threads, dataRows, dataDigest },
    dataFingerprint: dataFingerprint ?? undefined,
    validation,
    skipped: skipped > 0 ? skipped : undefined,
    stoppedEarly: stoppedEarly || undefined,
    best: best === null ? undefined : { ...withoutState(best), stateStep: best.state.step },
  };
  const files: FolderFiles = {
    ...runContents({ spec, weights, history, evaluation, gatesHistory, floor }),
    [optimizerFile]: safetensorsPieces(stateArrays(engine, weights)),
    [trainingFile]: jsonText({ format, formatVersion, ...training }),
  };
  return best === null ? files : { ...files, [bestFile]: safetensorsPieces(stateArrays(best.state, new Map())) };
}

/** @throws CheckpointError if the folder is missing or damaged, or is a run without training state. */
export async function readCheckpoint(folder: string): Promise<SavedCheckpoint> {
  const { spec, weights, history, evaluation, gatesHistory, floor, files } = await readRun(folder, checkpointFiles);
  if (!files.has(trainingFile) || !files.has(optimizerFile)) throw noTraining(folder);
  const training = parsedJson(folder, files, trainingFile);
  const file = path.join(folder, trainingFile);
  assertFormat(file, training, {
    ...{ format, formatVersion, called: "the checkpoint" },
    fix: "continue with the version that wrote it, or update pepnet",
  });
  assertShape(file, training, trainingShape);
  if (training.best !== undefined && !files.has(bestFile)) throw noBest(folder);
  const arrays = (name: string): Weights => decodeSafetensors(files.get(name)!, path.join(folder, name));
  const { step, steps = step, rows, seconds, idleSeconds, pending, skipped = 0, best = null } = training;
  const { engineName, threads = null, dataRows, dataDigest = null, dataFingerprint = null, validation } = training;
  const context = { spec, engineName, threads, dataRows, dataDigest, dataFingerprint, validation, gatesHistory, floor };
  return {
    ...context,
    checkpoint: {
      engine: { step, ...splitState(arrays(optimizerFile), weights) },
      weights,
      progress: { steps, rows, seconds, idleSeconds, history, pending, skipped },
      evaluation,
      stoppedEarly: training.stoppedEarly ?? false,
      best: best && {
        ...withoutState(best),
        state: { step: best.stateStep, ...splitState(arrays(bestFile), new Map()) },
      },
    },
  };
}

function noTraining(folder: string): CheckpointError {
  return new CheckpointError({
    path: folder,
    message: "training cannot resume from this run, because it has no optimiser state; you can still use the run",
    expected: "a folder written by `pepnet train` or `fit(data, { checkpoints })`",
    fix: "start from its weights instead: fit(data, { weights: await run.weights() })",
  });
}

function noBest(folder: string): CheckpointError {
  return new CheckpointError({
    path: path.join(folder, bestFile),
    message: "the best weights of early stopping are missing",
    received: "no such file",
    expected: `the weights that early stopping kept, according to ${trainingFile}`,
    fix: "use an earlier checkpoint, or a copy of this one",
  });
}

function withoutState({ value, step, worse, evaluation }: Omit<BestState, "state">): Omit<BestState, "state"> {
  return { value, step, worse, evaluation };
}

/** Slots by name, and `.trained` weights if they differ from `savedWeights` (predictions may use averages). */
function stateArrays({ weights, slots }: EngineState, savedWeights: Weights): Weights {
  const differs = (name: string, data: Float32Array): boolean => {
    const other = savedWeights.get(name)?.data;
    return data.some((value, index) => !Object.is(value, other?.[index]));
  };
  const trainedWeights = [...weights].filter(([name, { data }]) => !savedWeights.has(name) || differs(name, data));
  return new Map([...slots, ...trainedWeights.map(([name, weight]) => [`${name}${trainedSuffix}`, weight] as const)]);
}

function splitState(arrays: Weights, savedWeights: Weights): Pick<EngineState, "weights" | "slots"> {
  const entries = [...arrays];
  const trained = entries.filter(([name]) => name.endsWith(trainedSuffix));
  return {
    weights: new Map([
      ...savedWeights,
      ...trained.map(([name, weight]) => [name.slice(0, -trainedSuffix.length), weight] as const),
    ]),
    slots: new Map(entries.filter(([name]) => !name.endsWith(trainedSuffix))),
  };
}

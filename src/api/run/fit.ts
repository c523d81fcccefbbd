/** `model.fit(data)`: encodes, holds out, trains with a live chart, and hands back a run. */
import type { EncodedRows } from "../../data/streamed.js";
import type { Engine, EngineName, Weights } from "../../engine/engine.js";
import { assertThreads } from "../../engine/threads.js";
import { SpecError } from "../../errors/index.js";
import type { GatesPoint } from "../../gates/types.js";
import { notebookDisplay, noteSeed } from "../../port/index.js";
import { assertValid, type ModelSpec, type TrainingSpec } from "../../spec/index.js";
import type {
  CheckpointSeries,
  EarlyStopping,
  OnNonFinite,
  ParameterMap,
  TrainLoopOptions,
} from "../../train/index.js";
import { deepFreeze } from "../../util/freeze.js";
import { nextTurn } from "../../util/turns.js";
import { type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { heldOut } from "../data/held-out.js";
import { dataNotes } from "../data/notes.js";
import { EvaluationResult } from "../results/evaluation.js";
import {
  beginCheckpoints,
  type CheckpointOptions,
  openCheckpoints,
  resumedEngine,
  type TrainedWith,
} from "../training/checkpoints.js";
import { openEngine } from "../training/engine.js";
import { type LiveChart, liveChart } from "../training/live-chart.js";
import { runEngine } from "../training/run-engine.js";
import { Run } from "./run.js";

/** How to fit, beside what the model's `.train(…)` says. */
export interface FitOptions {
  /** Rows to evaluate on. Default: a random tenth of the data is held out. `null`: none. */
  readonly validation?: DatasetSource | null;
  /** Stop after so many optimiser steps, for a dry run, whatever the spec says. */
  readonly steps?: number;
  /** Passes over the data, whatever the spec says. */
  readonly epochs?: number;
  /** Whatever the spec says. */
  readonly seed?: number;
  /** Stop when the validation AUC gets no better, and keep the best weights. `true`: patience 2. */
  readonly earlyStopping?: boolean | EarlyStopping;
  /** Default: about four in the run, at least one an epoch. */
  readonly evaluationsPerEpoch?: number;
  /**
   * Start from these weights instead of random ones: a safetensors file under TorchEasyRec's parameter names, such as
   * `run.exportWeights(path)` writes, the folder of a saved run, or what `run.weights()` gives.
   */
  readonly weights?: string | Weights;
  /** Which of `weights` each parameter starts from: another name, or `null` to start anew; see {@link ParameterMap}. */
  readonly weightMap?: ParameterMap;
  /** Save what training can go on from, in this folder; `{ folder, existing: "resume" }` goes on with what is there. */
  readonly checkpoints?: string | CheckpointOptions;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores), or those that a resumed run began with. */
  readonly threads?: number;
  /** A step whose loss is not a finite number is never applied: `stop` (default) with an error, or `skip` it. */
  readonly onNonFinite?: OnNonFinite;
  /** Aborts training; what there is by then is returned. In a notebook an interrupt does this by itself. */
  readonly signal?: AbortSignal;
  /** Called while training, at most every 250 ms. */
  readonly onProgress?: TrainLoopOptions["onProgress"];
  /**
   * Follow the gates: their statistics at every evaluation, on 1,000 rows of the validation data or as many as asked
   * for, in `run.gatesHistory`. Default: false.
   */
  readonly gates?: boolean | { readonly rows: number };
  /** No live chart. */
  readonly quiet?: boolean;
}

/** Trains a model; see `Model.fit`. */
export async function fitModel(spec: ModelSpec, source: DatasetSource, options: FitOptions = {}): Promise<Run> {
  const trained = deepFreeze({ ...spec, training: overridden(spec.training, options) });
  assertValid(trained);
  refuseUnused(options);
  assertThreads(options.threads, "fit: threads");
  noteSeed("fit", trained.training.seed);
  const notes: string[] = [];
  const series = await checkpointSeries(trained, options, notes);
  try {
    return await fitRows(trained, await dataset(source), options, series, notes);
  } finally {
    await series?.close();
  }
}

async function fitRows(
  trained: ModelSpec,
  data: Dataset,
  options: FitOptions,
  series: CheckpointSeries | null,
  notes: string[],
): Promise<Run> {
  const chosen = engineOptions(trained, options, series);
  const { train, validation } = await heldOut(trained, data, options.validation, notes);
  // The engine's threads start while the data are read.
  const starting = openEngine(trained, chosen);
  const disposed = () => starting.then((engine) => engine.dispose()).catch(() => undefined);
  starting.catch(() => undefined); // told below, after what is wrong with the data
  const encoded = await orElse(train.encode(trained), disposed);
  const held = validation === null ? null : await orElse(validation.encode(trained), disposed);
  notes.push(...new Set([...train.notes, ...(validation?.notes ?? [])]));
  notes.push(...dataNotes("training data", encoded), ...dataNotes("validation data", held));
  await nextTurn();
  const { explodedText, fit, loadWeights, skippedText } = await import("../../train/index.js");
  await nextTurn();
  const engine = await starting;
  const gatesHistory = [...((series?.from?.gatesHistory ?? []) as readonly GatesPoint[])];
  let live: LiveChart | null = null;
  try {
    if (options.weights !== undefined && series?.from == null) {
      await loadWeights(engine, options.weights, { map: options.weightMap, ...signalFor(options) });
    }
    const saving = await saved(series, { engine, data: encoded, validation: held, gatesHistory }, options, notes);
    live = options.quiet ? null : await liveChart(notes);
    const result = await fit(engine, encoded, held, {
      ...(options.evaluationsPerEpoch === undefined ? {} : { evaluationsPerEpoch: options.evaluationsPerEpoch }),
      ...(options.onNonFinite === undefined ? {} : { onNonFinite: options.onNonFinite }),
      ...earlyStopping(options),
      ...signalFor(options),
      ...saving,
      ...(await followed(engine, held, options, gatesHistory)),
      onProgress: (progress) => {
        live?.update(progress);
        options.onProgress?.(progress);
      },
    });
    await live?.finish(result.interrupted);
    if (result.interrupted) notes.push(`interrupted after ${result.history.points.at(-1)?.step ?? 0} steps`);
    if (result.skipped > 0) notes.push(skippedText(result.skipped));
    if (result.exploded !== null) notes.push(explodedText(result.exploded));
    if (result.stoppedEarly) notes.push(`stopped early; the weights of step ${result.history.bestStep} were kept`);
    return new Run({
      spec: trained,
      history: result.history,
      evaluation: result.evaluation && new EvaluationResult(result.evaluation),
      validation,
      notes,
      interrupted: result.interrupted,
      gatesHistory,
      engine: await runEngine(engine, chosen.threads),
    });
  } catch (error) {
    await live?.fail(error).catch(() => undefined); // whatever becomes of the picture, the error is told
    await engine.dispose();
    throw error;
  }
}

function refuseUnused({ weights, weightMap }: FitOptions): void {
  if (weightMap === undefined || weights !== undefined) return;
  throw new SpecError({
    path: "fit: weightMap",
    message: "there are no weights to map",
    expected: "weights beside it",
    fix: 'fit(data, { weights: "runs/first", weightMap })',
  });
}

function checkpointOptions({ checkpoints }: FitOptions): CheckpointOptions | null {
  return typeof checkpoints === "string" ? { folder: checkpoints } : (checkpoints ?? null);
}

async function checkpointSeries(
  spec: ModelSpec,
  options: FitOptions,
  notes: string[],
): Promise<CheckpointSeries | null> {
  const checkpoints = checkpointOptions(options);
  return (
    checkpoints && (await openCheckpoints(spec, checkpoints, (text) => notes.push(text), signalFor(options).signal))
  );
}

/** Checkpoints of a fit: one that cannot be written is noted, since the run is in memory still. */
async function saved(
  series: CheckpointSeries | null,
  trained: Pick<TrainedWith, "engine" | "data" | "validation" | "gatesHistory">,
  options: FitOptions,
  notes: string[],
): Promise<Pick<TrainLoopOptions, "from" | "checkpoint">> {
  if (series === null) return {};
  const { planSteps } = await import("../../train/index.js");
  const { stepsPerEpoch } = planSteps(trained.engine.spec.training, trained.data.rows);
  const everySteps = checkpointOptions(options)?.everySteps ?? Math.min(stepsPerEpoch, 1000);
  const note = (text: string) => void notes.push(text);
  return beginCheckpoints(series, { ...trained, everySteps, note, lastMayFail: true });
}

/** The result; where there is none, what is left to free is freed first. */
async function orElse<T>(result: Promise<T>, free: () => Promise<unknown>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    await free();
    throw error;
  }
}

/** Rows that gates are followed on: their quantiles hardly move with more. */
const followedRows = 1000;

async function followed(
  engine: Engine,
  held: EncodedRows | null,
  { gates = false }: FitOptions,
  history: GatesPoint[],
): Promise<Pick<TrainLoopOptions, "atEvaluation">> {
  if (gates === false || held === null) return {};
  const { gatesReport } = await import("../../gates/index.js");
  const rows = gates === true ? followedRows : gates.rows;
  return {
    async atEvaluation(step, epoch) {
      history.push({ step, epoch, gates: await gatesReport(engine, held, { rows, details: false }) });
    },
  };
}

function overridden(training: TrainingSpec, options: FitOptions): TrainingSpec {
  const { steps, epochs, seed } = options;
  if (steps !== undefined && epochs !== undefined) {
    throw new SpecError({
      path: "fit",
      message: "steps and epochs exclude each other",
      received: `steps ${steps} and epochs ${epochs}`,
      expected: "one of them",
      fix: "leave one out",
    });
  }
  return {
    ...training,
    ...(steps === undefined ? {} : { steps, epochs: null }),
    ...(epochs === undefined ? {} : { epochs, steps: null }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function engineOptions(spec: ModelSpec, options: FitOptions, series: CheckpointSeries | null) {
  return {
    seed: spec.training.seed,
    prepare: true,
    ...resumedEngine(series, options),
  };
}

function earlyStopping({ earlyStopping: wanted }: FitOptions): { earlyStopping?: EarlyStopping } {
  if (wanted === undefined || wanted === false) return {};
  return { earlyStopping: wanted === true ? {} : wanted };
}

function signalFor(options: FitOptions): { signal?: AbortSignal } {
  const signal = options.signal ?? notebookDisplay()?.signal();
  return signal === undefined ? {} : { signal };
}

/** `model.fit(data)` and `pepnet train`: holds rows out, trains, and returns a run. */
import type { EncodedRows } from "../../data/index.js";
import type { Engine } from "../../engine/index.js";
import { assertThreads } from "../../engine/threads/index.js";
import type { GatesPoint } from "../../gates/index.js";
import { notebookDisplay, noteSeed } from "../../port/index.js";
import { assertValid, type ModelSpec, trainingWarnings } from "../../spec/index.js";
import type {
  CheckpointSeries,
  EvaluationPoint,
  SessionRequest,
  SessionRows,
  StepReport,
  TrainedSession,
  TrainLoopOptions,
  TrainLoopResult,
} from "../../train/index.js";
import { deepFreeze } from "../../util/freeze.js";
import { nextTurn } from "../../util/turns.js";
import {
  type Dataset,
  type DatasetSource,
  dataAdvice,
  dataNotes,
  dataset,
  fittedSpec,
  type HeldOut,
  heldOut,
  newNotes,
} from "../data/index.js";
import { EvaluationResult } from "../results/index.js";
import { Run } from "../run/index.js";
import {
  assertVectors,
  beginCheckpoints,
  type CheckpointOptions,
  type FitOptions,
  type LiveChart,
  liveChart,
  openCheckpoints,
  openWithVectors,
  resolveSettings,
  resumedEngine,
  runEngine,
  type TrainingFloor,
  trainingAdvice,
  trainingFloor,
} from "../training/index.js";
import { overridden, refuseUnused, startingWeights } from "./fit-settings.js";

/** Number of rows to track gates on: more rows hardly change their quantiles. */
const FOLLOWED_ROWS = 1000;
/** Default limit of steps between two checkpoints. */
const CHECKPOINT_STEPS = 1000;

/** Hooks for the command line, in addition to the options of `fit`. */
export interface TrainingHooks {
  /** Called with each note when it is added. */
  readonly onNote?: (text: string) => void;
  /** Called after every step. */
  readonly onStep?: (step: StepReport) => void;
  /** Called after every evaluation. */
  readonly onEvaluation?: (point: EvaluationPoint) => void;
  /** Waits for work before training, which leaves nothing to save. */
  readonly waitFor?: <T>(work: Promise<T>) => Promise<T>;
  /** Steps between checkpoints, if the options set none. Default: one epoch, at most 1,000. */
  readonly checkpointSteps?: (stepsPerEpoch: number) => number;
  /** Whether failing to save the last checkpoint is an error, because the run is not kept otherwise. */
  readonly mustSave?: boolean;
}

/** A finished training: its run and its number of steps. */
export interface FinishedTraining<M> {
  readonly run: Run<M>;
  readonly steps: number;
  /** Steps of the whole training. */
  readonly totalSteps: number;
}

/** Trains a model; see `Model.fit`. @param asModel makes the run's model */
export async function trainModel<M>(
  spec: ModelSpec,
  asModel: (spec: ModelSpec) => M,
  source: DatasetSource,
  options: FitOptions = {},
  hooks: TrainingHooks = {},
): Promise<FinishedTraining<M>> {
  const described = deepFreeze({ ...spec, training: overridden(spec.training, options) });
  assertValid(described);
  refuseUnused(options);
  assertVectors(described, options);
  assertThreads(options.threads, "fit: threads");
  noteSeed("fit", described.training.seed);
  const { waitFor = (work) => work } = hooks;
  const data = await waitFor(dataset(source));
  const sets = await waitFor(heldOut(described, data, options.validation));
  const fitted = await waitFor(fittedSpec(described, sets.train));
  assertValid(fitted);
  const {
    spec: trained,
    stopsEarly,
    notes: chosen,
  } = resolveSettings(fitted, sets.train.rows, sets.validation !== null);
  const checkpoints = checkpointOptions(options);
  const opened = checkpoints && (await openCheckpoints(trained, checkpoints, signalFor(options)));
  const differences = trainingWarnings(trained).map(({ path, message }) => `${path}: ${message}`);
  const notes = [...(opened?.notes ?? []), ...chosen, ...differences];
  for (const note of notes) hooks.onNote?.(note);
  const series = opened?.series ?? null;
  const { earlyStopping = stopsEarly } = options;
  const training = {
    spec: deepFreeze(trained),
    asModel,
    data,
    sets,
    options: { ...options, earlyStopping },
    hooks,
    series,
  };
  try {
    return await trainRows(training, notes);
  } finally {
    await series?.close();
  }
}

/** A requested training, with the folder of its checkpoints. */
interface Training<M> {
  readonly spec: ModelSpec;
  readonly asModel: (spec: ModelSpec) => M;
  readonly data: Dataset;
  readonly sets: HeldOut;
  readonly options: FitOptions;
  readonly hooks: TrainingHooks;
  readonly series: CheckpointSeries | null;
}

async function trainRows<M>(training: Training<M>, opening: readonly string[]): Promise<FinishedTraining<M>> {
  const { spec, options, hooks, series } = training;
  const { waitFor = (work) => work } = hooks;
  const choice = resumedEngine(series, options);
  const { trainSession } = await import("../../train/index.js");
  await nextTurn();
  const gatesHistory = [...((series?.from?.gatesHistory ?? []) as readonly GatesPoint[])];
  const state: TrainingState = { gatesHistory, live: null, floor: null };
  const opened: string[] = [...opening];
  try {
    const session = await trainSession({
      openEngine: () => {
        const engine = { ...choice, seed: spec.training.seed, prepare: true };
        return openWithVectors(spec, engine, series?.from ? undefined : options.vectors, (note) => {
          opened.push(note);
          hooks.onNote?.(note);
        });
      },
      rows: () => encodedSets(training),
      // A resumed run has its own weights.
      weights: series?.from ? null : startingWeights(options),
      checkpoints: checkpointing(training, state),
      loop: async (engine, rows) => {
        state.floor = await trainingFloor(spec, rows, signalFor(options));
        return {
          ...loopOptions(training),
          floors: state.floor?.aucs,
          atEvaluation: await gatesFollower(options, engine, rows.validation, gatesHistory),
          onProgress: (progress) => {
            state.live?.update(progress);
            options.onProgress?.(progress);
          },
        };
      },
      signal: signalFor(options),
      waitFor,
      onNote: hooks.onNote,
      onStart: async (notes) => {
        if (!options.quiet) state.live = await liveChart([...opened, ...notes]);
      },
    });
    return await finishedTraining(training, session, opened, state);
  } catch (error) {
    await state.live?.fail(error).catch(() => undefined); // the error is reported even if the chart fails
    throw error;
  }
}

function signalFor({ signal }: FitOptions): AbortSignal | undefined {
  return signal ?? notebookDisplay()?.signal();
}

async function encodedSets<M>({ spec, data, sets }: Training<M>): Promise<SessionRows> {
  const { train, validation, notes } = sets;
  const encoded = await train.encode(spec);
  const held = validation === null ? null : await validation.encode(spec);
  const earlier = new Set([...train.notes, ...(validation?.notes ?? [])]);
  const counted = [...dataNotes("training data", encoded), ...dataNotes("validation data", held)];
  const advice = await dataAdvice(spec, encoded, held);
  const onData = newNotes(data, [...earlier, ...counted, ...advice]);
  return { train: encoded, validation: held, notes: [...notes, ...onData] };
}

/** The state of a training in addition to the session's result. */
interface TrainingState {
  readonly gatesHistory: GatesPoint[];
  live: LiveChart | null;
  floor: TrainingFloor | null;
}

async function finishedTraining<M>(
  { spec, asModel, sets, options }: Training<M>,
  { engine, rows, result, notes }: TrainedSession,
  opening: readonly string[],
  { gatesHistory, live, floor }: TrainingState,
): Promise<FinishedTraining<M>> {
  const { planSteps } = await import("../../train/index.js");
  try {
    await live?.finish(result.interrupted);
    const { totalSteps } = planSteps(spec.training, rows.train.rows);
    const { history, evaluation, interrupted } = result;
    const advice = trainingAdvice({
      spec,
      history,
      evaluation,
      interrupted,
      totalSteps,
      isDryRun: options.steps !== undefined,
    });
    const run = new Run({
      spec,
      model: asModel(spec),
      history,
      evaluation: evaluation && new EvaluationResult(evaluation),
      validation: sets.validation,
      notes: [...opening, ...notes, ...endNotes(result), ...advice],
      interrupted,
      gatesHistory,
      floor: floor?.regression ?? null,
      engine: await runEngine(engine, engine.threads),
    });
    return { run, steps: engine.steps, totalSteps };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

function endNotes({ interrupted, stoppedEarly, history }: TrainLoopResult): string[] {
  const notes: string[] = [];
  if (interrupted) notes.push(`interrupted after ${history.points.at(-1)?.step ?? 0} steps`);
  if (stoppedEarly) notes.push(`stopped early; the weights of step ${history.bestStep} were kept`);
  return notes;
}

function loopOptions<M>({ options, hooks }: Training<M>): TrainLoopOptions {
  const { earlyStopping, evaluationsPerEpoch, onNonFinite } = options;
  const { onStep, onEvaluation } = hooks;
  const patience = earlyStopping === true ? {} : earlyStopping || undefined;
  return { earlyStopping: patience, evaluationsPerEpoch, onNonFinite, onStep, onEvaluation };
}

function checkpointOptions({ checkpoints }: FitOptions): CheckpointOptions | null {
  return typeof checkpoints === "string" ? { folder: checkpoints } : (checkpoints ?? null);
}

/**
 * The checkpoints of the training. By default, failing to save one is only a note, because the run is still in memory.
 */
function checkpointing<M>(
  { spec, series, options, hooks }: Training<M>,
  state: TrainingState,
): SessionRequest["checkpoints"] {
  if (series === null) return undefined;
  return async (engine, rows, report) => {
    const { planSteps } = await import("../../train/index.js");
    const { stepsPerEpoch } = planSteps(spec.training, rows.train.rows);
    const usual = hooks.checkpointSteps?.(stepsPerEpoch) ?? Math.min(stepsPerEpoch, CHECKPOINT_STEPS);
    const everySteps = checkpointOptions(options)?.everySteps ?? usual;
    const floor = () => state.floor?.regression ?? null;
    const plan = { everySteps, gatesHistory: state.gatesHistory, floor, lastMayFail: !hooks.mustSave };
    return beginCheckpoints(series, engine, rows, plan, report);
  };
}

async function gatesFollower(
  { gates = false }: FitOptions,
  engine: Engine,
  validation: EncodedRows | null,
  history: GatesPoint[],
): Promise<TrainLoopOptions["atEvaluation"]> {
  if (gates === false || validation === null) return undefined;
  const { gatesReport } = await import("../../gates/index.js");
  const rows = gates === true ? FOLLOWED_ROWS : gates.rows;
  return async (step, epoch) => {
    history.push({ step, epoch, gates: await gatesReport(engine, validation, { rows, details: false }) });
  };
}

/** `model.fit(data)` and `pepnet train`: holds rows out, trains, and returns a run. */
import type { EncodedRows } from "../../data/index.js";
import type { Engine } from "../../engine/index.js";
import { assertThreads } from "../../engine/threads/index.js";
import { SpecError } from "../../errors/index.js";
import type { GatesPoint } from "../../gates/index.js";
import { notebookDisplay, noteSeed } from "../../port/index.js";
import { assertValid, type ModelSpec, needsFit, type TrainingSpec, trainingWarnings } from "../../spec/index.js";
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
import { type DatasetSource, dataNotes, dataset, fittedSpec, type HeldOut, heldOut } from "../data/index.js";
import { EvaluationResult } from "../results/index.js";
import { Run } from "../run/index.js";
import {
  beginCheckpoints,
  type CheckpointOptions,
  type FitOptions,
  type LiveChart,
  liveChart,
  openCheckpoints,
  openEngine,
  resumedEngine,
  runEngine,
} from "../training/index.js";

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
  assertThreads(options.threads, "fit: threads");
  noteSeed("fit", described.training.seed);
  const { trained, sets } = await fittedToRows(described, source, options, hooks);
  const checkpoints = checkpointOptions(options);
  const opened = checkpoints && (await openCheckpoints(trained, checkpoints, signalFor(options)));
  const differences = trainingWarnings(trained).map(({ path, message }) => `${path}: ${message}`);
  const notes = [...(opened?.notes ?? []), ...differences];
  for (const note of notes) hooks.onNote?.(note);
  const series = opened?.series ?? null;
  try {
    return await trainRows({ spec: trained, asModel, source, sets, options, hooks, series }, notes);
  } finally {
    await series?.close();
  }
}

/** The model with features that are fitted to the training rows, which are opened first only if that is needed. */
async function fittedToRows(
  spec: ModelSpec,
  source: DatasetSource,
  { validation }: FitOptions,
  { waitFor = (work) => work }: TrainingHooks,
): Promise<{ trained: ModelSpec; sets: HeldOut | null }> {
  if (!spec.features.some(needsFit)) return { trained: spec, sets: null };
  const sets = await waitFor(openRows(spec, source, validation));
  const trained = await waitFor(fittedSpec(spec, sets.train));
  assertValid(trained);
  return { trained, sets };
}

/** A requested training, with the folder of its checkpoints. */
interface Training<M> {
  readonly spec: ModelSpec;
  readonly asModel: (spec: ModelSpec) => M;
  readonly source: DatasetSource;
  /** The rows, if they are open already. */
  readonly sets: HeldOut | null;
  readonly options: FitOptions;
  readonly hooks: TrainingHooks;
  readonly series: CheckpointSeries | null;
}

async function trainRows<M>(training: Training<M>, opening: readonly string[]): Promise<FinishedTraining<M>> {
  const { spec, options, hooks, series } = training;
  const { waitFor = (work) => work } = hooks;
  const choice = resumedEngine(series, options);
  const sets = training.sets ?? (await waitFor(openRows(spec, training.source, options.validation)));
  const { trainSession } = await import("../../train/index.js");
  await nextTurn();
  const gatesHistory = [...((series?.from?.gatesHistory ?? []) as readonly GatesPoint[])];
  const shown: { live: LiveChart | null } = { live: null };
  try {
    const session = await trainSession({
      openEngine: () => openEngine(spec, { ...choice, seed: spec.training.seed, prepare: true }),
      rows: () => encodedSets(spec, sets),
      // A resumed run has its own weights.
      weights: series?.from ? null : startingWeights(options),
      checkpoints: checkpointing(training, gatesHistory),
      loop: async (engine, { validation }) => ({
        ...loopOptions(training),
        atEvaluation: await gatesFollower(options, engine, validation, gatesHistory),
        onProgress: (progress) => {
          shown.live?.update(progress);
          options.onProgress?.(progress);
        },
      }),
      signal: signalFor(options),
      waitFor,
      onNote: hooks.onNote,
      onStart: async (notes) => {
        if (!options.quiet) shown.live = await liveChart([...opening, ...notes]);
      },
    });
    return await finishedTraining(training, session, sets, { opening, gatesHistory, live: shown.live });
  } catch (error) {
    await shown.live?.fail(error).catch(() => undefined); // the error is reported even if the chart fails
    throw error;
  }
}

function signalFor({ signal }: FitOptions): AbortSignal | undefined {
  return signal ?? notebookDisplay()?.signal();
}

async function openRows(
  spec: ModelSpec,
  source: DatasetSource,
  validation: FitOptions["validation"],
): Promise<HeldOut> {
  return heldOut(spec, await dataset(source), validation);
}

async function encodedSets(spec: ModelSpec, { train, validation, notes }: HeldOut): Promise<SessionRows> {
  const encoded = await train.encode(spec);
  const held = validation === null ? null : await validation.encode(spec);
  const said = new Set([...train.notes, ...(validation?.notes ?? [])]);
  const counted = [...dataNotes("training data", encoded), ...dataNotes("validation data", held)];
  return { train: encoded, validation: held, notes: [...notes, ...said, ...counted] };
}

/** The parts of a run in addition to the session's result. */
interface Followed {
  readonly opening: readonly string[];
  readonly gatesHistory: readonly GatesPoint[];
  readonly live: LiveChart | null;
}

async function finishedTraining<M>(
  { spec, asModel }: Training<M>,
  { engine, rows, result, notes }: TrainedSession,
  { validation }: HeldOut,
  { opening, gatesHistory, live }: Followed,
): Promise<FinishedTraining<M>> {
  const { planSteps } = await import("../../train/index.js");
  try {
    await live?.finish(result.interrupted);
    const run = new Run({
      spec,
      model: asModel(spec),
      history: result.history,
      evaluation: result.evaluation && new EvaluationResult(result.evaluation),
      validation,
      notes: [...opening, ...notes, ...endNotes(result)],
      interrupted: result.interrupted,
      gatesHistory,
      engine: await runEngine(engine, engine.threads),
    });
    return { run, steps: engine.steps, totalSteps: planSteps(spec.training, rows.train.rows).totalSteps };
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

function startingWeights({ weights, weightMap }: FitOptions): SessionRequest["weights"] {
  return weights === undefined ? null : { source: weights, map: weightMap };
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

/**
 * The checkpoints of the training. By default, failing to save one is only a note, because the run is still in memory.
 */
function checkpointing<M>(
  { spec, series, options, hooks }: Training<M>,
  gatesHistory: readonly GatesPoint[],
): SessionRequest["checkpoints"] {
  if (series === null) return undefined;
  return async (engine, rows, report) => {
    const { planSteps } = await import("../../train/index.js");
    const { stepsPerEpoch } = planSteps(spec.training, rows.train.rows);
    const usual = hooks.checkpointSteps?.(stepsPerEpoch) ?? Math.min(stepsPerEpoch, CHECKPOINT_STEPS);
    const everySteps = checkpointOptions(options)?.everySteps ?? usual;
    const plan = { everySteps, gatesHistory, lastMayFail: !hooks.mustSave };
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

function overridden(training: TrainingSpec, { steps, epochs, seed }: FitOptions): TrainingSpec {
  if (steps !== undefined && epochs !== undefined) {
    throw new SpecError({
      path: "fit",
      message: "steps and epochs exclude each other",
      received: `steps ${steps} and epochs ${epochs}`,
      expected: "either steps or epochs",
      fix: "remove one of them",
    });
  }
  const seeded = { ...training, seed: seed ?? training.seed };
  if (steps !== undefined) return { ...seeded, steps, epochs: null };
  return epochs === undefined ? seeded : { ...seeded, epochs, steps: null };
}

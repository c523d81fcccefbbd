/**
 * The training loop: shuffled batches through an engine, evaluations on the way, early stopping that keeps the best
 * weights, progress for whoever watches, and a partial result when it is interrupted.
 */
import { batches } from "../data/batches.js";
import type { EncodedData } from "../data/encoded.js";
import type { Engine, EngineState, StepResult, Weights } from "../engine/engine.js";
import { DataError, TrainError } from "../errors/index.js";
import type { Evaluation } from "../metrics/types.js";
import type { TrainingSpec } from "../spec/index.js";
import { evaluate } from "./evaluate.js";
import type { EvaluationPoint, History, Progress } from "./history.js";
import { type Recorder, recorder, type TrainProgress } from "./recorder.js";

/** When to stop before the last epoch; the best weights are kept. */
export interface EarlyStopping {
  /** Evaluations without a better value before training stops. Default 2. */
  readonly patience?: number;
  /** The tower whose AUC decides; default: the mean over all towers. */
  readonly tower?: string;
  /** A value must be better by more than this. Default 0. */
  readonly minDelta?: number;
}

/** Everything that training goes on from, between two steps. */
export interface TrainCheckpoint {
  /** Weights, optimiser slots and step count. */
  readonly engine: EngineState;
  /** What predictions are made with: the weights, or their moving averages. */
  readonly weights: Weights;
  readonly progress: TrainProgress;
  /** Of these weights; `null` where they were not evaluated. */
  readonly evaluation: Evaluation | null;
}

/** One optimiser step, as it is told. */
export interface StepReport extends StepResult {
  readonly step: number;
  readonly totalSteps: number;
  /** Epochs done, such as 0.25. */
  readonly epoch: number;
  readonly rowsPerSecond: number;
}

/** How a run trains, beside what its spec says. */
export interface TrainLoopOptions {
  /** Evaluations per epoch. Default: as many as make about four in the run, at least one an epoch. */
  readonly evaluationsPerEpoch?: number;
  readonly earlyStopping?: EarlyStopping;
  /** Goes on from here, as if training had never stopped: the same batches, dropout, learning rates and so weights. */
  readonly from?: TrainCheckpoint | null;
  /**
   * Saves what training can go on from: every so many steps, at the end, and where training is interrupted, which then
   * ends without an evaluation. Not together with `earlyStopping`, whose best weights a checkpoint does not hold.
   */
  readonly checkpoint?: { readonly everySteps: number; save(checkpoint: TrainCheckpoint): Promise<void> };
  /** Aborted: the step in progress ends, and what there is is returned. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onStep?: (step: StepReport) => void;
  /** Called after every evaluation. */
  readonly onEvaluation?: (point: EvaluationPoint) => void;
  /** Called after steps, at most every 250 ms, after each evaluation, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What training leaves. */
export interface TrainLoopResult {
  readonly history: History;
  /** On the validation data, with the weights that were kept; `null` without validation data. */
  readonly evaluation: Evaluation | null;
  readonly interrupted: boolean;
  readonly stoppedEarly: boolean;
}

const progressMillis = 250;

/**
 * Trains an engine's model on encoded data.
 *
 * @throws TrainError where a loss is not finite, naming the step and the task.
 * @throws DataError where there are no rows.
 */
export async function fit(
  engine: Engine,
  data: EncodedData,
  validation: EncodedData | null,
  options: TrainLoopOptions = {},
): Promise<TrainLoopResult> {
  refuseBoth(options);
  const { from = null, checkpoint } = options;
  if (from !== null) await engine.restore(from.engine);
  const plan = planSteps(engine.spec.training, data.rows);
  const record = recorder(plan.totalSteps, () => performance.now() / 1000, from?.progress);
  const best = bestKeeper(engine, options.earlyStopping);
  const tell = progressTeller(record, plan.totalSteps, options.onProgress);
  const evaluationDue = evaluationsDue(plan, options.evaluationsPerEpoch);
  let evaluated = from?.evaluation ? { step: record.steps, evaluation: from.evaluation } : null;
  let stoppedEarly = false;
  let interrupted = options.signal?.aborted ?? false;

  const evaluateNow = async (epoch: number): Promise<void> => {
    if (validation === null || evaluated?.step === record.steps) return;
    const evaluation = await evaluate(engine, validation);
    evaluated = { step: record.steps, evaluation };
    record.evaluation(evaluation, epoch);
    options.onEvaluation?.({ step: record.steps, epoch, evaluation });
    stoppedEarly = await best.offer(evaluation, record.steps);
    tell(epoch, best.step, false, true);
  };
  const save = async (): Promise<void> => {
    const evaluation = evaluated?.step === record.steps ? evaluated.evaluation : null;
    await checkpoint?.save({
      engine: await engine.state(),
      weights: await engine.weights(),
      progress: record.progress(),
      evaluation,
    });
  };

  if (from !== null && !interrupted && evaluationDue(record.steps))
    await evaluateNow(record.steps / plan.stepsPerEpoch);
  while (!interrupted && !stoppedEarly && record.steps < plan.totalSteps) {
    const epoch = Math.floor(record.steps / plan.stepsPerEpoch);
    const start = record.steps % plan.stepsPerEpoch;
    for (const batch of batches(data, { ...batchOptions(engine.spec.training, epoch), start })) {
      const result = await engine.step(batch, epoch);
      const step = record.steps + 1;
      const last = step === plan.totalSteps;
      const epochsDone = step / plan.stepsPerEpoch;
      assertFinite(result, step);
      record.step(result, batch.rows.length, epochsDone, last);
      const { rowsPerSecond } = record;
      options.onStep?.({ ...result, step, totalSteps: plan.totalSteps, epoch: epochsDone, rowsPerSecond });
      tell(epochsDone, best.step, false, false);
      interrupted = options.signal?.aborted ?? false;
      if (interrupted) break;
      if (evaluationDue(step)) await evaluateNow(epochsDone);
      if (last || stoppedEarly) break;
      if (checkpoint && step % checkpoint.everySteps === 0) await save();
    }
  }
  if (interrupted && !checkpoint && record.steps > 0) await evaluateNow(record.steps / plan.stepsPerEpoch);
  const kept = await best.restore();
  await save();
  tell(record.steps / plan.stepsPerEpoch, best.step, true, true);
  const evaluation = kept ?? evaluated?.evaluation ?? null;
  return { history: record.history(best.step), evaluation, interrupted, stoppedEarly };
}

function refuseBoth({ checkpoint, from, earlyStopping }: TrainLoopOptions): void {
  if (!earlyStopping || (!checkpoint && !from)) return;
  throw new TrainError({
    path: "earlyStopping",
    message: "early stopping cannot be resumed: a checkpoint does not hold the best weights so far",
    received: "earlyStopping beside a checkpoint",
    expected: "one of them",
    fix: "leave one out",
  });
}

interface StepPlan {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** Steps an epoch and in all. */
export function planSteps(training: TrainingSpec, rows: number): StepPlan {
  const full = rows / training.batchSize;
  const stepsPerEpoch = training.dropRemainder ? Math.floor(full) : Math.ceil(full);
  if (stepsPerEpoch === 0) {
    throw new DataError({
      path: "training data",
      message: rows === 0 ? "there are no rows to train on" : "no full batch to train on",
      received: `${rows} rows, batch size ${training.batchSize}${training.dropRemainder ? ", dropRemainder" : ""}`,
      expected: training.dropRemainder ? "at least one full batch" : "at least one row",
      fix: rows === 0 ? "check the file or the filter that made this data" : "lower batchSize or keep the remainder",
    });
  }
  return { stepsPerEpoch, totalSteps: training.steps ?? (training.epochs ?? 1) * stepsPerEpoch };
}

/** Whether an evaluation is due after a step. */
function evaluationsDue(plan: StepPlan, perEpoch: number | undefined): (step: number) => boolean {
  const epochs = plan.totalSteps / plan.stepsPerEpoch;
  const wanted = perEpoch ?? Math.max(1, Math.round(4 / epochs));
  const every = Math.max(1, Math.round(Math.min(plan.stepsPerEpoch, plan.totalSteps) / wanted));
  return (step) => step > 0 && (step === plan.totalSteps || step % every === 0);
}

function batchOptions(training: TrainingSpec, epoch: number) {
  const { batchSize, shuffle, seed, dropRemainder } = training;
  return { batchSize, shuffle, seed, epoch, dropRemainder };
}

function assertFinite(result: StepResult, step: number): void {
  const bad = Object.entries(result.taskLosses).find(([, loss]) => !Number.isFinite(loss));
  if (!bad && Number.isFinite(result.loss)) return;
  throw new TrainError({
    path: `step ${step}`,
    message: "the loss is not a finite number; training stopped, since every weight would be lost",
    received: bad ? `${bad[0]} = ${bad[1]}` : `loss = ${result.loss}`,
    expected: "a finite loss",
    fix: "lower the learning rate, clip gradients, or look for extreme values in the raw features",
  });
}

interface BestKeeper {
  /** Takes an evaluation; true where patience has run out. */
  offer(evaluation: Evaluation, step: number): Promise<boolean>;
  /** Puts the best weights back and returns their evaluation. */
  restore(): Promise<Evaluation | null>;
  readonly step: number | null;
}

function bestKeeper(engine: Engine, stopping: EarlyStopping | undefined): BestKeeper {
  let best: { value: number; step: number; state: EngineState; evaluation: Evaluation } | null = null;
  let lastStep = 0;
  let worse = 0;
  return {
    async offer(evaluation, step) {
      lastStep = step;
      if (!stopping) return false;
      const value = monitored(evaluation, stopping);
      if (best === null || value > best.value + (stopping.minDelta ?? 0)) {
        best = { value, step, state: await engine.state(), evaluation };
        worse = 0;
        return false;
      }
      worse++;
      return worse >= (stopping.patience ?? 2);
    },
    async restore() {
      if (best === null) return null;
      if (best.step !== lastStep) await engine.restore(best.state);
      return best.evaluation;
    },
    get step() {
      return best?.step ?? null;
    },
  };
}

function monitored(evaluation: Evaluation, stopping: EarlyStopping): number {
  const tasks = evaluation.tasks.filter((task) => stopping.tower === undefined || task.tower === stopping.tower);
  if (tasks.length === 0) {
    throw new TrainError({
      path: "earlyStopping.tower",
      message: "no such tower",
      received: `"${stopping.tower}"`,
      expected: `one of ${evaluation.tasks.map((task) => `"${task.tower}"`).join(", ")}`,
      fix: "name a tower of the model, or leave it out for the mean over all",
    });
  }
  const values = tasks.map(({ overall }) => overall.auc ?? -(overall.logLoss ?? overall.meanSquaredError ?? 0));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function progressTeller(record: Recorder, totalSteps: number, tell: ((progress: Progress) => void) | undefined) {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (epoch: number, bestStep: number | null, done: boolean, now: boolean): void => {
    if (!tell || (!now && performance.now() - toldAt < progressMillis)) return;
    toldAt = performance.now();
    const history = record.history(bestStep);
    const rowsPerStep = (history.points.at(-1)?.rows ?? 0) / Math.max(1, record.steps);
    const secondsLeft = done ? 0 : ((totalSteps - record.steps) * rowsPerStep) / Math.max(1, record.rowsPerSecond);
    tell({ step: record.steps, totalSteps, epoch, rowsPerSecond: record.rowsPerSecond, secondsLeft, history, done });
  };
}

/** Trains until a metric no longer improves, and keeps the best weights. */
import type { EngineState, StepResult, Weights } from "../../engine/engine.js";
import { type Problem, TrainError } from "../../errors/index.js";
import { metricDirections } from "../../metrics/comparison-verdict.js";
import type { EvaluationPoint } from "../../metrics/learning-curves.js";
import type { AucFloor, Evaluation, MetricName } from "../../metrics/types.js";
import { configuredMetric, type KnownMetric } from "../../spec/metrics.js";
import { listDomainNames, type ModelSpec } from "../../spec/model.js";
import { unknownName } from "../../spec/validate/checks.js";
import { mean } from "../../util/numbers.js";
import { assertMetrics, type UserMetrics } from "../measure/user-metrics.js";
import type { TrainingRecord, TrainingStart } from "../training-record.js";
import type { ExplodedGradients, OnNonFinite } from "./faulty-steps.js";
import type { History, HistoryPoint, Progress, TrainProgress } from "./recorder.js";

/** When to stop before the last epoch; the best weights are kept. `T`: towers; `D`: domains; `K`: your own metrics. */
export interface EarlyStopping<T extends string = string, D extends string = string, K extends string = string> {
  /** Number of evaluations without improvement before training stops. Default 2. */
  readonly patience?: number;
  /** Default: the mean AUC of the towers. An evaluation in which it is not defined counts neither as better nor as worse. */
  readonly monitor?: Monitor<T, D, K>;
  /** The minimum improvement. Default 0. */
  readonly minDelta?: number;
}

/** The value that early stopping follows. `T`: towers; `D`: domains; `K`: your own metrics. */
export interface Monitor<T extends string = string, D extends string = string, K extends string = string> {
  /** Default: the mean over the towers that have the metric. */
  readonly tower?: T;
  /** The name of a domain. Default: all rows of the task. */
  readonly domain?: D;
  /** One of {@link MetricName}, one that a tower configures, such as `grouped_auc`, or your own. Default: `auc`. */
  readonly metric?: MetricName | KnownMetric["kind"] | K;
  /** Default: the known direction of the metric; `higher` for your own. */
  readonly better?: "higher" | "lower";
}

/** The best state so far, and the evaluations since. */
export interface BestState {
  readonly value: number;
  readonly step: number;
  readonly worse: number;
  readonly evaluation: Evaluation;
  readonly state: EngineState;
}

/** Larger is better; NaN: not defined. Without a metric: AUC, or the negative loss of towers that have none. */
export function monitored({ tasks, domainNames }: Evaluation, monitor: Monitor = {}): number {
  const { tower, domain, metric, better } = monitor;
  const name = Object.keys(metricDirections).find((each) => each === metric) as MetricName | undefined;
  const usual = name === undefined ? configuredMetric(metric ?? "auc")?.more : metricDirections[name];
  const more = better === "higher" ? "better" : better === "lower" ? "worse" : usual;
  const values = tasks.flatMap((task): number[] => {
    if (tower !== undefined && task.tower !== tower) return [];
    const cell = domain === undefined ? task.overall : task.domains[domainNames.indexOf(domain)];
    if (cell === undefined) return [];
    if (metric === undefined) return [cell.auc ?? -(cell.logLoss ?? cell.meanSquaredError ?? 0)];
    const value = name === undefined ? cell.configured[metric] : cell[name];
    if (value === undefined || value === null) return [];
    return [more === "worse" ? -value : more === "towards 1" ? -Math.abs(value - 1) : value];
  });
  return mean(values);
}

/** Whether a monitored value is better than another; a value that is not defined is better than none. */
export function exceeds(value: number, other: number): boolean {
  return value > other || (Number.isNaN(other) && !Number.isNaN(value));
}

/** @throws TrainError for an unknown tower, domain or metric; SpecError for a metric that cannot be used */
export function assertMonitor(spec: ModelSpec, monitor: Monitor = {}, metrics: UserMetrics = {}): void {
  assertMetrics(metrics);
  const { tower, domain, metric } = monitor;
  const towers = spec.towers.map(({ name }) => name);
  const configured = spec.towers.flatMap((each) => each.metrics.map(({ kind }) => kind));
  const metricNames = [...new Set([...Object.keys(metricDirections), ...configured, ...Object.keys(metrics)])];
  const problem = (what: string, name: string | undefined, names: readonly string[]): Problem[] => {
    if (name === undefined || names.includes(name)) return [];
    const path = `earlyStopping.monitor.${what}`;
    return [unknownName(path, what, name, names, `leave ${what} out for the default`)];
  };
  const problems = [
    ...problem("tower", tower, towers),
    ...problem("domain", domain, listDomainNames(spec)),
    ...problem("metric", metric, metricNames),
  ];
  if (problems.length > 0) throw new TrainError(problems);
}

/** Everything needed to resume training between two steps. */
export interface TrainCheckpoint {
  readonly engine: EngineState;
  /** The weights for predictions: the current weights or their moving averages. */
  readonly weights: Weights;
  readonly progress: TrainProgress;
  readonly evaluation: Evaluation | null;
  readonly best: BestState | null;
  readonly stoppedEarly: boolean;
  /** What early stopping follows. Default: the mean AUC. */
  readonly monitor?: Monitor | undefined;
  /** Of `weights`; missing in checkpoints of older versions. */
  readonly record?: TrainingRecord | undefined;
}

/** The report of one optimiser step. */
export interface StepReport
  extends Omit<StepResult, "predictions">,
    Pick<HistoryPoint, "trainMetrics">,
    Required<Pick<HistoryPoint, "learningRates">>,
    Pick<Progress, "step" | "totalSteps" | "epoch" | "rowsPerSecond"> {}

/** How to train a run, besides its spec. */
export interface TrainLoopOptions {
  readonly steps?: number | undefined;
  /** Takes the steps, and the learning rates by epoch, of a training on this number of rows. */
  readonly asLongAs?: number | undefined;
  /** Evaluates after numbers of steps that grow by √2, in place of at equal distances. */
  readonly growingEvaluations?: boolean | undefined;
  /** Evaluations per epoch. Default: see `FitOptions`. */
  readonly evaluationsPerEpoch?: number;
  /** Stops when validation no longer improves, and keeps the best weights. Default: trains to the end. */
  readonly earlyStopping?: EarlyStopping;
  /** A step whose loss is not finite is never applied: `stop` (default) with an error, or `skip`, up to 50 in a row. */
  readonly onNonFinite?: OnNonFinite;
  /** Resumes from this state as if training had never stopped, with the same weights in the end. */
  readonly from?: TrainCheckpoint | null;
  /** What the weights of the engine are, if they are not random; for the record. */
  readonly start?: TrainingStart | undefined;
  /** At regular steps, after the best evaluation, at the end and on an interrupt. `last`: nothing remains. */
  readonly checkpoint?: {
    readonly everySteps: number;
    /** Writes a checkpoint; training waits for it. */
    save(checkpoint: TrainCheckpoint, last: boolean): Promise<void>;
  };
  readonly floors?: ReadonlyMap<string, AucFloor> | null;
  /**
   * Ends training, which then returns its results so far; before the first step it rejects with the signal's reason. In a notebook
   * an interrupt does the same.
   */
  readonly signal?: AbortSignal | undefined;
  /** Your own metrics by name, measured at every evaluation; a run keeps the values. */
  readonly metrics?: UserMetrics;
  /**
   * Called after each step, and awaited. Steps are computed several at a time, so the weights may be some steps ahead.
   * If it throws, training saves a checkpoint, as when it is interrupted, and throws that error.
   */
  readonly onStep?: (step: StepReport) => unknown;
  /** Called after this step, and awaited, while weights do not change; its time does not count as training. */
  readonly pause?:
    | {
        /** The number of steps before it. */
        readonly step: number;
        /** What runs in it. */
        at(): Promise<void>;
      }
    | null
    | undefined;
  /** Awaited before every evaluation, while weights do not change; its time does not count as training. */
  readonly atEvaluation?: (step: number, epoch: number) => Promise<void>;
  /** Called at growing numbers of steps while weights do not change; `false` ends training. `counts`: late enough to end it. */
  readonly look?: ((counts: boolean) => Promise<boolean>) | undefined;
  /** Called after each evaluation, and awaited, with its step and result. If it throws: as `onStep`. */
  readonly onEvaluation?: (point: EvaluationPoint) => unknown;
  /** Called after steps at most every 250 ms, after each evaluation, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The result of training. */
export interface TrainLoopResult {
  readonly history: History;
  /** On the validation data, with the kept weights; `null` without validation data. */
  readonly evaluation: Evaluation | null;
  readonly interrupted: boolean;
  readonly stoppedEarly: boolean;
  readonly record: TrainingRecord;
  readonly skipped: number;
  readonly exploded: ExplodedGradients | null;
  /** Evaluations in which the value that early stopping monitors was not defined. */
  readonly undefinedMonitors: number;
}

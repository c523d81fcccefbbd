/** Records the history and progress of training. */

import type { LearningRates, StepResult } from "../../engine/engine.js";
import type { Evaluated, EvaluationPoint } from "../../metrics/learning-curves.js";
import type { Evaluation } from "../../metrics/types.js";
import { weightedMean } from "../../util/numbers.js";
import type { TrainMetricStates } from "./train-metrics.js";

/** One logged step; losses and their weights are means over the rows of the steps since the previous point. */
export interface HistoryPoint extends Pick<StepResult, "loss" | "taskLosses" | "lossWeights"> {
  readonly step: number;
  /** Completed epochs, such as 0.25. */
  readonly epoch: number;
  readonly rows: number;
  readonly seconds: number;
  /** Rows per second so far, without evaluations. */
  readonly rowsPerSecond: number;
  /** The largest norm of the dense gradients since the previous point (measured at every tenth step); else `null`. */
  readonly gradientNorm?: number | null;
  readonly learningRates?: LearningRates;
  /** The last values of training batches' metrics (`train_metrics`) by `{metric}_{tower}`; 0 before the first one. */
  readonly trainMetrics?: Readonly<Record<string, number>>;
}

/** The curves of a run. */
export interface History extends Evaluated {
  /** About 200 points, evenly over the steps. */
  readonly points: readonly HistoryPoint[];
}

/** The progress report during training. */
export interface Progress {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  /** Rows per second so far, without evaluations. */
  readonly rowsPerSecond: number;
  /** Estimated seconds until the end. */
  readonly secondsLeft: number;
  readonly history: History;
  readonly done: boolean;
}

const targetPoints = 200;

/** The losses of a step. */
export interface PendingStep extends Omit<StepResult, "predictions"> {
  /** Number of rows of the step; missing in checkpoints of older versions. */
  readonly rows?: number;
}

/** The progress of training, for exact resumption: plain data. */
export interface TrainProgress {
  readonly steps: number;
  readonly rows: number;
  /** Seconds since training began, and those of evaluations; including earlier sessions. */
  readonly seconds: number;
  /** The part of `seconds` spent on evaluations. */
  readonly idleSeconds: number;
  readonly history: History;
  readonly pending: readonly PendingStep[];
  readonly skipped: number;
  readonly trainMetrics?: TrainMetricStates | undefined;
}

export class Recorder {
  readonly evaluations: EvaluationPoint[];
  steps: number;
  skipped: number;
  rows: number;
  /** The states of train metrics; empty if no tower has any. */
  trainMetrics: TrainMetricStates;
  readonly #points: HistoryPoint[];
  readonly #stepsPerPoint: number;
  readonly #now: () => number;
  readonly #start: number;
  #pending: PendingStep[];
  #idleSeconds: number;
  #idleStart: number;

  constructor(totalSteps: number, now: () => number, from: TrainProgress | null = null) {
    this.#now = now;
    this.#stepsPerPoint = Math.max(1, Math.floor(totalSteps / targetPoints));
    this.#points = [...(from?.history.points ?? [])];
    this.evaluations = [...(from?.history.evaluations ?? [])];
    this.#start = now() - (from?.seconds ?? 0);
    this.#pending = [...(from?.pending ?? [])];
    this.steps = from?.steps ?? 0;
    this.skipped = from?.skipped ?? 0;
    this.trainMetrics = from?.trainMetrics ?? {};
    this.rows = from?.rows ?? 0;
    this.#idleSeconds = from?.idleSeconds ?? 0;
    this.#idleStart = now();
  }

  get rowsPerSecond(): number {
    return this.rows / Math.max(1e-9, this.activeSeconds);
  }

  /** Seconds of training, without evaluations. */
  get activeSeconds(): number {
    return this.#seconds() - this.#idleSeconds;
  }

  /** The last values of train metrics; absent without any. */
  get trainValues(): Pick<HistoryPoint, "trainMetrics"> {
    const values = Object.entries(this.trainMetrics).map(([name, { value }]) => [name, value] as const);
    return values.length === 0 ? {} : { trainMetrics: Object.fromEntries(values) };
  }

  step(result: PendingStep, rows: number, epoch: number, last: boolean, rates?: () => LearningRates): void {
    this.#count(rows);
    this.#pending.push({ ...result, rows });
    if (!last && this.steps % this.#stepsPerPoint !== 0 && this.steps !== 1) return;
    const pending = this.#pending;
    this.#pending = [];
    const rowsOf = (step: PendingStep): number => step.rows ?? rows;
    const names = Object.keys(result.taskLosses);
    const means = (ofStep: (step: PendingStep, name: string) => number) =>
      Object.fromEntries(names.map((name) => [name, weightedMean(pending, rowsOf, (step) => ofStep(step, name))]));
    const norms = pending.flatMap(({ gradientNorm }) => gradientNorm ?? []);
    this.#points.push({
      step: this.steps,
      epoch,
      rows: this.rows,
      seconds: this.#seconds(),
      rowsPerSecond: this.rowsPerSecond,
      loss: weightedMean(pending, rowsOf, (step) => step.loss),
      gradientNorm: norms.length === 0 ? null : Math.max(...norms),
      taskLosses: means((step, name) => step.taskLosses[name]!),
      learningRates: rates?.(),
      ...this.trainValues,
      ...(result.lossWeights && { lossWeights: means((step, name) => step.lossWeights![name]!) }),
    });
  }

  skip(rows: number): void {
    this.#count(rows);
    this.skipped++;
  }

  /** Does not count the time since the last step, or pause, as training. */
  paused(): void {
    const now = this.#now();
    this.#idleSeconds += now - this.#idleStart;
    this.#idleStart = now;
  }

  evaluation(evaluation: Evaluation, epoch: number): void {
    this.paused();
    this.evaluations.push({ step: this.steps, epoch, evaluation });
  }

  history(bestStep: number | null): History {
    return { points: [...this.#points], evaluations: [...this.evaluations], bestStep };
  }

  progress(bestStep: number | null = null): TrainProgress {
    const { steps, rows, skipped } = this;
    const [seconds, idleSeconds] = [this.#seconds(), this.#idleSeconds];
    const pending = [...this.#pending];
    const trainMetrics = Object.keys(this.trainMetrics).length === 0 ? undefined : this.trainMetrics;
    return { steps, rows, seconds, idleSeconds, history: this.history(bestStep), pending, skipped, trainMetrics };
  }

  #count(rows: number): void {
    this.steps++;
    this.rows += rows;
    this.#idleStart = this.#now();
  }

  #seconds(): number {
    return this.#now() - this.#start;
  }
}

const progressMillis = 250;
/** The first steps compile and warm up; the time left is estimated from later ones, once they have taken half a second. */
export const warmupSteps = 5;
const leastSeconds = 0.5;

export type TellProgress = (epoch: number, bestStep: number | null, done: boolean, now: boolean) => void;

export function progressTeller(
  record: Recorder,
  totalSteps: number,
  tell: ((progress: Progress) => void) | undefined,
): TellProgress {
  let toldAt = Number.NEGATIVE_INFINITY;
  const warmAt = record.steps + warmupSteps;
  let warm = { steps: 0, seconds: 0 };
  return (epoch: number, bestStep: number | null, done: boolean, now: boolean): void => {
    const { steps, activeSeconds: seconds } = record;
    if (warm.steps === 0 && steps >= warmAt) warm = { steps, seconds };
    if (!tell || (!now && performance.now() - toldAt < progressMillis)) return;
    toldAt = performance.now();
    const history = record.history(bestStep);
    const from = seconds - warm.seconds > leastSeconds ? warm : { steps: 0, seconds: 0 };
    const secondsLeft = done ? 0 : ((totalSteps - steps) * (seconds - from.seconds)) / Math.max(1, steps - from.steps);
    tell({ step: steps, totalSteps, epoch, rowsPerSecond: record.rowsPerSecond, secondsLeft, history, done });
  };
}

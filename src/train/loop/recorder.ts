/**
 * Records a run's losses and evaluations during training.
 */

import type { StepResult } from "../../engine/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { weightedMean } from "../../util/sums.js";
import type { EvaluationPoint, History, HistoryPoint } from "./history.js";

/** The approximate number of points in a history: enough for a curve, few enough for a notebook. */
const targetPoints = 200;

/** The losses of a step. */
export interface PendingStep extends StepResult {
  /** Number of rows of the step; missing in checkpoints of older versions. */
  readonly rows?: number;
}

/** The progress of training, for exact resumption: plain data. */
export interface TrainProgress {
  /** Number of optimiser steps. */
  readonly steps: number;
  /** Number of training rows. */
  readonly rows: number;
  /** Seconds since training began, and those of evaluations; including earlier sessions. */
  readonly seconds: number;
  /** The part of `seconds` spent on evaluations. */
  readonly idleSeconds: number;
  /** Losses and evaluations so far. */
  readonly history: History;
  /** Losses of the steps since the last point of the history. */
  readonly pending: readonly PendingStep[];
  /** Number of steps skipped because their loss was not finite. */
  readonly skipped: number;
}

/** Records a run of `totalSteps` steps, from its start or resumed. */
export class Recorder {
  readonly evaluations: EvaluationPoint[];
  readonly #points: HistoryPoint[];
  /** Steps between points. */
  readonly #every: number;
  readonly #now: () => number;
  readonly #start: number;
  /** Results since the last point. */
  #pending: PendingStep[];
  #steps: number;
  #skipped: number;
  #rows: number;
  /** Seconds of evaluations. */
  #idleSeconds: number;
  #evaluationStart: number;

  /** @param now returns seconds */
  constructor(totalSteps: number, now: () => number, from: TrainProgress | null = null) {
    this.#now = now;
    this.#every = Math.max(1, Math.floor(totalSteps / targetPoints));
    this.#points = [...(from?.history.points ?? [])];
    this.evaluations = [...(from?.history.evaluations ?? [])];
    this.#start = now() - (from?.seconds ?? 0);
    this.#pending = [...(from?.pending ?? [])];
    this.#steps = from?.steps ?? 0;
    this.#skipped = from?.skipped ?? 0;
    this.#rows = from?.rows ?? 0;
    this.#idleSeconds = from?.idleSeconds ?? 0;
    this.#evaluationStart = now();
  }

  get steps(): number {
    return this.#steps;
  }

  get skipped(): number {
    return this.#skipped;
  }

  /** Number of training rows so far. */
  get rows(): number {
    return this.#rows;
  }

  get rowsPerSecond(): number {
    return this.#rows / Math.max(1e-9, this.#seconds() - this.#idleSeconds);
  }

  /** Records the losses of a step; adds a point if one is due or `last` is true. */
  step(result: StepResult, rows: number, epoch: number, last: boolean): void {
    this.#count(rows);
    this.#pending.push({ ...result, rows });
    if (!last && this.#steps % this.#every !== 0 && this.#steps !== 1) return;
    const pending = this.#pending;
    this.#pending = [];
    const rowsOf = (step: PendingStep): number => step.rows ?? rows;
    this.#points.push({
      step: this.#steps,
      epoch,
      rows: this.#rows,
      seconds: this.#seconds(),
      rowsPerSecond: this.rowsPerSecond,
      loss: weightedMean(pending, rowsOf, (step) => step.loss),
      gradientNorm: largest(pending.flatMap(({ gradientNorm }) => gradientNorm ?? [])),
      taskLosses: Object.fromEntries(
        Object.keys(result.taskLosses).map((name) => [
          name,
          weightedMean(pending, rowsOf, (step) => step.taskLosses[name]!),
        ]),
      ),
    });
  }

  /** Records a skipped step. */
  skip(rows: number): void {
    this.#count(rows);
    this.#skipped++;
  }

  evaluation(evaluation: Evaluation, epoch: number): void {
    this.#idleSeconds += this.#now() - this.#evaluationStart;
    this.evaluations.push({ step: this.#steps, epoch, evaluation });
  }

  /** A snapshot of the history so far. */
  history(bestStep: number | null): History {
    return { points: [...this.#points], evaluations: [...this.evaluations], bestStep };
  }

  /** The state from which another recorder can continue. */
  progress(): TrainProgress {
    return {
      steps: this.#steps,
      rows: this.#rows,
      seconds: this.#seconds(),
      idleSeconds: this.#idleSeconds,
      history: this.history(null),
      pending: [...this.#pending],
      skipped: this.#skipped,
    };
  }

  #count(rows: number): void {
    this.#steps++;
    this.#rows += rows;
    this.#evaluationStart = this.#now();
  }

  #seconds(): number {
    return this.#now() - this.#start;
  }
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

/** Collects a run's losses and evaluations into its history while it trains. */

import type { StepResult } from "../../engine/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { mean } from "../../util/sums.js";
import type { EvaluationPoint, History, HistoryPoint } from "./history.js";

/** Points a history aims at: enough for a curve, few enough for a notebook. */
const targetPoints = 200;

/** How far training has come, for exact resumption: plain data. */
export interface TrainProgress {
  /** Optimiser steps taken. */
  readonly steps: number;
  /** Rows trained on. */
  readonly rows: number;
  /** Since training began, and of these in evaluations; earlier sessions included. */
  readonly seconds: number;
  /** Seconds of `seconds` that went into evaluations. */
  readonly idleSeconds: number;
  /** Losses and evaluations so far. */
  readonly history: History;
  /** Losses of the steps since the last point of the history. */
  readonly pending: readonly StepResult[];
  /** Steps that were left out because their loss was not finite. */
  readonly skipped: number;
}

/** Records a run of `totalSteps` steps, from its start or going on. */
export class Recorder {
  readonly evaluations: EvaluationPoint[];
  readonly #points: HistoryPoint[];
  /** Steps between points. */
  readonly #every: number;
  readonly #now: () => number;
  readonly #start: number;
  /** Results since the last point. */
  #pending: StepResult[];
  #steps: number;
  #skipped: number;
  #rows: number;
  /** Seconds of evaluations. */
  #idleSeconds: number;
  #evaluationStart: number;

  /** @param now gives seconds */
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

  get rowsPerSecond(): number {
    return this.#rows / Math.max(1e-9, this.#seconds() - this.#idleSeconds);
  }

  /** Takes the losses of a step; closes a point where one is due, or `last` is true. */
  step(result: StepResult, rows: number, epoch: number, last: boolean): void {
    this.#count(rows);
    this.#pending.push(result);
    if (!last && this.#steps % this.#every !== 0 && this.#steps !== 1) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#points.push({
      step: this.#steps,
      epoch,
      rows: this.#rows,
      seconds: this.#seconds(),
      rowsPerSecond: this.rowsPerSecond,
      loss: mean(pending.map((step) => step.loss)),
      gradientNorm: largest(pending.flatMap(({ gradientNorm }) => gradientNorm ?? [])),
      taskLosses: Object.fromEntries(
        Object.keys(result.taskLosses).map((name) => [name, mean(pending.map((step) => step.taskLosses[name]!))]),
      ),
    });
  }

  /** Takes a step that was left out. */
  skip(rows: number): void {
    this.#count(rows);
    this.#skipped++;
  }

  evaluation(evaluation: Evaluation, epoch: number): void {
    this.#idleSeconds += this.#now() - this.#evaluationStart;
    this.evaluations.push({ step: this.#steps, epoch, evaluation });
  }

  /** The history so far: a value that later steps do not change. */
  history(bestStep: number | null): History {
    return { points: [...this.#points], evaluations: [...this.evaluations], bestStep };
  }

  /** Everything that a recorder goes on from. */
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

/** Collects a run's losses and evaluations into its history while it trains. */

import type { StepResult } from "../../engine/engine.js";
import type { Evaluation } from "../../metrics/types.js";
import { mean } from "../../util/sums.js";
import type { EvaluationPoint, History } from "./history.js";

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

/** A growing history. */
export interface Recorder {
  /** Takes the losses of a step; closes a point where one is due, or `last` is true. */
  step(result: StepResult, rows: number, epoch: number, last: boolean): void;
  /** Takes a step that was left out. */
  skip(rows: number): void;
  evaluation(evaluation: Evaluation, epoch: number): void;
  /** The history so far: a value that later steps do not change. */
  history(bestStep: number | null): History;
  readonly evaluations: readonly EvaluationPoint[];
  /** Everything that a recorder goes on from. */
  progress(): TrainProgress;
  readonly steps: number;
  readonly skipped: number;
  readonly rowsPerSecond: number;
}

/** A recorder for a run of `totalSteps` steps, from its start or going on; `now` gives seconds. */
export function recorder(totalSteps: number, now: () => number, from: TrainProgress | null = null): Recorder {
  const every = Math.max(1, Math.floor(totalSteps / targetPoints));
  const points = [...(from?.history.points ?? [])];
  const evaluations = [...(from?.history.evaluations ?? [])];
  const start = now() - (from?.seconds ?? 0);
  let pending = [...(from?.pending ?? [])];
  let steps = from?.steps ?? 0;
  let skipped = from?.skipped ?? 0;
  let rowsSeen = from?.rows ?? 0;
  let idleSeconds = from?.idleSeconds ?? 0;
  let evaluationStart = now();
  const trainingSeconds = (): number => Math.max(1e-9, now() - start - idleSeconds);
  const history = (bestStep: number | null): History => ({
    points: [...points],
    evaluations: [...evaluations],
    bestStep,
  });
  return {
    step(result, rows, epoch, last) {
      steps++;
      rowsSeen += rows;
      pending.push(result);
      evaluationStart = now();
      if (!last && steps % every !== 0 && steps !== 1) return;
      points.push({
        step: steps,
        epoch,
        rows: rowsSeen,
        seconds: now() - start,
        rowsPerSecond: rowsSeen / trainingSeconds(),
        loss: mean(pending.map((step) => step.loss)),
        gradientNorm: largest(pending.flatMap(({ gradientNorm }) => gradientNorm ?? [])),
        taskLosses: Object.fromEntries(
          Object.keys(result.taskLosses).map((name) => [name, mean(pending.map((step) => step.taskLosses[name]!))]),
        ),
      });
      pending = [];
    },
    skip(rows) {
      steps++;
      skipped++;
      rowsSeen += rows;
      evaluationStart = now();
    },
    evaluation(evaluation, epoch) {
      idleSeconds += now() - evaluationStart;
      evaluations.push({ step: steps, epoch, evaluation });
    },
    history,
    progress: () => ({
      steps,
      rows: rowsSeen,
      seconds: now() - start,
      idleSeconds,
      history: history(null),
      pending: [...pending],
      skipped,
    }),
    get evaluations() {
      return evaluations;
    },
    get skipped() {
      return skipped;
    },
    get steps() {
      return steps;
    },
    get rowsPerSecond() {
      return rowsSeen / trainingSeconds();
    },
  };
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

/**
 * Plans the steps of a run: their number per epoch and in total, and the steps with an evaluation.
 */
import type { BatchOptions } from "../../data/encoded/index.js";
import { DataError } from "../../errors/index.js";
import { type ResolvedTraining, resolveTraining, type TrainingSpec } from "../../spec/index.js";

/** Steps per epoch and in total. */
export interface StepPlan {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/**
 * Plans the steps of a training spec over `rows` rows.
 * @throws DataError without rows, or without a full batch with `dropRemainder`.
 */
export function planSteps(training: TrainingSpec, rows: number): StepPlan {
  const { batchSize, dropRemainder, epochs, steps } = resolveTraining(training, rows);
  const full = rows / batchSize;
  const stepsPerEpoch = dropRemainder ? Math.floor(full) : Math.ceil(full);
  if (stepsPerEpoch === 0) {
    throw new DataError({
      path: "training data",
      message: rows === 0 ? "no rows to train on" : "no full batch to train on",
      received: `${rows} rows, batch size ${batchSize}${dropRemainder ? ", dropRemainder" : ""}`,
      expected: dropRemainder ? "at least one full batch" : "at least one row",
      fix: rows === 0 ? "check the file or the filter of this data" : "lower batchSize or set dropRemainder: false",
    });
  }
  return { stepsPerEpoch, totalSteps: steps ?? epochs! * stepsPerEpoch };
}

/** Whether an evaluation is due after a step. */
export function evaluationsDue(plan: StepPlan, perEpoch: number | undefined): (step: number) => boolean {
  const epochs = plan.totalSteps / plan.stepsPerEpoch;
  const evaluations = perEpoch ?? Math.max(1, Math.round(4 / epochs));
  const every = Math.max(1, Math.round(plan.stepsPerEpoch / evaluations));
  return (step) => step > 0 && (step === plan.totalSteps || step % every === 0);
}

/** The options that determine the batches of an epoch. */
export function batchOptions(training: ResolvedTraining, epoch: number): BatchOptions {
  const { batchSize, shuffle, seed, dropRemainder } = training;
  return { batchSize, shuffle, seed, epoch, dropRemainder };
}

/**
 * Settings that follow from the number of training rows if neither the user nor the config sets them. Measured on ten
 * public data sets of 7,000 to 130,000 rows (docs/training.md).
 */
import type { TrainingSpec } from "./training.js";

/** Training settings in which the batch size and the length are numbers. */
export type ResolvedTraining = TrainingSpec & { readonly batchSize: number };

/** Batch sizes that are chosen automatically: at least, at most. */
const batchLimits = { least: 64, most: 1024 };
/** Most epochs that are chosen automatically. */
export const mostEpochs = 10;
/** Rows that an automatic training passes at most, unless one epoch has more. */
const mostRows = 10_000_000;

/** Whether the length of training follows from the number of rows. */
export function isAutomaticLength({ epochs, steps }: Pick<TrainingSpec, "epochs" | "steps">): boolean {
  return epochs === null && steps === null;
}

/** Fills in the settings that follow from the number of training rows. */
export function resolveTraining(training: TrainingSpec, rows: number): ResolvedTraining {
  return {
    ...training,
    batchSize: training.batchSize ?? automaticBatchSize(rows),
    epochs: isAutomaticLength(training) ? automaticEpochs(rows) : training.epochs,
  };
}

/** A hundredth of the rows, rounded to a power of 2, between 64 and 1,024. */
export function automaticBatchSize(rows: number): number {
  const power = 2 ** Math.round(Math.log2(Math.max(1, rows / 100)));
  return Math.min(batchLimits.most, Math.max(batchLimits.least, power));
}

/** 10 epochs; above a million rows fewer, so that training passes ten million rows, but at least 1. */
export function automaticEpochs(rows: number): number {
  return Math.max(1, Math.min(mostEpochs, Math.round(mostRows / Math.max(1, rows))));
}

/** Rows per step: the batch size, or the largest that is chosen automatically. */
export function mostBatchRows({ batchSize }: Pick<TrainingSpec, "batchSize">): number {
  return batchSize ?? batchLimits.most;
}

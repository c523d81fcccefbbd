/** The floor of a training: a logistic regression on its rows, and its AUCs on the validation rows. */
import type { ModelSpec } from "../../spec/index.js";
import type { AucFloors, LogisticRegression } from "../../train/index.js";
import type { TrainingRows } from "./checkpoints.js";

/** A logistic regression and its AUCs. */
export interface TrainingFloor {
  readonly regression: LogisticRegression;
  /** On the validation rows; `null` without them. */
  readonly aucs: AucFloors | null;
}

/** `null` if no task is binary, or the signal aborts. Takes seconds at most. */
export async function trainingFloor(
  spec: ModelSpec,
  { train, validation }: TrainingRows,
  signal?: AbortSignal,
): Promise<TrainingFloor | null> {
  const { aucFloors, fitLogisticRegression } = await import("../../train/index.js");
  const regression = await fitLogisticRegression(spec, train, signal).catch((error: unknown) => {
    if (signal?.aborted) return null;
    throw error;
  });
  if (regression === null) return null;
  return { regression, aucs: validation && (await aucFloors(spec, regression, validation)) };
}

/** The options of `fit` that change the model's training settings, or exclude each other. */
import { SpecError } from "../../errors/index.js";
import type { TrainingSpec } from "../../spec/index.js";
import type { SessionRequest } from "../../train/index.js";
import type { FitOptions } from "../training/index.js";

export function startingWeights({ weights, weightMap }: FitOptions): SessionRequest["weights"] {
  return weights === undefined ? null : { source: weights, map: weightMap };
}

export function refuseUnused({ weights, weightMap }: FitOptions): void {
  if (weightMap === undefined || weights !== undefined) return;
  throw new SpecError({
    path: "fit: weightMap",
    message: "there are no weights to map",
    expected: "weights beside it",
    fix: 'fit(data, { weights: "runs/first", weightMap })',
  });
}

export function overridden(training: TrainingSpec, { steps, epochs, seed }: FitOptions): TrainingSpec {
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

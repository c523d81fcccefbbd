/** A learning-rate sweep: the loss of each step. */
import type { LearningRateSweep } from "../../train/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per step of the sweep. */
export function learningRateSheet({ rates, points }: LearningRateSweep): Sheet {
  return makeSheet(
    `Loss by learning rate (${rates === "both" ? "dense and sparse in proportion" : rates})`,
    [
      { key: "learning_rate", heading: "learning rate", kind: "number", value: (point) => point.learningRate },
      { key: "loss", heading: "loss", kind: "number", digits: 5, value: (point) => point.loss },
      {
        key: "smoothed_loss",
        heading: "smoothed loss",
        kind: "number",
        digits: 5,
        value: (point) => point.smoothedLoss,
      },
    ],
    points,
  );
}

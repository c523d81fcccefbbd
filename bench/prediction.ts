/** Times prediction, and the extra cost of exact AUC for every task and domain. */

import { evaluate, predict } from "../src/core/train/evaluate.js";
import type { Measurement, Report } from "./figure.js";
import { rowsFor, tasksSpec } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { interleaved, median, ratio } from "./timing.js";

/** `predict`. */
export const predictionMeasurement: Measurement = { name: "predict", run: measure };

async function measure(report: Report): Promise<void> {
  const spec = tasksSpec();
  const data = await rowsFor(spec, 4 * 8192);
  const engine = await compiledEngine(spec);
  for (const batchSize of [8192, 2048]) {
    const times = await interleaved(
      { predict: () => predict(engine, data, { batchSize }), evaluate: () => evaluate(engine, data, { batchSize }) },
      { rounds: 4 },
    );
    report(`predict.tasks.${batchSize}`, data.rows / (median(times.predict) / 1000), "rows/s");
    report(`predict.tasks.${batchSize}.evaluation-rate-over-prediction`, ratio(times.predict, times.evaluate), "ratio");
  }
  await engine.dispose();
}

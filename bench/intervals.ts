/**
 * Times bootstrap intervals of an evaluation and of a comparison: a million random predictions, two tasks, three
 * domains.
 */

import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import { comparePredictions, measurePredictions } from "../src/core/train/evaluate.js";
import { random } from "../src/core/util/random.js";
import type { Measurement, Report } from "./figure.js";
import { sampleSpec } from "./models.js";
import { median, millis } from "./timing.js";

const rows = 1_000_000;

/** `intervals`. */
export const intervalsMeasurement: Measurement = { name: "intervals", run: measure };

async function measure(report: Report): Promise<void> {
  const spec = sampleSpec();
  const source = random(1);
  const scores = (): Float32Array => Float32Array.from({ length: rows }, source.uniform);
  const labels = (): Float32Array => scores().map((draw) => (draw < 0.1 ? 1 : 0));
  const data: EncodedData = {
    rows,
    features: new Map(),
    labels: new Map(spec.towers.map(({ label }): [string, Float32Array] => [label, labels()])),
    sampleWeights: new Map(),
    domains: Int32Array.from({ length: rows }, () => source.integer(spec.domains?.count ?? 1)),
    warnings: [],
  };
  const predictions = () =>
    spec.towers.map(({ name }) => {
      const probabilities = scores();
      return { tower: name, probabilities, logits: probabilities };
    });
  const [first, second] = [predictions(), predictions()];
  const users = { name: "user_id", codes: Int32Array.from({ length: rows }, () => source.integer(100_000)) };
  const works = {
    "without-intervals": () => measurePredictions(spec, data, first),
    "with-intervals": () => measurePredictions(spec, data, first, { intervals: {} }),
    "with-intervals-over-users": () => measurePredictions(spec, data, first, { intervals: {}, users }),
    comparison: () => comparePredictions(spec, data, first, second),
  };
  await measurePredictions(spec, data, first);
  for (const [name, work] of Object.entries(works)) {
    const times: number[] = [];
    for (let round = 0; round < 2; round++) times.push(await millis(work));
    report(`intervals.million-rows.${name}`, median(times), "ms");
  }
}

/** A model of two tasks in four domains, with rows and predictions that need no training. */
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import type { Evaluation } from "../../../src/core/metrics/types.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { measurement, type Predictions } from "../../../src/core/train/evaluate.js";
import { measuring } from "../../../src/core/train/measure/measure.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";

export const twoTasks: ModelSpec = pepnet()
  .features(idFeature("scene").buckets(4).embedding(4))
  .labels("clk", "buy")
  .group("domain", ["scene"])
  .epnet()
  .domains("scene", ["feed", "search", "live", "rare"])
  .tower("ctr", (t) => t.label("clk").mlp(4).bce())
  .tower("cvr", (t) => t.label("buy").mlp(4).bce().taskSpace("clk", { in: 1, out: 0 })).spec;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Rows whose labels are drawn from logits; `rare` has eight of them. */
export function measuredRows(rows: number, seed: number) {
  const source = random(seed);
  const logits = [0, 1].map(() => Float32Array.from({ length: rows }, () => source.normal() * 1.2));
  const clicks = Float32Array.from(logits[0]!, (logit) => (source.uniform() < sigmoid(logit) ? 1 : 0));
  const buys = clicks.map((clicked, row) => (clicked && source.uniform() < sigmoid(logits[1]![row]!) ? 1 : 0));
  const domains = Int32Array.from({ length: rows }, (_, row) => (row < 8 ? 3 : source.integer(3)));
  const data: EncodedData = {
    rows,
    features: new Map(),
    labels: new Map([
      ["clk", clicks],
      ["buy", buys],
    ]),
    sampleWeights: new Map(),
    domains,
    warnings: [],
  };
  return { data, logits, domains };
}

/** The probabilities of logits with noise. @param noise standard deviation, by task and domain */
export function noisyPredictions(
  logits: readonly Float32Array[],
  domains: Int32Array,
  noise: (task: number, domain: number) => number,
  source: Random,
): Predictions[] {
  return twoTasks.towers.map(({ name }, task) => {
    const noisy = logits[task]!.map((logit, row) => logit + noise(task, domains[row]!) * source.normal());
    return { tower: name, logits: noisy, probabilities: noisy.map(sigmoid) };
  });
}

/** Measures at once, without a thread. */
export function evaluatePredictions(...request: Parameters<typeof measurement>): Evaluation {
  return atOnce(measuring(measurement(...request)));
}

/** Cases of the form of `golden/metrics.json`: a metric of a tower, batches of predictions, and TorchEasyRec's value. */

import { specFromConfig } from "../../src/core/config/spec-from-config.js";
import { labelRule } from "../../src/core/data/encode/labels.js";
import { DataError } from "../../src/core/errors/index.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { assertValid } from "../../src/core/spec/validate/model.js";
import { measurement } from "../../src/core/train/evaluate.js";
import { type TrainMetricStates, trainMetricStates } from "../../src/core/train/loop/train-metrics.js";
import { measuring } from "../../src/core/train/measure/measure.js";
import { atOnce } from "../../src/core/util/turns.js";
import { type Check, compareNumber } from "../check.js";

/** A batch of a case; `prediction` is a probability, those of the classes, or a number. */
export interface MetricBatch {
  readonly prediction: readonly (number | readonly number[])[];
  readonly label: readonly number[];
  readonly grouping_key?: readonly number[];
}

/** A case in the file. */
export interface MetricCase {
  readonly name: string;
  readonly metric: string;
  readonly num_class: number;
  readonly batches: readonly MetricBatch[];
  readonly value?: number | "NaN";
  readonly value_after_each_batch?: readonly number[];
  readonly error?: string;
}

/** The outcome of a case. */
export interface MetricOutcome {
  readonly checks: readonly Check[];
  readonly note: string | null;
}

const same: Check = { name: "value", difference: 0, share: 0 };
/** Metrics of towers that predict a number. */
const numeric = /^(xauc|grouped_xauc|mean_absolute_error|mean_squared_error)\b/;

/** Computes a case as an evaluation does, and compares the value. */
export function checkMetricCase(golden: MetricCase): MetricOutcome {
  const { error } = golden;
  if (golden.value_after_each_batch !== undefined) return checkTrainMetric(golden);
  try {
    const value = metricValue(golden, golden.batches);
    if (error !== undefined) return { checks: [same], note: "computed here, an error in TorchEasyRec" };
    return compareValue(golden.metric, value, golden.value ?? "NaN");
  } catch (thrown) {
    if (error === undefined) throw thrown;
    return { checks: [same], note: `refused, as in TorchEasyRec: ${(thrown as Error).message.split("\n")[0]}` };
  }
}

/** The values after each batch, as training computes them. */
function checkTrainMetric(golden: MetricCase): MetricOutcome {
  const { towers } = metricSpec(golden, 1);
  let states: TrainMetricStates = {};
  const checks = golden.batches.map(({ prediction, label }, at) => {
    const probabilities = Float32Array.from(prediction.flat() as number[]);
    const labels = new Map([["y", Float32Array.from(label)]]);
    const data = {
      rows: label.length,
      features: new Map(),
      labels,
      sampleWeights: new Map(),
      domains: null,
      warnings: [],
    };
    const batch = { data, rows: Int32Array.from(label.keys()) };
    states = trainMetricStates(towers, batch, [{ tower: "t", probabilities, logits: probabilities }], states);
    const expected = golden.value_after_each_batch![at]!;
    return compareNumber(`batch ${at}`, Object.values(states)[0]!.value, expected, 1e-5 * expected + 1e-7);
  });
  return { checks, note: null };
}

function compareValue(metric: string, value: number | null, expected: number | "NaN"): MetricOutcome {
  if (value === null && (expected === "NaN" || expected === 0)) {
    return { checks: [same], note: `not defined here, ${expected} in TorchEasyRec` };
  }
  if (/^xauc\b/.test(metric) && expected === "NaN" && value !== null && value >= 0 && value <= 1) {
    return { checks: [same], note: "of all pairs here; TorchEasyRec draws none of so few" };
  }
  return {
    checks: [compareNumber("value", value, Number(expected), 1e-5 * Math.abs(Number(expected)) + 1e-7)],
    note: null,
  };
}

/** The value of a metric over batches. @throws a refusal of the model or of its labels */
export function metricValue(golden: MetricCase, batches: readonly MetricBatch[]): number | null {
  const spec = metricSpec(golden, Math.max(...batches.map(({ label }) => label.length)));
  assertValid(spec);
  const tower = spec.towers[0]!;
  const labels = Float32Array.from(batches.flatMap(({ label }) => label));
  const rule = labelRule(tower.label, spec.towers);
  for (const [row, label] of labels.entries()) {
    if (rule.allows(label)) continue;
    throw new DataError({ path: `row ${row}`, message: `a label of ${label}`, expected: rule.expected });
  }
  const probabilities = Float32Array.from(batches.flatMap(asProbabilities(golden.metric, tower.numClass)));
  const keys = Int32Array.from(batches.flatMap(({ label, grouping_key: own }) => own ?? label.map(() => 0)));
  const data = {
    rows: labels.length,
    features: new Map([["u", { kind: "ids", ids: keys } as const]]),
    labels: new Map([[tower.label, labels]]),
    sampleWeights: new Map<string, Float32Array>(),
    domains: null,
    warnings: [],
  };
  const prediction = { tower: tower.name, probabilities, logits: probabilities };
  const { configured } = atOnce(measuring(measurement(spec, data, [prediction]))).tasks[0]!.allRows;
  return Object.values(configured)[0] ?? null;
}

/** As torchmetrics does for a batch with a probability outside 0 … 1, which no tower predicts. */
function asProbabilities(metric: string, numClass: number): (batch: MetricBatch) => number[] {
  return ({ prediction }) => {
    const values = prediction.flat() as number[];
    if (!/^auc\b/.test(metric) || numClass > 1 || values.every((value) => value >= 0 && value <= 1)) return values;
    return values.map((value) => 1 / (1 + Math.exp(-value)));
  };
}

function metricSpec({ metric, num_class, name, ...golden }: MetricCase, batchSize: number): ModelSpec {
  const field = golden.value_after_each_batch === undefined ? "metrics" : "train_metrics";
  const classification = num_class > 1 ? "softmax_cross_entropy {}" : "binary_cross_entropy {}";
  const loss = numeric.test(metric) && !/classification tower/.test(name) ? "l2_loss {}" : classification;
  return specFromConfig(`
    data_config { batch_size: ${batchSize} fg_mode: FG_NONE label_fields: "y" }
    feature_configs { id_feature { feature_name: "u" num_buckets: 1000 embedding_dim: 4 } }
    model_config {
      feature_groups { group_name: "all" feature_names: "u" group_type: DEEP }
      pepnet { task_towers {
        tower_name: "t" label_name: "y" num_class: ${num_class} ${field} { ${metric} } losses { ${loss} } } }
    }`);
}

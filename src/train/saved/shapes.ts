import type { Evaluation } from "../../metrics/index.js";
import type { History, PendingStep } from "../loop/recorder.js";
import {
  count,
  listOf,
  measure,
  nullable,
  number,
  object,
  oneOf,
  optional,
  recordOf,
  type Shape,
  text,
} from "./shape.js";

const metric = optional(nullable(number));

const metrics = object({
  rows: count,
  positives: optional(number),
  auc: metric,
  aucErrorBound: optional(number),
  groupedAuc: metric,
  groups: optional(count),
  logLoss: metric,
  normalizedEntropy: metric,
  calibration: metric,
  expectedCalibrationError: metric,
  accuracy: metric,
  meanAbsoluteError: metric,
  meanSquaredError: metric,
  rootMeanSquaredError: metric,
  configured: optional(recordOf(nullable(number))),
});

const evaluation = object({
  rows: count,
  domainNames: listOf(text),
  tasks: listOf(
    object({
      tower: text,
      label: optional(text),
      within: optional(nullable(text)),
      overall: metrics,
      domains: listOf(metrics),
      allRows: optional(metrics),
      floor: optional(
        object({ overall: nullable(number), domains: listOf(nullable(number)), penalty: optional(text) }),
      ),
    }),
  ),
});
export const evaluationShape: Shape<Evaluation> = evaluation as Shape as Shape<Evaluation>;

const step = { loss: number, taskLosses: recordOf(number), gradientNorm: metric };
export const stepShape: Shape<PendingStep> = object(step) as Shape as Shape<PendingStep>;

export const runShape: Shape<{ readonly evaluation?: Evaluation | null }> = object({
  evaluation: optional(nullable(evaluationShape)),
});

export const historyShape: Shape<History> = object({
  points: listOf(object({ step: count, epoch: number, rows: count, seconds: number, rowsPerSecond: number, ...step })),
  evaluations: listOf(object({ step: count, epoch: number, evaluation: evaluationShape })),
  bestStep: nullable(count),
});

const moments = { mean: measure, std: measure, entropy: measure, effectiveWidth: measure };
const shares = { closed: measure, open: measure, identity: measure, deadUnits: measure, notFinite: measure };
const gateStatistics = object({
  domain: nullable(count),
  rows: count,
  ...moments,
  ...shares,
  quantiles: listOf(measure),
  histogram: listOf(measure),
  ecdf: listOf(measure),
});

const gate = object({
  module: oneOf(["epnet", "ppnet"]),
  tower: nullable(text),
  layer: count,
  units: count,
  gamma: measure,
  overall: gateStatistics,
  domains: listOf(gateStatistics),
});

/** `gates.json`, after restoring special numbers. Checks only the parts that charts draw. */
export const gatesShape: Shape<readonly unknown[]> = listOf(
  object({
    step: count,
    epoch: number,
    gates: object({ rows: count, domainNames: listOf(text), gates: listOf(gate) }),
  }),
);

/**
 * The shapes of the JSON files of runs and checkpoints. Fields of later versions may be missing.
 */
import {
  bool,
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

const metrics: Shape = object({
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

const evaluation: Shape = object({
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
      floor: optional(object({ overall: nullable(number), domains: listOf(nullable(number)) })),
    }),
  ),
});

const stepLosses = { loss: number, taskLosses: recordOf(number), gradientNorm: metric };

/** `run.json`, without its format. */
export const runShape: Shape = object({ evaluation: optional(nullable(evaluation)) });

/** `history.json`. */
export const historyShape: Shape = object({
  points: listOf(
    object({ step: count, epoch: number, rows: count, seconds: number, rowsPerSecond: number, ...stepLosses }),
  ),
  evaluations: listOf(object({ step: count, epoch: number, evaluation })),
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
export const gatesShape: Shape = listOf(
  object({
    step: count,
    epoch: number,
    gates: object({ rows: count, domainNames: listOf(text), gates: listOf(gate) }),
  }),
);

const recordedRows = object({ rows: count, digest: text });

/** `training.json`, without its format. */
export const trainingShape: Shape = object({
  step: count,
  steps: optional(count),
  rows: count,
  seconds: number,
  idleSeconds: number,
  pending: listOf(object(stepLosses)),
  skipped: optional(count),
  engineName: oneOf(["compiled", "tfjs-node", "wasm", "cpu"]),
  threads: optional(nullable(count)),
  dataRows: count,
  dataDigest: optional(nullable(text)),
  dataFingerprint: optional(nullable(text)),
  validation: optional(nullable(recordedRows)),
  stoppedEarly: optional(bool),
  best: optional(object({ value: number, step: count, worse: count, evaluation, stateStep: count })),
});

/** The shapes of a run's files. */
import type { Finding } from "../../errors/finding.js";
import { CheckpointError } from "../../errors/index.js";
import { metricDirections } from "../../metrics/comparison-verdict.js";
import type { Evaluation } from "../../metrics/types.js";
import { type DerivedColumn, isDerivedColumn } from "../../spec/feature/derived.js";
import * as is from "../../util/shape.js";
import { parseJson } from "../../util/text.js";
import type { Monitor } from "../loop/early-stopping.js";
import type { History, PendingStep } from "../loop/recorder.js";
import { recordShape, type TrainingRecord } from "../training-record.js";

export const derivedColumn: is.Shape<DerivedColumn> = is.plain(
  "a rule such as above, equals, hour or days",
  isDerivedColumn,
);

const usualFix = "use an earlier checkpoint, or a copy of this one";

/** Throws at the first fault, with the file and the path in it. */
export function assertShape<T>(file: string, value: unknown, shape: is.Shape<T>): asserts value is T {
  shape(value, "", (at, received, expected) => {
    throw new CheckpointError({
      path: at === "" ? file : `${file}: ${at}`,
      message: "unexpected content for this file",
      received: valueText(received),
      expected,
      fix: usualFix,
    });
  });
}

/** @throws CheckpointError with this fix if the text is not JSON, or nested too deeply */
export function parsedJson(file: string, text: string, fix: string = usualFix): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const received = (cause as Error).message;
    throw new CheckpointError({ path: file, message: "the file is damaged: invalid JSON", received, fix, cause });
  }
}

export function valueText(value: unknown): string {
  try {
    const json = JSON.stringify(value) ?? "nothing";
    return json.length > 60 ? `${json.slice(0, 60)}…` : json;
  } catch {
    return "a value nested too deeply";
  }
}

const metric = is.optional(is.nullable(is.number));

const metrics = is.object({
  rows: is.count,
  positives: is.optional(is.number),
  groups: is.optional(is.count),
  ...Object.fromEntries(Object.keys(metricDirections).map((name) => [name, metric])),
  configured: is.optional(is.recordOf(is.nullable(is.number))),
});

const evaluation = is.object({
  rows: is.count,
  domainNames: is.listOf(is.text),
  tasks: is.listOf(
    is.object({
      tower: is.text,
      label: is.optional(is.text),
      within: is.optional(is.nullable(is.text)),
      overall: metrics,
      domains: is.listOf(metrics),
      allRows: is.optional(metrics),
      floor: is.optional(
        is.object({
          overall: is.nullable(is.number),
          domains: is.listOf(is.nullable(is.number)),
          penalty: is.optional(is.text),
          rows: is.optional(is.count),
          of: is.optional(is.count),
        }),
      ),
    }),
  ),
});
export const evaluationShape: is.Shape<Evaluation> = evaluation as is.Shape as is.Shape<Evaluation>;

const step = {
  loss: is.number,
  taskLosses: is.recordOf(is.number),
  lossWeights: is.optional(is.recordOf(is.number)),
  gradientNorm: metric,
};
export const stepShape: is.Shape<PendingStep> = is.object(step) as is.Shape as is.Shape<PendingStep>;

/** Readers print the other parts. */
const findingShape: is.Shape<Finding> = is.object({
  severity: is.oneOf(["error", "serious", "moderate", "minor"]),
  path: is.text,
  message: is.text,
});

export const runShape: is.Shape<{
  readonly evaluation?: Evaluation | null;
  readonly findings?: readonly Finding[];
  readonly monitor?: Monitor;
  readonly record?: TrainingRecord;
}> = is.object({
  findings: is.optional(is.listOf(findingShape)),
  evaluation: is.optional(is.nullable(evaluationShape)),
  // Missing: the weights were not trained here, or an older version saved them.
  record: is.optional(recordShape),
  monitor: is.optional(
    is.object({
      tower: is.optional(is.text),
      domain: is.optional(is.text),
      metric: is.optional(is.text),
      better: is.optional(is.oneOf(["higher", "lower"])),
    }),
  ),
});

export const historyShape: is.Shape<History> = is.object({
  points: is.listOf(
    is.object({
      step: is.count,
      epoch: is.number,
      rows: is.count,
      seconds: is.number,
      rowsPerSecond: is.number,
      trainMetrics: is.optional(is.recordOf(is.number)),
      learningRates: is.optional(is.recordOf(is.number)),
      ...step,
    }),
  ),
  evaluations: is.listOf(is.object({ step: is.count, epoch: is.number, evaluation: evaluationShape })),
  bestStep: is.nullable(is.count),
});

const gateStatistics = is.object({
  domain: is.nullable(is.count),
  rows: is.count,
  mean: is.measure,
  std: is.measure,
  closed: is.measure,
  open: is.measure,
  identity: is.measure,
  deadUnits: is.measure,
  notFinite: is.measure,
  quantiles: is.listOf(is.measure),
});

const gate = is.object({
  module: is.oneOf(["epnet", "ppnet"]),
  tower: is.nullable(is.text),
  layer: is.count,
  units: is.count,
  gamma: is.measure,
  overall: gateStatistics,
  domains: is.listOf(gateStatistics),
});

/** `gates.json`, after restoring special numbers. Checks only the parts that charts draw. */
export const gatesShape: is.Shape<readonly unknown[]> = is.listOf(
  is.object({
    step: is.count,
    epoch: is.number,
    gates: is.object({ rows: is.count, domainNames: is.listOf(is.text), gates: is.listOf(gate) }),
  }),
);

/** `conflicts.json`. */
export const conflictsShape: is.Shape<unknown> = is.object({
  rows: is.count,
  user: is.nullable(is.text),
  step: is.count,
  gaps: is.listOf(is.object({ what: is.text, reason: is.text })),
  pairs: is.listOf(
    is.object({
      of: is.oneOf(["tasks", "domains"]),
      first: is.text,
      second: is.text,
      part: is.text,
      norms: is.listOf(is.nullable(is.number)),
      cosine: is.object({
        value: is.nullable(is.number),
        low: is.nullable(is.number),
        high: is.nullable(is.number),
        adjustedPValue: is.nullable(is.number),
      }),
    }),
  ),
});

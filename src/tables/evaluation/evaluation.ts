/** An evaluation by task and domain, with the best achievable AUC if known. */

import type { Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import { snakeCase } from "../../util/text/snake-case.js";
import type { Column } from "../column.js";
import { type AucReference, domainNames, findReference, metricText } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { byTaskAndDomain, domainColumns, type TaskDomain, taskColumns } from "./task-domain.js";

type Row = TaskDomain<TaskEvaluation, TaskMetrics>;

/** Metrics in the table; the others are only in records. */
const SHOWN_DIGITS: Partial<Record<MetricName, number>> = { logLoss: 4, calibration: 3 };
const METRICS: readonly MetricName[] = [
  "groupedAuc",
  "logLoss",
  "normalizedEntropy",
  "calibration",
  "expectedCalibrationError",
  "accuracy",
  "meanAbsoluteError",
  "meanSquaredError",
  "rootMeanSquaredError",
];

/** Rows, positives, AUC with its interval and the best achievable, and every other metric. */
export function evaluationSheet(evaluation: Evaluation, references?: readonly AucReference[]): Sheet {
  const rows = byTaskAndDomain(evaluation.tasks);
  return makeSheet(
    "Evaluation by task and domain",
    [
      ...taskColumns<Row>(),
      ...domainColumns<Row>(domainNames(evaluation)),
      { key: "rows", heading: "rows", kind: "count", value: ({ value }) => value.rows },
      { key: "positives", kind: "count", value: ({ value }) => value.positives },
      { heading: "positive", kind: "share", digits: 1, value: positiveShare },
      { key: "auc", heading: "AUC", kind: "number", digits: 4, value: ({ value }) => value.auc },
      ...intervalColumns(rows, "auc", 4),
      ...floorColumns(rows),
      ...referenceColumns(references),
      ...optionalColumns(rows),
      ...METRICS.filter((metric) => rows.some(({ value }) => value[metric] !== undefined)).map(metricColumn),
      ...METRICS.flatMap((metric) => intervalColumns(rows, metric)),
      ...configuredColumns(rows),
    ],
    rows,
  );
}

function positiveShare({ value }: Row): number | null {
  return value.rows === 0 ? null : value.positives / value.rows;
}

function metricColumn(metric: MetricName): Column<Row> {
  const digits = SHOWN_DIGITS[metric];
  const heading = digits === undefined ? undefined : metricText(metric).name;
  return { key: snakeCase(metric), heading, kind: "number", digits, value: ({ value }) => value[metric] };
}

/** The ends of a metric's interval, if the evaluation has them; tables show only those of AUC. */
function intervalColumns(rows: readonly Row[], metric: MetricName, digits?: number): Column<Row>[] {
  if (rows.every(({ value }) => value.intervals?.[metric] === undefined)) return [];
  return (["low", "high"] as const).map((end) => ({
    key: `${snakeCase(metric)}_${end}`,
    heading: digits === undefined ? undefined : end,
    kind: "number",
    digits,
    value: ({ value }) => value.intervals?.[metric]?.[end],
  }));
}

/** The AUC of the logistic regression on the same rows, if the run has one. */
function floorColumns(rows: readonly Row[]): Column<Row>[] {
  if (rows.every(({ task }) => task.floor === undefined)) return [];
  const floor = ({ task, domain }: Row): number | null =>
    (domain < 0 ? task.floor?.overall : task.floor?.domains[domain]) ?? null;
  return [{ key: "floor_auc", heading: "logistic regression", kind: "number", digits: 4, value: floor }];
}

function referenceColumns(references: readonly AucReference[] | undefined): Column<Row>[] {
  if (references === undefined || references.length === 0) return [];
  const best = ({ task, domain }: Row): number | null => {
    const reference = findReference(references, task.tower);
    return (domain < 0 ? reference?.overall : reference?.domains[domain]) ?? null;
  };
  const left = (row: Row): number | null => {
    const most = best(row);
    return most === null || row.value.auc === null ? null : most - row.value.auc;
  };
  return [
    { key: "best_auc", heading: "best achievable", kind: "number", digits: 4, value: best },
    { key: "left_to_best", heading: "left to it", kind: "number", digits: 4, value: left },
  ];
}

/** Numbers that only some evaluations have. */
function optionalColumns(rows: readonly Row[]): Column<Row>[] {
  const all: readonly (Column<Row> & { readonly from: "aucErrorBound" | "groups" })[] = [
    { from: "aucErrorBound", key: "auc_error_bound", kind: "number", value: ({ value }) => value.aucErrorBound },
    { from: "groups", key: "groups", kind: "count", value: ({ value }) => value.groups },
  ];
  return all.filter(({ from }) => rows.some(({ value }) => value[from] !== undefined));
}

/** The metrics that the towers request, under TorchEasyRec's names. */
function configuredColumns(rows: readonly Row[]): Column<Row>[] {
  const names = new Set(rows.flatMap(({ value }) => Object.keys(value.configured)));
  return [...names].map((name) => ({
    key: `config_${name}`,
    kind: "number",
    value: ({ value }) => value.configured[name],
  }));
}

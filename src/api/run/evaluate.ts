/** Evaluates a run on rows, overall and by groups. */
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { RowGroups } from "../../core/data/summary/row-groups.js";
import type { Table } from "../../core/data/table/table.js";
import type { Weights } from "../../core/engine/engine.js";
import { DataError } from "../../core/errors/index.js";
import { withGroupsApart } from "../../core/metrics/intervals/apart.js";
import { inputColumn } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { Recalibration } from "../../core/train/recalibrate.js";
import type { AucReference } from "../../lab/views/view.js";
import { Dataset, dataset, resolveUsers } from "../data/dataset.js";
import { evaluatedRows } from "../data/held-out.js";
import type { CalibrationResult, EvaluationResult } from "../evaluation.js";
import type { ReferenceColumns } from "../names.js";
import {
  type EvaluationOptions,
  type RowsByColumn,
  type RunCalibrationOptions,
  type RunRecalibrationOptions,
  type Subject,
  towerScores,
} from "./options.js";

/** Largest number of rows for intervals by default: they take about a second. */
const USUAL_INTERVAL_ROWS = 100_000;

/** The parts of the result of `Run.evaluate`. */
export async function evaluateRows(
  { spec, engine, floor, training }: Subject,
  all: Dataset,
  options: EvaluationOptions,
): Promise<ConstructorParameters<typeof EvaluationResult>> {
  const rows = evaluatedRows(spec, all);
  const { table } = rows;
  const { metrics, references = {} } = options;
  const { rowNotes } = await import("../../core/data/check/encoded.js");
  const { assertMetrics } = await import("../../core/train/measure/user-metrics.js");
  assertMetrics(metrics ?? {});
  const users = await resolveUsers(spec, table, options.user);
  const { aucFloors, withFloors } = await import("../../core/train/floor.js");
  const { evaluate } = await import("../../core/train/evaluate.js");
  const choice = typeof options.by === "string" ? { column: options.by } : options.by;
  const groups = choice === undefined ? undefined : await readGroups(spec, table, choice);
  const encoded = await rows.encode(spec);
  const by = groups && choice?.perDomain === true ? await withDomains(spec, groups, encoded) : groups;
  const intervals = chooseIntervals(options, table.rows);
  const measured = await engine.use((running) =>
    evaluate(running, encoded, { intervals, users: users.column, by, curves: true, metrics }),
  );
  const floors = floor === null ? null : await aucFloors(spec, floor, encoded, by);
  const evaluation = {
    ...(floors === null ? measured : withFloors(measured, floors)),
    by: by?.column ?? null,
    groups: by?.groups ?? null,
    user: users.column?.name ?? null,
    notes: [
      ...(rows.rows < all.rows ? rows.notes.slice(-1) : []),
      ...((await isTraining(training, rows, encoded)) ? [TRAINED_ON] : []),
      ...users.notes,
      ...(measured.notes ?? []),
      ...(by?.notes ?? []),
      ...rowNotes("evaluated data", encoded, spec),
    ],
  };
  const aucs = await referenceAucs(spec, table, encoded, references, by);
  return [by === null ? evaluation : withGroupsApart(evaluation), aucs];
}

const TRAINED_ON =
  "these are the rows that the run was trained on, which it ranks better than others: evaluate on rows that were held out";

/** Whether these are the training rows, all of them: the same data set, or the same rows in the same order. */
async function isTraining(
  { table, recorded }: Subject["training"],
  rows: Dataset,
  encoded: EncodedRows,
): Promise<boolean> {
  if (table !== null) return table === rows.table;
  if (recorded === null || recorded.rows !== encoded.rows) return false;
  const { rowsDigest } = await import("../../core/data/encoded/hashes.js");
  return (await rowsDigest(encoded)) === recorded.digest;
}

export async function predictedRows({ spec, engine }: Subject, { table }: Dataset): Promise<Dataset> {
  const { encodedRows } = await import("../../core/data/encoded/encoded-rows.js");
  const { rowNotes } = await import("../../core/data/check/encoded.js");
  const { predictionColumns } = await import("../stream.js");
  const { predict } = await import("../../core/train/evaluate.js");
  const encoded = await encodedRows(table, spec, { labels: false });
  const outputs = await engine.use((running) => predict(running, encoded));
  const predicted = await dataset(predictionColumns(spec, outputs));
  return new Dataset(predicted.table, rowNotes("predicted data", encoded, spec));
}

/** The parts of the result of `Run.calibration`. */
export async function calibrationOf(
  { spec, engine }: Subject,
  rows: Dataset,
  { user, signal: _, ...bins }: RunCalibrationOptions,
): Promise<ConstructorParameters<typeof CalibrationResult>> {
  const { measureCalibration } = await import("../../core/train/evaluate.js");
  const { column } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  return [await engine.use((running) => measureCalibration(running, encoded, bins, column))];
}

interface Recalibrated {
  readonly report: Recalibration;

  readonly weights: Weights;

  readonly notes: readonly string[];
}

export async function recalibration(
  { spec, engine }: Subject,
  rows: Dataset,
  { by, user }: RunRecalibrationOptions,
): Promise<Recalibrated> {
  const { recalibrated } = await import("../../core/train/recalibrate.js");
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  return { ...(await engine.use((running) => recalibrated(running, encoded, by, users))), notes };
}

function chooseIntervals({ intervals }: EvaluationOptions, rows: number): Exclude<typeof intervals, boolean> | null {
  const choice = intervals ?? rows <= USUAL_INTERVAL_ROWS;
  if (typeof choice !== "boolean") return choice;
  return choice ? {} : null;
}

async function readGroups(spec: ModelSpec, table: Table, by: RowsByColumn): Promise<RowGroups> {
  const { rowGroups, trainingGroups } = await import("../../core/data/summary/row-groups.js");
  const { columnInRole } = await import("../../core/data/table/role-checks.js");
  const { training, perDomain: _, ...options } = by;
  // Without a column, rows are grouped over time, or by the training rows of their user.
  const column = columnInRole(table, training === undefined ? "time" : "user", by.column, "by.column");
  const values = (await table.read([column])).get(column)!;
  if (training !== undefined) {
    const { table: rows } = await dataset(training);
    return trainingGroups(column, values, (await rows.read([column])).get(column)!);
  }
  const isId = spec.features.some((feature) => feature.kind === "id" && inputColumn(feature) === column);
  const { time, zone } = table.roles;
  const usual = column === time ? { as: "times" as const, zone } : isId ? { as: "values" as const } : {};
  return rowGroups(column, values, { ...usual, ...options });
}

async function withDomains(spec: ModelSpec, groups: RowGroups, encoded: EncodedRows): Promise<RowGroups> {
  const { groupsByDomain } = await import("../../core/data/summary/row-groups.js");
  const { measuredColumns } = await import("../../core/data/encoded/streamed.js");
  const { listDomainNames } = await import("../../core/spec/model.js");
  const { domains } = await measuredColumns(encoded, new Set());
  if (domains !== null) return groupsByDomain(groups, domains, listDomainNames(spec));
  throw new DataError({
    path: "by.perDomain",
    message: "the model has no domains",
    fix: "leave perDomain out, or name the domains: model.domains(column, names)",
  });
}

/** The exact AUC of each score column on the rows of the tower's metrics, by domain or by group. */
async function referenceAucs(
  spec: ModelSpec,
  table: Table,
  rows: EncodedRows,
  columns: ReferenceColumns,
  by: RowGroups | undefined,
): Promise<readonly AucReference[]> {
  if (Object.keys(columns).length === 0) return [];
  const { measurePredictions } = await import("../../core/train/evaluate.js");
  const { measuredColumns } = await import("../../core/data/encoded/streamed.js");
  const data = await measuredColumns(rows, new Set());
  const references: AucReference[] = [];
  for (const { tower, values } of await towerScores(spec, table, columns)) {
    const alone: ModelSpec = { ...spec, towers: [{ ...tower, numClass: 1, metrics: [] }] };
    const predictions = [{ tower: tower.name, probabilities: values, logits: values }];
    const { overall, domains } = (await measurePredictions(alone, data, predictions, { by })).tasks[0]!;
    references.push({ tower: tower.name, overall: overall.auc, domains: domains.map(({ auc }) => auc) });
  }
  return references;
}

import type { EncodedRows, RowGroups, Table } from "../../data/index.js";
import { DataError } from "../../errors/index.js";
import { type CalibrationOptions, withGroupsApart } from "../../metrics/index.js";
import { expressionColumn, type ModelSpec } from "../../spec/index.js";
import type { AucReference } from "../../views/index.js";
import { type Dataset, dataNotes, dataset, resolveUsers } from "../data/index.js";
import { CalibrationResult, EvaluationResult } from "../results/index.js";
import type { EvaluationOptions, RowsByColumn } from "./options.js";
import { type ReferenceColumns, towerScores } from "./score-columns.js";
import type { Subject } from "./subject.js";

/** Largest number of rows for intervals by default: they take about a second. */
const USUAL_INTERVAL_ROWS = 100_000;

export async function evaluateRows(
  { spec, engine, floor }: Subject,
  rows: Dataset,
  options: EvaluationOptions,
): Promise<EvaluationResult> {
  const { table } = rows;
  const { auc, references = {} } = options;
  const users = await resolveUsers(spec, table, options.user);
  const { aucFloors, chooseAucMethod, evaluate, withFloors } = await import("../../train/index.js");
  const choice = typeof options.by === "string" ? { column: options.by } : options.by;
  const groups = choice === undefined ? undefined : await readGroups(spec, table, choice);
  const encoded = await rows.encode(spec);
  const by = groups && choice?.perDomain === true ? await withDomains(spec, groups, encoded) : groups;
  const intervals = chooseIntervals(options, table.rows);
  const curves = (auc ?? chooseAucMethod(table.rows)) === "exact";
  const measured = await engine.use((running) =>
    evaluate(running, encoded, { auc, intervals, users: users.column, by, curves }),
  );
  const floors = floor === null ? null : await aucFloors(spec, floor, encoded, by);
  const notes = [...users.notes, ...(by?.notes ?? []), ...dataNotes("evaluated data", encoded)];
  const evaluation = {
    ...(floors === null ? measured : withFloors(measured, floors)),
    by: by?.column ?? null,
    groups: by?.groups ?? null,
    user: users.column?.name ?? null,
    notes,
  };
  return new EvaluationResult(
    by === null ? evaluation : withGroupsApart(evaluation),
    await referenceAucs(spec, table, encoded, references, by),
  );
}

export async function calibrateRows(
  { spec, engine }: Subject,
  rows: Dataset,
  options: CalibrationOptions,
): Promise<CalibrationResult> {
  const encoded = await rows.encode(spec);
  const { measureCalibration: calibrationOf } = await import("../../train/index.js");
  return new CalibrationResult(await engine.use((running) => calibrationOf(running, encoded, options)));
}

function chooseIntervals({ intervals }: EvaluationOptions, rows: number): Exclude<typeof intervals, boolean> | null {
  const choice = intervals ?? rows <= USUAL_INTERVAL_ROWS;
  if (typeof choice !== "boolean") return choice;
  return choice ? {} : null;
}

async function readGroups(spec: ModelSpec, table: Table, by: RowsByColumn): Promise<RowGroups> {
  const { rowGroups, trainingGroups } = await import("../../data/index.js");
  const { column, training, perDomain: _, ...options } = by;
  const values = (await table.read([column])).get(column)!;
  if (training !== undefined) {
    const { table: rows } = await dataset(training);
    return trainingGroups(column, values, (await rows.read([column])).get(column)!);
  }
  const isId = spec.features.some(
    (feature) => feature.kind === "id" && expressionColumn(feature.expression) === column,
  );
  return rowGroups(column, values, isId ? { as: "values", ...options } : options);
}

async function withDomains(spec: ModelSpec, groups: RowGroups, encoded: EncodedRows): Promise<RowGroups> {
  const { groupsByDomain, measuredColumns } = await import("../../data/index.js");
  const { listDomainNames } = await import("../../train/index.js");
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
  const { measurePredictions } = await import("../../train/index.js");
  const { measuredColumns } = await import("../../data/index.js");
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

/** Computes metrics of a run on some rows, with AUCs of score columns for reference. */
import type { EncodedRows, RowGroups, Table } from "../../data/index.js";
import type { CalibrationOptions } from "../../metrics/index.js";
import { expressionColumn, type ModelSpec } from "../../spec/index.js";
import type { AucReference } from "../../tables/index.js";
import { type Dataset, dataNotes, resolveUsers } from "../data/index.js";
import { CalibrationResult, EvaluationResult } from "../results/index.js";
import type { EvaluationOptions, RowsByColumn } from "./options.js";
import { type ReferenceColumns, towerScores } from "./score-columns.js";
import type { Subject } from "./subject.js";

/** Largest number of rows for intervals by default: they take about a second. */
const USUAL_INTERVAL_ROWS = 100_000;

/** See `Run.evaluate`. */
export async function evaluateRows(
  { spec, engine, floor }: Subject,
  rows: Dataset,
  options: EvaluationOptions,
): Promise<EvaluationResult> {
  const { table } = rows;
  const { auc, references = {} } = options;
  const users = await resolveUsers(spec, table, options.user);
  const by = options.by === undefined ? undefined : await readGroups(spec, table, options.by);
  const { aucFloors, chooseAucMethod, evaluate, withFloors } = await import("../../train/index.js");
  const encoded = await rows.encode(spec);
  const intervals = chooseIntervals(options, table.rows);
  const curves = (auc ?? chooseAucMethod(table.rows)) === "exact";
  const measured = await engine.use((running) =>
    evaluate(running, encoded, { auc, intervals, users: users.column, by, curves }),
  );
  const floors = floor === null ? null : await aucFloors(spec, floor, encoded, by);
  const notes = [...users.notes, ...(by?.notes ?? []), ...dataNotes("evaluated data", encoded)];
  return new EvaluationResult(
    {
      ...(floors === null ? measured : withFloors(measured, floors)),
      by: by?.column ?? null,
      user: users.column?.name ?? null,
      notes,
    },
    await referenceAucs(spec, table, encoded, references, by),
  );
}

/** See `Run.calibration`. */
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

async function readGroups(spec: ModelSpec, table: Table, by: string | RowsByColumn): Promise<RowGroups> {
  const { rowGroups } = await import("../../data/index.js");
  const { column, ...options } = typeof by === "string" ? { column: by } : by;
  const values = (await table.read([column])).get(column)!;
  const isId = spec.features.some(
    (feature) => feature.kind === "id" && expressionColumn(feature.expression) === column,
  );
  return rowGroups(column, values, isId ? { as: "values", ...options } : options);
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

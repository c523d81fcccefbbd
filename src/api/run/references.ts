/** AUCs of scores that a data set brings along: the true probabilities of generated data, or a production model's. */
import type { AucReference } from "../../charts/index.js";
import type { EncodedRows, RowGroups, Table } from "../../data/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { type ReferenceColumns, towerScores } from "./score-columns.js";

/** The exact AUC of each column's scores on the rows that the tower's metrics are over, by domain or by group. */
export async function referenceAucs(
  spec: ModelSpec,
  table: Table,
  rows: EncodedRows,
  columns: ReferenceColumns,
  by: RowGroups | null = null,
): Promise<readonly AucReference[]> {
  if (Object.keys(columns).length === 0) return [];
  const { measurePredictions } = await import("../../train/index.js");
  const { measuredColumns } = await import("../../data/index.js");
  const data = await measuredColumns(rows, new Set());
  const found: AucReference[] = [];
  for (const { tower, values } of await towerScores(spec, table, columns)) {
    const alone: ModelSpec = { ...spec, towers: [{ ...tower, numClass: 1, metrics: [] }] };
    const predictions = [{ tower: tower.name, probabilities: values, logits: values }];
    const task = (await measurePredictions(alone, data, predictions, { by: by ?? undefined })).tasks[0]!;
    found.push({ tower: tower.name, overall: task.overall.auc, domains: task.domains.map((domain) => domain.auc) });
  }
  return found;
}

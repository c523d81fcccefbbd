/** AUCs of scores that a data set brings along: the true probabilities of generated data, or a production model's. */
import type { AucReference } from "../charts/index.js";
import type { EncodedRows, Table } from "../data/index.js";
import { DataError } from "../errors/index.js";
import type { ModelSpec } from "../spec/index.js";
import { didYouMean } from "../util/near.js";

/** By tower: the column whose values rank the rows, such as `{ ctr: "p_clk" }`. */
export type ReferenceColumns = Readonly<Record<string, string>>;

/** The exact AUC of each column's scores on the rows that the tower's metrics are over, by domain. */
export async function referenceAucs(
  spec: ModelSpec,
  table: Table,
  rows: EncodedRows,
  columns: ReferenceColumns,
): Promise<readonly AucReference[]> {
  const { measurePredictions } = await import("../train/index.js");
  const { measuredColumns } = await import("../data/index.js");
  const data = await measuredColumns(rows, new Set());
  const read = await table.read(Object.values(columns));
  const scores = Object.entries(columns).map(([tower, name]) => {
    const index = spec.towers.findIndex((candidate) => candidate.name === tower);
    if (index < 0) {
      const names = spec.towers.map((candidate) => candidate.name);
      throw new DataError({
        path: `reference.${tower}`,
        message: "there is no such tower",
        expected: `one of ${names.map((other) => `"${other}"`).join(", ")}`,
        fix: didYouMean(tower, names),
      });
    }
    const column = read.get(name);
    if (column?.kind !== "number") {
      throw new DataError({
        path: `reference.${tower}: column "${name}"`,
        message: "a reference needs numbers",
        received: `a column of ${column?.kind}`,
        expected: "one score a row",
      });
    }
    return { index, values: new Float32Array(column.values) };
  });
  const found: AucReference[] = [];
  for (const { index, values } of scores) {
    const tower = spec.towers[index]!;
    const alone: ModelSpec = { ...spec, towers: [{ ...tower, numClass: 1, metrics: [] }] };
    const predictions = [{ tower: tower.name, probabilities: values, logits: values }];
    const task = (await measurePredictions(alone, data, predictions)).tasks[0]!;
    found.push({ tower: tower.name, overall: task.overall.auc, domains: task.domains.map((domain) => domain.auc) });
  }
  return found;
}

/** Rows as the data hold them, so that a result can show what a row is and not only its number. */
import { type Row, sourceColumns, type Table, valueAt } from "../../data/index.js";
import type { ModelSpec } from "../../spec/index.js";

/** Raw rows by their number. */
export type RawRows = ReadonlyMap<number, Row>;

/** The columns that a model reads (labels and the domain first) of some rows; the table is gone through in parts. */
export async function rawRows(table: Table, spec: ModelSpec, wanted: Iterable<number>): Promise<RawRows> {
  const rows = Int32Array.from(new Set(wanted)).sort();
  const found = new Map<number, Row>();
  if (rows.length === 0) return found;
  const read = [
    ...spec.towers.map((tower) => tower.label),
    ...(spec.domains === null ? [] : [spec.domains.column]),
    ...spec.features.flatMap((feature) => sourceColumns(table, feature, spec)),
  ];
  const names = [...new Set(read)].filter((name) => table.has(name));
  for await (const part of table.take(rows).parts(names)) {
    for (let at = 0; at < part.rows; at++) {
      const values = [...part.columns].map(([name, column]) => [name, valueAt(column, at)]);
      found.set(rows[found.size] as number, Object.fromEntries(values));
    }
  }
  return found;
}

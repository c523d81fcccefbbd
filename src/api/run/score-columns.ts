import type { Table } from "../../data/index.js";
import { DataError } from "../../errors/index.js";
import type { ModelSpec, TowerSpec } from "../../spec/index.js";
import { didYouMean } from "../../util/text/near.js";

/** By tower: the column whose values rank the rows, such as `{ ctr: "p_clk" }`. */
export type ReferenceColumns = Readonly<Record<string, string>>;

export interface TowerScores {
  readonly tower: TowerSpec;
  /** [rows]; NaN if the column has no value. */
  readonly values: Float32Array;
}

/** Reads the columns. Throws a DataError for an unknown tower or column, or one without numbers. */
export async function towerScores(
  spec: ModelSpec,
  table: Table,
  columns: ReferenceColumns,
): Promise<readonly TowerScores[]> {
  const read = await table.read([...new Set(Object.values(columns))]);
  return Object.entries(columns).map(([name, column]) => {
    const tower = spec.towers.find((candidate) => candidate.name === name);
    if (tower === undefined) {
      const names = spec.towers.map((candidate) => candidate.name);
      throw new DataError({
        path: `reference.${name}`,
        message: "unknown tower",
        expected: `one of ${names.map((other) => `"${other}"`).join(", ")}`,
        fix: didYouMean(name, names),
      });
    }
    const scores = read.get(column);
    if (scores?.kind !== "number") {
      throw new DataError({
        path: `reference.${name}: column "${column}"`,
        message: "a reference needs numbers",
        received: `a column of ${scores?.kind}`,
        expected: "one score per row",
      });
    }
    const { valid } = scores;
    const values = new Float32Array(scores.values);
    if (valid !== null) for (let row = 0; row < values.length; row++) if (valid[row] === 0) values[row] = Number.NaN;
    return { tower, values };
  });
}

/** The SQL of an export for MaxCompute. */
import { expect, it } from "vitest";
import { maxComputeTables } from "../../../src/core/bridge/maxcompute.js";
import type { ColumnInfo } from "../../../src/core/data/table/column.js";

const columns = (sourceTypes: Readonly<Record<string, string>>): ColumnInfo[] =>
  Object.entries(sourceTypes).map(([name, sourceType]) => ({ name, type: "list", sourceType }));

it("has lists, and lists of lists, as arrays", () => {
  const types = { ids: "BIGINT[]", click__ids: "BIGINT[][]", words: "VARCHAR[][]", price: "FLOAT" };
  expect(maxComputeTables([{ file: "train.parquet", columns: columns(types) }])).toContain(`
CREATE TABLE IF NOT EXISTS pepnet_train (
  \`ids\` ARRAY<BIGINT>,
  \`click__ids\` ARRAY<ARRAY<BIGINT>>,
  \`words\` ARRAY<ARRAY<STRING>>,
  \`price\` FLOAT
);
`);
});

it("names the columns that MaxCompute does not take, and stays SQL", () => {
  const types = { User: "BIGINT", user: "BIGINT", "a b": "FLOAT", "x`\n); DROP": "FLOAT", 城市: "FLOAT" };
  const sql = maxComputeTables([{ file: "eval.parquet", columns: columns(types) }]);
  expect(sql).toContain('Rename before you export: "user", "a b", "x` ); DROP", "城市"\nCREATE TABLE');
  expect(sql).toContain("\n  `x`` ); DROP` FLOAT,\n");
});

/** What is in a Parquet file, as DuckDB reads it. */
import { queryRows } from "../../../src/core/data/sources/duckdb.js";

/** Types by column. */
export async function parquetTypes(file: string): Promise<Record<string, string>> {
  const rows = await queryRows(`DESCRIBE SELECT * FROM '${file}'`);
  return Object.fromEntries(rows.map((row) => [String(row["column_name"]), String(row["column_type"])]));
}

/** All rows. */
export function parquetRows(file: string): Promise<Record<string, unknown>[]> {
  return queryRows(`SELECT * FROM '${file}'`);
}

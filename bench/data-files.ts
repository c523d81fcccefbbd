/** Writes large files by repeating generated rows, since generating all of them would take too long. */

import { withConnection } from "../src/core/data/sources/duckdb.js";
import { identifier, literal } from "../src/core/data/sources/names.js";
import { logFor } from "./models.js";

const generatedRows = 250_000;

/**
 * Writes a CSV or Parquet file of `rows` rows, at most 250,000 or a multiple of that, in Taobao's columns (17 features,
 * clicks and purchases). User ids and prices differ between repetitions. @param users ids are below this number
 */
export async function writeLog(file: string, rows: number, users = 100_000): Promise<void> {
  const once = Math.min(rows, generatedRows);
  const base = await logFor(once, 0.05).table.toParquet(`${file}.base.parquet`);
  const format = file.endsWith(".csv") ? "FORMAT csv, HEADER" : "FORMAT parquet";
  const user = identifier("user_id");
  await withConnection((connection) =>
    connection.run(
      `COPY (SELECT base.* REPLACE ((${user} + time * 7919) % ${users} AS ${user}, round(price + time / 100, 2) AS price)
       FROM range(${rows / once}) times(time), read_parquet(${literal(base)}) base)
       TO ${literal(file)} (${format})`,
    ),
  );
}

/**
 * Rewrites a Parquet file: rows in another order, columns of another type. Sorts on disk if memory is short.
 */
import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { beginUnfinished, endUnfinished } from "../../../util/atomic/unfinished.js";
import { fileList, identifier, openDatabase, placeLiteral } from "../duckdb/duckdb.js";

/** The options of a rewrite. */
export interface RewriteOptions {
  readonly columns: readonly string[];
  /** Text columns of integers, which become INT64. */
  readonly integers: readonly string[];
  /** The seed of a random row order; `null`: unchanged order. */
  readonly shuffleSeed: number | null;
}

/** The memory that DuckDB may use before it spills to disk. */
const memory = "1GB";

/** Rewrites `from` to `to`. */
export async function rewriteParquet(from: string, to: string, options: RewriteOptions): Promise<void> {
  const { columns, integers, shuffleSeed } = options;
  const select = columns.map((name) =>
    integers.includes(name) ? `CAST(${identifier(name)} AS BIGINT) AS ${identifier(name)}` : identifier(name),
  );
  const order = shuffleSeed === null ? "" : `ORDER BY hash(file_row_number, ${shuffleSeed}), file_row_number`;
  const source = `read_parquet(${fileList([from])}, hive_partitioning = false, file_row_number = true)`;
  const folder = beginUnfinished(resolve(to));
  await mkdir(folder);
  const instance = await openDatabase(":memory:", { memory_limit: memory, temp_directory: folder });
  try {
    const connection = await instance.connect();
    try {
      await connection.run(
        `COPY (SELECT ${select.join(", ")} FROM ${source} ${order}) TO ${placeLiteral(to)} (FORMAT parquet)`,
      );
    } finally {
      connection.disconnectSync();
    }
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
    endUnfinished(folder);
  }
}

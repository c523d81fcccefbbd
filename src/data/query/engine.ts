/**
 * Runs queries over tables. One thread runs them: sums of floats, ties and groups then come in the same order on every
 * machine. Results are Parquet files for this process, so that they may be larger than memory.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { DataError } from "../../errors/index.js";
import { type DuckDBConnection, fileList, identifier, openDatabase, placeLiteral } from "../sources/duckdb/index.js";
import { duckdbWords, openRelation, refuseRepeats } from "../sources/duckdb/relation.js";
import { privateFile, privateFilesFolder, removeWith } from "../sources/private-files.js";
import type { Source, SourceVersion } from "../sources/source.js";
import { Table } from "../table/table.js";

let shared: ReturnType<typeof openDatabase> | null = null;

/** Runs `work` with a connection of the query engine. @param place of the errors, such as `where("a > 1")` */
export async function withQueries<T>(place: string, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  shared ??= openDatabase(":memory:", { threads: "1", temp_directory: privateFilesFolder() });
  const connection = await (await shared).connect();
  try {
    return await work(connection);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError({ path: place, message: `DuckDB refuses this: ${duckdbWords(error)}` }, { cause: error });
  } finally {
    connection.disconnectSync();
  }
}

/** Rows of a small query as objects. */
export async function smallRows(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Record<string, unknown>[];
}

const bases = new WeakMap<Table, Promise<string>>();

/** SQL of a table's rows in their order; rows that DuckDB cannot read in place are written to a private file once. */
export async function tableRelation(table: Table): Promise<string> {
  await table.assertUnchanged();
  const columns = table.columns.map(({ name, type }) => {
    const column = identifier(name);
    // NaN is a missing value everywhere else; DuckDB would take it for the largest number.
    return type === "float" ? `CASE WHEN isnan(${column}) THEN NULL ELSE ${column} END AS ${column}` : column;
  });
  return `(SELECT ${columns.join(", ")} FROM ${table.relation ?? (await writtenOnce(table))})`;
}

async function writtenOnce(table: Table): Promise<string> {
  const base = bases.get(table) ?? writtenRelation(table);
  bases.set(table, base);
  base.catch(() => bases.delete(table));
  return base;
}

async function writtenRelation(table: Table): Promise<string> {
  refuseRepeats(table.source, table.names);
  const file = privateFile(".parquet");
  await table.toParquet(file);
  removeWith(table, file);
  return parquetRelation(file);
}

function parquetRelation(file: string): string {
  return `read_parquet(${fileList([file])}, hive_partitioning = false)`;
}

/** {@link storedSource} as a table. */
export async function storedResult(connection: DuckDBConnection, sql: string, name: string): Promise<Table> {
  return new Table(await storedSource(connection, sql, name));
}

/** Stores the result of a query in its row order. @param name for display */
export async function storedSource(connection: DuckDBConnection, sql: string, name: string): Promise<Source> {
  const described = await smallRows(connection, `DESCRIBE ${sql}`);
  const columns = described.map(({ column_name, column_type }) => {
    const column = identifier(String(column_name));
    // Parquet has no integers of 128 bits; sums of integers have this type.
    return /^U?HUGEINT$/.test(String(column_type)) ? `CAST(${column} AS DECIMAL(38, 0)) AS ${column}` : column;
  });
  const file = privateFile(".parquet");
  await connection.run(`COPY (SELECT ${columns.join(", ")} FROM (${sql}\n)) TO ${placeLiteral(file)} (FORMAT parquet)`);
  return fileResult(file, name);
}

/** A private Parquet file as a source; its version is the hash of its bytes. */
async function fileResult(file: string, name: string): Promise<Source> {
  const relation = parquetRelation(file);
  const options = { name, relation, locate: async (row: number) => ({ source: name, row }) };
  const source = await openRelation(options);
  // The source's functions hold its options.
  removeWith(options, file);
  let version: Promise<SourceVersion> | null = null;
  return {
    ...source,
    relation,
    version: () => {
      version ??= hashFile(file).then((key) => ({ key, about: name }));
      return version;
    },
  };
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

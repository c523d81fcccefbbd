/** Writes Parquet part by part: each becomes a file next to the target, and DuckDB streams them into one. */
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { DataError } from "../../errors/index.js";
import { shellPath } from "../../util/code-text.js";
import { kindOfFile } from "../../util/files/read-whole.js";
import { throwIfInterrupted } from "../../util/interrupt.js";
import { beginUnfinished, endUnfinished } from "../../util/unfinished.js";
import { bytesAt, writeWhole } from "../../util/write-whole.js";
import { type ColumnInfo, columnRows, type NumberColumn, nestedSeparator, type RawColumn } from "../table/column.js";
import { hasRoles, type Roles, rolesKey } from "../table/roles.js";
import { type Connection, fileList, loadDuckdb, openDatabase, placeLiteral, withConnection } from "./duckdb.js";
import { identifier, literal } from "./names.js";
import { assertLocal, tryStat } from "./paths.js";

const parquetMagic = "PAR1";

/** Throws a DataError if no file can be written to a path: its folder is missing, or something else exists there. */
export function assertTarget(path: string): void {
  assertLocal(path);
  const folder = dirname(resolve(path));
  if (tryStat(folder)?.isDirectory() !== true) {
    const fix = `create the folder (mkdir -p ${shellPath(folder)}), or choose another one`;
    throw new DataError({ path, message: "cannot be written: its folder does not exist", received: folder, fix });
  }
  const stats = tryStat(resolve(path));
  if (stats === null) return;
  if (stats.isFile()) {
    if (stats.size === 0 || bytesAt(path, 0, parquetMagic.length) === parquetMagic) return;
    throw new DataError({
      path,
      message: "cannot be written: a file exists there that is not Parquet, and it would be replaced",
      expected: "the path of a new file, or of a Parquet file to replace",
      fix: "choose another path, or move the file elsewhere",
    });
  }
  throw new DataError({
    path: path === "" ? '""' : path,
    message: "cannot be written: not a regular file",
    received: kindOfFile(stats),
    expected: "the path of a new file, or of a file to replace",
  });
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  assertTarget(path);
  try {
    return await work();
  } catch (error) {
    throwIfInterrupted();
    if (error instanceof DataError) throw error;
    const message = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new DataError({ path, message: `cannot be written: ${message}`, cause: error });
  }
}

export type ColumnPart = ReadonlyMap<string, RawColumn>;

type Duckdb = Awaited<ReturnType<typeof loadDuckdb>>;

const chunkRows = 2048;

/**
 * Writes integers as INT64 (as TorchEasyRec reads ids), floats as DOUBLE, or FLOAT if declared. Needs at least one
 * part.
 */
export function writeParquet(
  columns: readonly ColumnInfo[],
  parts: Iterable<ColumnPart> | AsyncIterable<ColumnPart>,
  path: string,
  roles: Roles = {},
): Promise<void> {
  return writing(path, () => writeWhole(path, (fresh) => writeParts(columns, parts, fresh, storing(roles))));
}

async function writeParts(
  columns: readonly ColumnInfo[],
  parts: Iterable<ColumnPart> | AsyncIterable<ColumnPart>,
  path: string,
  format: string,
): Promise<void> {
  const folder = beginUnfinished(resolve(path));
  const files: string[] = [];
  try {
    await mkdir(folder);
    for await (const part of parts) {
      const file = join(folder, `${files.length}.parquet`);
      files.push(file);
      await writePart(columns, part, file, format);
    }
    if (files.length === 1) return await rename(files[0]!, path);
    const rows = `SELECT * FROM read_parquet(${fileList(files)}, hive_partitioning = false)`;
    await withConnection((connection) => connection.run(`COPY (${rows}) TO ${placeLiteral(path)} ${format}`));
  } finally {
    await rm(folder, { recursive: true, force: true });
    endUnfinished(folder);
  }
}

/** DuckDB's words for the format, with the roles in the file's own metadata. */
function storing(roles: Roles): string {
  if (!hasRoles(roles)) return "(FORMAT parquet)";
  return `(FORMAT parquet, KV_METADATA {${identifier(rolesKey)}: ${literal(JSON.stringify(roles))}})`;
}

async function writePart(
  columns: readonly ColumnInfo[],
  part: ColumnPart,
  file: string,
  format: string,
): Promise<void> {
  const duckdb = await loadDuckdb();
  const raw = columns.map((column) => part.get(column.name)!);
  const types = raw.map((column) => storedAs(column, duckdb));
  const fields = columns.map((column, index) => `${identifier(column.name)} ${types[index]}`);
  const select = columns.map((column, index) => `${writtenAs(column, raw[index]!)} AS ${identifier(column.name)}`);
  await withConnection(async (connection) => {
    await connection.run(`CREATE TEMP TABLE part (${fields.join(", ")})`); // until the connection is closed
    await appendColumns(connection, "part", raw);
    await connection.run(`COPY (SELECT ${select.join(", ")} FROM part) TO ${placeLiteral(file)} ${format}`);
  });
}

/** Appends rows to a table whose columns have the types of {@link storedAs}. */
export async function appendColumns(connection: Connection, table: string, raw: readonly RawColumn[]): Promise<void> {
  const duckdb = await loadDuckdb();
  const types = raw.map((column) => storedAs(column, duckdb));
  await connection.append(table, dataChunks(raw, types, duckdb));
}

function* dataChunks(raw: readonly RawColumn[], types: readonly DuckDBType[], duckdb: Duckdb) {
  const rows = raw[0] === undefined ? 0 : columnRows(raw[0]);
  for (let start = 0; start < rows; start += chunkRows) {
    const count = Math.min(chunkRows, rows - start);
    const chunk = duckdb.DuckDBDataChunk.create(types, count);
    for (const [index, column] of raw.entries()) {
      if (column.kind === "number") setNumbers(chunk, index, column, start, count);
      else {
        const values = Array.from({ length: count }, (_, row) => duckValue(column, start + row, duckdb));
        chunk.setColumnValues(index, values);
      }
    }
    yield chunk;
  }
}

/** The type in which values are passed to DuckDB, without a BigInt or an object per value, which would be slow. */
function storedAs(column: RawColumn, duckdb: Duckdb): DuckDBType {
  if (column.kind === "text") return duckdb.VARCHAR;
  if (column.kind === "list") return duckdb.LIST(storedAs(column.items, duckdb));
  return column.values instanceof Int32Array ? duckdb.INTEGER : duckdb.DOUBLE;
}

/** SQL that casts to the declared type, since parts of a text column may contain numbers. */
function writtenAs(info: ColumnInfo, column: RawColumn): string {
  const name = identifier(info.name);
  if (column.kind !== "list") {
    // A CSV file's words for yes and no, and its times, are text.
    if (column.kind === "text" && (info.type === "timestamp" || info.type === "boolean")) return name;
    if (info.type === "timestamp") return timestamp(name);
    if (info.type === "integer" && info.sourceType.startsWith("DECIMAL")) return `CAST(${name} AS ${info.sourceType})`;
    const types = { HUGEINT: "VARCHAR", UHUGEINT: "VARCHAR", UBIGINT: "UBIGINT", FLOAT: "FLOAT" };
    const type = types[info.sourceType as keyof typeof types] ?? sqlTypes[info.type] ?? "VARCHAR";
    return `CAST(${name} AS ${type})`;
  }
  if (column.nested === true) return nestedList(name, info.sourceType);
  const item = column.items.kind === "text" ? "text" : column.items.type;
  if (item === "timestamp") return `list_transform(${name}, item -> ${timestamp("item")})`;
  return `CAST(${name} AS ${info.sourceType === "FLOAT[]" ? "FLOAT" : sqlTypes[item]}[])`;
}

/** SQL: texts of inner lists as lists; of texts, unless the declared type is one of numbers. */
function nestedList(name: string, sourceType: string): string {
  const type = /^((?:TINY|SMALL|BIG|U)*INT(?:EGER)?|FLOAT|DOUBLE)\[\]\[\]$/.exec(sourceType)?.[1] ?? "VARCHAR";
  const values = `CAST(string_split(item, chr(${nestedSeparator.charCodeAt(0)})) AS ${type}[])`;
  return `list_transform(${name}, item -> CASE WHEN item = '' THEN CAST([] AS ${type}[]) ELSE ${values} END)`;
}

/** SQL: milliseconds since 1970 as a timestamp, to the microsecond. */
function timestamp(milliseconds: string): string {
  const whole = `floor(${milliseconds})`;
  const micros = `CAST(round((${milliseconds} - ${whole}) * 1000) AS BIGINT)`;
  return `make_timestamp(CAST(${whole} AS BIGINT) * 1000 + ${micros})`;
}

const sqlTypes: Record<string, string> = { integer: "BIGINT", float: "DOUBLE", boolean: "BOOLEAN", text: "VARCHAR" };

/** A vector's storage, which DuckDB's types hide. Setting it value by value takes ten times as long. */
interface NumberStorage {
  readonly items: Int32Array | Float64Array;
  readonly validity: { setItemValid(row: number, valid: boolean): void };
  flush(): void;
}

function setNumbers(chunk: DuckDBDataChunk, index: number, column: NumberColumn, start: number, count: number): void {
  const vector = chunk.getColumnVector(index) as unknown as NumberStorage;
  vector.items.set(column.values.subarray(start, start + count));
  if (column.valid !== null) {
    for (let row = 0; row < count; row++) if (column.valid[start + row] === 0) vector.validity.setItemValid(row, false);
  }
  vector.flush();
}

function duckValue(column: RawColumn, row: number, duckdb: Duckdb): DuckDBValue {
  if (column.kind === "text") return column.words[column.codes[row]!] ?? null;
  if (column.valid !== null && column.valid[row] === 0) return null;
  if (column.kind === "number") return column.values[row]!;
  const items: DuckDBValue[] = [];
  for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
    items.push(duckValue(column.items, item, duckdb));
  }
  return duckdb.listValue(items);
}

export interface RewriteOptions {
  readonly columns: readonly string[];
  /** Text columns of integers, which become INT64. */
  readonly integers: readonly string[];
  /** The seed of a random row order; `null`: unchanged order. */
  readonly shuffleSeed: number | null;
}

const memory = "1GB";

export async function rewriteParquet(from: string, to: string, options: RewriteOptions): Promise<void> {
  const { columns, integers, shuffleSeed } = options;
  const select = columns.map((name) => {
    const column = identifier(name);
    return integers.includes(name) ? `CAST(${column} AS BIGINT) AS ${column}` : column;
  });
  const order = shuffleSeed === null ? "" : `ORDER BY hash(file_row_number, ${shuffleSeed}), file_row_number`;
  const source = `read_parquet(${fileList([from])}, hive_partitioning = false, file_row_number = true)`;
  const folder = beginUnfinished(resolve(to));
  await mkdir(folder);
  const instance = await openDatabase(":memory:", { memory_limit: memory, temp_directory: folder });
  try {
    const sql = `COPY (SELECT ${select.join(", ")} FROM ${source} ${order}) TO ${placeLiteral(to)} (FORMAT parquet)`;
    await withConnection((connection) => connection.run(sql), instance);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
    endUnfinished(folder);
  }
}

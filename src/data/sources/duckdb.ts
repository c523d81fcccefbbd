/** DuckDB: a shared in-memory instance, opened on first use, and results read by chunks into typed arrays. */
import path from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBResult, DuckDBVector } from "@duckdb/node-api";
import { DataError } from "../../errors/index.js";
import { slashPath } from "../../util/files/package-version.js";
import type { ColumnInfo, ColumnType, RawColumn, ScalarColumn } from "../table/column.js";
import { type ColumnBuilder, ListBuilder, NumberBuilder, TextBuilder, textAt } from "./builders.js";
import { identifier, literal } from "./names.js";

export type { DuckDBConnection };

/** Loaded with the first connection: it is large, and a notebook starts without it. */
let library: typeof import("@duckdb/node-api") | null = null;
let shared: Promise<DuckDBInstance> | null = null;

export async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await connect();
  try {
    return await work(connection);
  } finally {
    connection.disconnectSync();
  }
}

/** DuckDB would download extensions, and through them files, from the network. */
const offline = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" } as const;

/** Loads DuckDB. Throws a DataError if it has no binary for this machine, or is not installed. */
export async function loadDuckdb(): Promise<typeof import("@duckdb/node-api")> {
  try {
    library ??= await import("@duckdb/node-api");
    return library;
  } catch (cause) {
    throw new DataError(
      {
        path: "DuckDB",
        message: `cannot be loaded on ${process.platform} ${process.arch}: files and queries need it`,
        received: String((cause as Error).message).split("\n")[0],
        expected: "a platform with a binary of @duckdb/node-api, installed with its optional dependencies",
        fix: "npm install @duckdb/node-api; without it, rows and columns in memory work: models, training, evaluations, gates, charts and saved runs",
      },
      { cause },
    );
  }
}

export async function openDatabase(place: string, settings: Readonly<Record<string, string>>): Promise<DuckDBInstance> {
  const instance = await (await loadDuckdb()).DuckDBInstance.create(place, { ...offline, ...settings });
  const connection = await instance.connect();
  try {
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
  } finally {
    connection.disconnectSync();
  }
  return instance;
}

async function connect(): Promise<DuckDBConnection> {
  shared ??= openDatabase(":memory:", {});
  return (await shared).connect();
}

export function duckdbWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n")
    .slice(0, 6)
    .map((line) => (line.length > 200 ? `${line.slice(0, 199)}…` : line))
    .join("\n    ")
    .trim();
}

/** Paths as an SQL list for DuckDB's readers. Glob characters in file names are escaped. */
export function fileList(files: readonly string[], paths: path.PlatformPath = path): string {
  return `[${files.map((file) => placeLiteral(escapeGlob(file), paths)).join(", ")}]`;
}

/** A path to write to, or a pattern of paths, as an SQL literal. @param paths the rules of another system, in tests */
export function placeLiteral(place: string, paths: path.PlatformPath = path): string {
  // In a pattern, DuckDB reads a backslash before * ? [ as an escape.
  const slashed = /[*?[]/.test(place) ? slashPath(place, paths) : place;
  // DuckDB expands a leading ~ to the home folder, and treats a path that ends in a colon as a drive or a service.
  return literal(/^(~|[^/]*:)/.test(slashed) && !paths.isAbsolute(slashed) ? `./${slashed}` : slashed);
}

function escapeGlob(file: string): string {
  return file.replace(/[*?[]/g, (character) => `[${character}]`);
}

export async function countRows(relation: string): Promise<number> {
  const [count] = await queryRows(`SELECT count(*) AS rows FROM ${relation}`);
  return Number(count?.["rows"]);
}

export function queryRows(sql: string): Promise<Record<string, unknown>[]> {
  return withConnection((connection) => smallRows(connection, sql));
}

export async function smallRows(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Record<string, unknown>[];
}

export async function* streamTexts(sql: string): AsyncGenerator<(string | null)[]> {
  const connection = await connect();
  try {
    for await (const chunk of fetchChunks(await connection.stream(sql))) {
      const vector = chunk.getColumnVector(0);
      yield Array.from({ length: chunk.rowCount }, (_, row) => textAt(vector, row));
    }
  } finally {
    connection.disconnectSync();
  }
}

export async function* fetchChunks(result: DuckDBResult): AsyncGenerator<DuckDBDataChunk> {
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    yield chunk;
  }
}

export async function queryNames(connection: DuckDBConnection, sql: string): Promise<string[]> {
  const prepared = await connection.prepare(sql);
  try {
    return Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
  } finally {
    prepared.destroySync();
  }
}

/** Reads columns to the end and discards them; throws DuckDB's error if that fails. */
export async function readThrough(relation: string, names: readonly string[]): Promise<void> {
  const values = names.map((name) => `bit_xor(hash(${identifier(name)}))`).join(", ");
  await withConnection((connection) => connection.run(`SELECT ${values} FROM ${relation}`));
}

export async function describeRelation(relation: string): Promise<ColumnInfo[]> {
  const rows = await queryRows(`DESCRIBE SELECT * FROM ${relation}`);
  return rows.map((row) => {
    const sourceType = String(row["column_type"]);
    return { name: String(row["column_name"]), type: typeOf(sourceType), sourceType };
  });
}

/** Columns of a relation to read, in row order. */
export interface Reading {
  readonly relation: string;
  readonly columns: readonly ColumnInfo[];
  /** Whether the relation has {@link rowNumberColumns}, by which the order is checked. */
  readonly isNumbered: boolean;
}

/** Reads parts of `partRows` rows (the last: the rest; each may have some more). @param limit the most rows; `null`: all */
export async function* readParts(
  reading: Reading,
  partRows: number,
  limit: number | null,
): AsyncGenerator<Map<string, RawColumn>> {
  const { columns } = reading;
  const fresh = () => columns.map((column) => makeBuilder(column, partRows + vectorRows));
  let builders = fresh();
  let rows = 0;
  const part = () => new Map(columns.map((column, index) => [column.name, builders[index]!.finish()]));
  for await (const chunk of streamChunks(reading, limit === null ? "" : `LIMIT ${limit}`)) {
    for (const [index, builder] of builders.entries()) builder.append(chunk.getColumnVector(index), 0, chunk.rowCount);
    rows += chunk.rowCount;
    if (rows < partRows) continue;
    yield part();
    builders = fresh();
    rows = 0;
  }
  if (rows > 0) yield part();
}

/** DuckDB's read-ahead: with less, its threads wait for space. */
const streamedBytes = "64MiB";

/** Rows of a DuckDB vector; a chunk may have fewer. */
const vectorRows = 2048;

/** The columns by which DuckDB numbers the files and rows of `read_parquet(…)`. A file's own column hides them. */
export const rowNumberColumns: readonly string[] = ["file_index", "file_row_number"];

async function* streamChunks(
  { relation, columns, isNumbered }: Reading,
  limit: string,
): AsyncGenerator<DuckDBDataChunk> {
  const values = columns.map((column) => `${readAs(column)} AS ${identifier(column.name)}`);
  const numbers = isNumbered ? rowNumberColumns.map((name) => `CAST(${name} AS BIGINT)`) : [];
  const sql = `SELECT ${[...values, ...numbers].join(", ")} FROM ${relation} ${limit}`;
  const order = isNumbered ? new RowOrder(columns.length) : null;
  const connection = await connect();
  let next: Promise<DuckDBDataChunk | null> = Promise.resolve(null);
  try {
    // DuckDB's threads read ahead while this thread processes a chunk.
    await connection.run(`SET streaming_buffer_size = '${streamedBytes}'`);
    const result = await connection.stream(sql);
    next = result.fetchChunk();
    for (;;) {
      const chunk = await next;
      if (chunk === null || chunk.rowCount === 0) return;
      next = result.fetchChunk();
      next.catch(() => undefined); // rejects when it is awaited
      order?.check(chunk);
      yield chunk;
    }
  } finally {
    await next.catch(() => undefined);
    connection.disconnectSync();
  }
}

/** Checks that rows arrive in their order: without `order by`, DuckDB keeps it only in some plans. */
class RowOrder {
  #file = -1;
  #row = -1;

  /** @param column the first of the {@link rowNumberColumns} in a chunk */
  constructor(private readonly column: number) {}

  check(chunk: DuckDBDataChunk): void {
    const files = lowHalves(chunk.getColumnVector(this.column));
    const rows = lowHalves(chunk.getColumnVector(this.column + 1));
    for (let at = 0; at < chunk.rowCount; at++) {
      const file = files[at * 2]!;
      const row = rows[at * 2]!;
      if (file === this.#file ? row !== this.#row + 1 : file < this.#file || row !== 0) {
        throw new Error(`row ${row} of file ${file} arrived after row ${this.#row} of file ${this.#file}`);
      }
      this.#file = file;
      this.#row = row;
    }
  }
}

/** The halves of 64-bit integers, low half first: row numbers have 31 bits. */
function lowHalves(vector: DuckDBVector): Int32Array {
  const { items } = vector as unknown as { readonly items: BigInt64Array };
  return new Int32Array(items.buffer, items.byteOffset, items.length * 2);
}

function makeBuilder(column: ColumnInfo, expected: number): ColumnBuilder {
  if (column.type !== "list") return scalarBuilder(column.type, column.sourceType, expected);
  if (isMapType(column.sourceType)) return new ListBuilder(new TextBuilder(), { isMap: true });
  const itemType = listItemType(column);
  if (isList(itemType)) return new ListBuilder(new TextBuilder(), { nested: true });
  return new ListBuilder(scalarBuilder(typeOf(itemType), itemType), {});
}

function scalarBuilder(type: ColumnType, sourceType: string, capacity?: number): ColumnBuilder<ScalarColumn> {
  if (type === "text" || type === "other" || type === "list") return new TextBuilder();
  if (type === "integer" && readAsDigits(sourceType)) return new TextBuilder(true);
  return new NumberBuilder(type, type === "integer" || type === "boolean", capacity);
}

export function listItemType({ sourceType }: ColumnInfo): string {
  return sourceType.slice(0, sourceType.lastIndexOf("["));
}

export function isList(sourceType: string): boolean {
  return /\[\d*\]$/.test(sourceType);
}

/** SQL that converts a column to one of the few types that the builders support. */
export function readAs(column: ColumnInfo): string {
  const name = identifier(column.name);
  if (isMapType(column.sourceType)) {
    const pair = "CAST(pair.key AS VARCHAR) || ':' || CAST(pair.value AS VARCHAR)";
    return `list_transform(map_entries(${name}), pair -> ${pair})`;
  }
  if (column.type === "list") {
    const item = listItemType(column);
    if (isList(item))
      return `list_transform(${name}, item -> ${joined("item", listItemType({ ...column, sourceType: item }))})`;
    const target = readType(typeOf(item), item);
    return typeOf(item) === "timestamp"
      ? `list_transform(${name}, item -> ${milliseconds("item", item)})`
      : `CAST(${name} AS ${target}[])`;
  }
  if (column.type === "timestamp") return milliseconds(name, column.sourceType);
  return `CAST(${name} AS ${readType(column.type, column.sourceType)})`;
}

/** SQL: a list as the text of its values. A null inside would vanish, so it fails as text that is not a number. */
function joined(list: string, type: string): string {
  const text = typeOf(type) === "boolean" ? "CAST(CAST(value AS INTEGER) AS VARCHAR)" : "CAST(value AS VARCHAR)";
  return `array_to_string(list_transform(${list}, value -> coalesce(${text}, 'null')), chr(30))`;
}

/** SQL: a time as milliseconds since 1970 in UTC, to the microsecond, like `writtenTime`. */
function milliseconds(time: string, sourceType: string): string {
  const modulo = (value: string): string => `(((${value}) % 1000 + 1000) % 1000)`;
  const micros =
    sourceType === "TIMESTAMP_NS"
      ? `((epoch_ns(${time}) - ${modulo(`epoch_ns(${time})`)}) // 1000)`
      : sourceType === "DATE"
        ? `epoch_us(CAST(${time} AS TIMESTAMP))`
        : `epoch_us(${time})`;
  const rest = modulo(micros);
  return `CAST((${micros} - ${rest}) // 1000 AS DOUBLE) + CAST(${rest} AS DOUBLE) / 1000`;
}

export function readAsDigits(sourceType: string): boolean {
  return /HUGEINT|UBIGINT|DECIMAL/.test(sourceType);
}

function readType(type: ColumnType, sourceType: string): string {
  if (type === "boolean") return "INTEGER";
  if (type === "float") return "DOUBLE";
  if (type !== "integer") return "VARCHAR";
  if (readAsDigits(sourceType)) return "VARCHAR";
  return /BIGINT|UINTEGER/.test(sourceType) ? "BIGINT" : "INTEGER";
}

/** Maps are read as lists of texts `key:value`. */
export function isMapType(sourceType: string): boolean {
  return /^MAP\(.*\)$/.test(sourceType);
}

export function typeOf(sourceType: string): ColumnType {
  if (isMapType(sourceType)) return "list";
  if (/\[\d*\]\[\d*\]\[\d*\]$/.test(sourceType)) return "other";
  if (isList(sourceType)) return "list";
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/.test(sourceType)) return "integer";
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(sourceType)) return "float";
  if (sourceType === "BOOLEAN") return "boolean";
  if (/^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/.test(sourceType)) return "timestamp";
  return /^(VARCHAR|ENUM|UUID)/.test(sourceType) ? "text" : "other";
}

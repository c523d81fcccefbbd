/** The rows of Parquet and JSON files, which DuckDB reads by chunks into typed arrays. */
import type { DuckDBDataChunk, DuckDBVector } from "@duckdb/node-api";
import { DataError, type Problem } from "../../errors/index.js";
import { throwIfInterrupted } from "../../util/interrupt.js";
import { type ColumnInfo, type ColumnType, columnRows, type NumberColumn, type ScalarColumn } from "../table/column.js";
import { type ColumnBuilder, ListBuilder, NumberBuilder, TextBuilder } from "./builders.js";
import { countRows, duckdbWords, queryRows, streamChunks, withConnection } from "./duckdb.js";
import { changed, type PartReading, type RowPlace, type Source, type SourceVersion } from "./file-version.js";
import { identifier } from "./names.js";

/** Reads columns (default: all) to the end and discards them; throws DuckDB's error if that fails. */
export async function readThrough(relation: string, names?: readonly string[]): Promise<void> {
  const columns = names ?? (await describeRelation(relation)).map(({ name }) => name);
  const values = columns.map((name) => `bit_xor(hash(${identifier(name)}))`).join(", ");
  await withConnection((connection) => connection.run(`SELECT ${values} FROM ${relation}`));
}

async function describeRelation(relation: string): Promise<ColumnInfo[]> {
  return (await queryRows(`DESCRIBE SELECT * FROM ${relation}`)).map((row) => {
    const sourceType = String(row["column_type"]);
    return { name: String(row["column_name"]), type: typeOf(sourceType), sourceType };
  });
}

/** Rows per part: enough that frequent texts are looked up once per part, few enough to be small. */
const partRows = 131_072;

/** @throws DataError for repeated names, because DuckDB would rename the second one, ignoring letter case */
export function refuseRepeats(name: string, names: readonly string[]): void {
  const distinct = new Set<string>();
  const twice = names.filter((column) => distinct.size === distinct.add(column.toLowerCase()).size);
  if (twice.length === 0) return;
  throw new DataError(
    twice.map((column) => ({
      path: `${name}: column "${column}"`,
      message: "duplicate name",
      fix: `give each column a different name ("select a.${column} as …"), or join … using (${column})`,
    })),
  );
}

export type Explain = (words: string) => Promise<Problem | null>;

export interface RelationOptions {
  readonly name: string;
  /** SQL: a table function's call whose rows have an order; for `read_parquet(…)` it is checked. */
  readonly relation: string;
  readonly locate: (row: number) => Promise<RowPlace>;
  readonly version?: () => Promise<SourceVersion>;
  readonly explain?: Explain | undefined;
}

/** Opens a relation. The source holds `options`: their owner may remove the file when they are garbage-collected. */
export async function openRelation(options: RelationOptions): Promise<Source> {
  const { name, relation } = options;
  const columns = await describeRelation(relation);
  const rows = await countRows(relation);
  const opened = (await options.version?.()) ?? null;
  const columnsByName = new Map(columns.map((column) => [column.name, column]));
  const isParquet = relation.startsWith("read_parquet(");
  const isNumbered = isParquet && !columns.some((column) => rowNumberColumns.includes(column.name.toLowerCase()));
  const reading = (names: readonly string[]): Reading => {
    return { relation, columns: names.map((column) => columnsByName.get(column)!), isNumbered };
  };
  const unchanged = async (received: number, expected: number, read: readonly string[]): Promise<void> => {
    const now = (await options.version?.()) ?? null;
    // DuckDB silently ends a stream that fails: running it again without streaming returns the error.
    if (received < expected && now?.key === opened?.key) {
      await readable(name, () => readThrough(relation, read), options.explain);
    }
    if (received !== expected || now?.key !== opened?.key) throw changed(name, opened, now, received, expected);
  };
  async function* parts(names: readonly string[], { limit, whole = false }: PartReading = {}) {
    if (names.length === 0) return;
    const expected = Math.min(rows, limit ?? rows);
    let received = 0;
    const parts = readParts(reading(names), whole ? Math.max(1, expected) : partRows, limit ?? null);
    try {
      for (;;) {
        const part = await readable(name, () => parts.next(), options.explain);
        if (part.done) break;
        received += columnRows(part.value.values().next().value!);
        if (received > expected) break;
        yield part.value;
      }
    } finally {
      await parts.return(undefined); // closes the connection if the rest is not needed
    }
    await readable(name, () => unchanged(received, expected, names), options.explain);
  }
  return {
    name,
    columns,
    rows,
    parts,
    version: async () => opened,
    assertUnchanged: () => unchanged(rows, rows, []),
    locate: options.locate,
  };
}

/** Runs `work`; adds the place to DuckDB's errors, or explains them with `explain`. */
export async function readable<T>(name: string, work: () => Promise<T>, explain?: Explain): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfInterrupted();
    if (error instanceof DataError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const message = `DuckDB cannot read this: ${duckdbWords(error)}`;
    const problem = (await explain?.(text)) ?? { path: name, message };
    throw new DataError(problem, { cause: error });
  }
}

/** Columns of a relation to read, in row order. */
interface Reading {
  readonly relation: string;
  readonly columns: readonly ColumnInfo[];
  /** Whether the relation has {@link rowNumberColumns}, by which the order is checked. */
  readonly isNumbered: boolean;
}

/** Reads parts of `partRows` rows (the last: the rest; each may have some more). @param limit the most rows; `null`: all */
async function* readParts(reading: Reading, partRows: number, limit: number | null) {
  const { columns } = reading;
  const readers = columns.map(columnReader);
  const fresh = () => readers.map(({ make }) => make(partRows + vectorRows));
  let builders = fresh();
  let rows = 0;
  const part = () => new Map(columns.map((column, index) => [column.name, builders[index]!.finish()]));
  for await (const chunk of orderedChunks(reading, limit === null ? "" : `LIMIT ${limit}`)) {
    for (const [index, builder] of builders.entries()) builder.append(chunk.getColumnVector(index), 0, chunk.rowCount);
    rows += chunk.rowCount;
    if (rows < partRows) continue;
    yield part();
    builders = fresh();
    rows = 0;
  }
  if (rows > 0) yield part();
}

/** Rows of a DuckDB vector; a chunk may have fewer. */
const vectorRows = 2048;

/** The columns by which DuckDB numbers the files and rows of `read_parquet(…)`. A file's own column hides them. */
const rowNumberColumns: readonly string[] = ["file_index", "file_row_number"];

async function* orderedChunks(
  { relation, columns, isNumbered }: Reading,
  limit: string,
): AsyncGenerator<DuckDBDataChunk> {
  const values = columns.map((column) => `${columnReader(column).sql} AS ${identifier(column.name)}`);
  const numbers = isNumbered ? rowNumberColumns.map((name) => `CAST(${name} AS BIGINT)`) : [];
  const order = isNumbered ? new RowOrder(columns.length) : null;
  for await (const chunk of streamChunks(`SELECT ${[...values, ...numbers].join(", ")} FROM ${relation} ${limit}`)) {
    order?.check(chunk);
    yield chunk;
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

/** SQL that converts a column to one of the few types that builders support, and its builder. */
interface ColumnReader<Builder = ColumnBuilder> {
  readonly sql: string;
  readonly make: (capacity?: number) => Builder;
}

function columnReader({ name, sourceType }: ColumnInfo): ColumnReader {
  const column = identifier(name);
  if (isMapType(sourceType)) {
    const pair = "CAST(pair.key AS VARCHAR) || ':' || CAST(pair.value AS VARCHAR)";
    const sql = `list_transform(map_entries(${column}), pair -> ${pair})`;
    return { sql, make: () => new ListBuilder(new TextBuilder(), { isMap: true }) };
  }
  if (typeOf(sourceType) !== "list") return scalarReader(column, sourceType, "");
  const itemType = listItemType(sourceType);
  if (isList(itemType)) {
    const sql = `list_transform(${column}, item -> ${joined("item", listItemType(itemType))})`;
    return { sql, make: () => new ListBuilder(new TextBuilder(), { nested: true }) };
  }
  const item = scalarReader(column, itemType, "[]");
  const times = `list_transform(${column}, item -> ${milliseconds("item", itemType)})`;
  const sql = typeOf(itemType) === "timestamp" ? times : item.sql;
  return { sql, make: () => new ListBuilder(item.make(), {}) };
}

/** @param list `[]`: `value` is a list of this type */
function scalarReader(value: string, sourceType: string, list: "" | "[]"): ColumnReader<ColumnBuilder<ScalarColumn>> {
  const type = typeOf(sourceType);
  const cast = (target: string): string => `CAST(${value} AS ${target}${list})`;
  const numbers = (sql: string, type: NumberColumn["type"], isWhole: boolean) => {
    return { sql, make: (capacity?: number) => new NumberBuilder(type, isWhole, capacity) };
  };
  if (type === "timestamp") return numbers(milliseconds(value, sourceType), type, false);
  if (type === "float") return numbers(cast("DOUBLE"), type, false);
  if (type === "boolean") return numbers(cast("INTEGER"), type, true);
  // Integers that do not fit 64 bits are read as digits.
  if (type !== "integer" || /HUGEINT|UBIGINT|DECIMAL/.test(sourceType)) {
    return { sql: cast("VARCHAR"), make: () => new TextBuilder(type === "integer") };
  }
  return numbers(cast(/BIGINT|UINTEGER/.test(sourceType) ? "BIGINT" : "INTEGER"), type, true);
}

function listItemType(sourceType: string): string {
  return sourceType.slice(0, sourceType.lastIndexOf("["));
}

function isList(sourceType: string): boolean {
  return /\[\d*\]$/.test(sourceType);
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

/** Maps are read as lists of texts `key:value`. */
function isMapType(sourceType: string): boolean {
  return /^MAP\(.*\)$/.test(sourceType);
}

function typeOf(sourceType: string): ColumnType {
  if (isMapType(sourceType)) return "list";
  if (/\[\d*\]\[\d*\]\[\d*\]$/.test(sourceType)) return "other";
  if (isList(sourceType)) return "list";
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/.test(sourceType)) return "integer";
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(sourceType)) return "float";
  if (sourceType === "BOOLEAN") return "boolean";
  if (/^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/.test(sourceType)) return "timestamp";
  return /^(VARCHAR|ENUM|UUID)/.test(sourceType) ? "text" : "other";
}

/** Rows of a source, some of its columns, and optionally a selection of rows; immutable and lazy. */
import { DataError, type Problem } from "../../errors/index.js";
import { beginWork, interruptible, throwIfInterrupted } from "../../util/interrupt.js";
import { lacksZone, writtenTime } from "../../util/iso-time.js";
import { didYouMean, listNames } from "../../util/names.js";
import { inTurns, type Work } from "../../util/turns.js";
import { type RowPlace, readWhole, type Source, type SourceVersion } from "../sources/file-version.js";
import {
  type ColumnInfo,
  columnRows,
  type NumberColumn,
  parsedColumn,
  type RawColumn,
  takeColumn,
  usedWords,
  valueAt,
} from "./column.js";
import { keptRoles, type Roles } from "./roles.js";

/** A row by column name: numbers, booleans, dates, text, arrays or `null`. */
// biome-ignore lint/suspicious/noExplicitAny: `row.price * 2` should compile for columns that only the data know.
export type Row = Record<string, any>;

/**
 * Rows and columns to inspect, split and encode; the basis of a `Dataset`.
 * @example
 * const log = (await dataset("clicks.parquet")).table;
 * await log.head(3);
 * const small = log.select("user_id", "clk").take(Int32Array.of(0, 2, 4));
 */
export class Table {
  readonly #source: Source;
  /** Created on first use: tables may have ten thousand columns. */
  #index: ReadonlyMap<string, ColumnInfo> | null = null;
  #names: readonly string[] | null = null;
  /** In the order of the source. */
  readonly columns: readonly ColumnInfo[];
  readonly rows: number;
  readonly source: string;
  /** Notes of opening, such as files that lack a column. */
  readonly notes: readonly string[];
  /** Whether the source stores all values as text, such as CSV. @internal */
  readonly isText: boolean;
  /** SQL of the rows, if DuckDB can read them in place. @internal */
  readonly relation: string | null;
  /** The row numbers of this table in its source, [rows]; `null`: all. */
  readonly selection: Int32Array | null;
  /** The columns of user, item, time and session. */
  readonly roles: Roles;

  /** The state of the priors that these rows have; `null`: they are not a result of `priors`, or only a part of one. @internal */
  readonly priorsState: (() => Promise<Source>) | null;

  /** Use `openTable`. @internal */
  constructor(
    source: Source,
    columns: readonly ColumnInfo[] = source.columns,
    rows: Int32Array | null = null,
    roles: Roles = source.roles ?? {},
  ) {
    this.#source = source;
    this.roles = roles;
    this.selection = rows;
    this.columns = columns;
    this.rows = rows?.length ?? source.rows;
    this.source = source.name;
    this.notes = source.notes ?? [];
    this.isText = source.written !== undefined;
    this.priorsState = rows === null ? (source.priorsState ?? null) : null;
    this.relation = rows === null ? (source.relation ?? null) : null;
  }

  /** Column names, in order. */
  get names(): readonly string[] {
    this.#names ??= this.columns.map((column) => column.name);
    return this.#names;
  }

  /** Whether a column with this name exists. */
  has(name: string): boolean {
    return this.#byName().has(name);
  }

  /** Selects these columns, in this order. Throws a DataError for a missing name. */
  select(...names: readonly string[]): Table {
    const roles = keptRoles(this.roles, (name) => names.includes(name));
    return new Table(this.#source, this.#find(names), this.selection, roles);
  }

  /** Selects the rows with these indices (of this table), in their order. */
  take(rows: Int32Array): Table {
    const selection = this.selection;
    const taken = selection === null ? rows : rows.map((row) => selection[row]!);
    return new Table(this.#source, this.columns, taken, this.roles);
  }

  /** The same rows with these roles, or those of them whose columns it has. */
  withRoles(roles: Roles): Table {
    const ofColumns = keptRoles(roles, (name) => this.has(name));
    return new Table(this.#source, this.columns, this.selection, ofColumns);
  }

  /** Selects rows `start` … `end − 1`. */
  slice(start: number, end: number): Table {
    const length = Math.max(0, Math.min(end, this.rows) - start);
    return this.take(Int32Array.from({ length }, (_, row) => start + row));
  }

  /** The table without its selection of rows. @internal */
  ofAllRows(): Table {
    return this.selection === null ? this : new Table(this.#source, this.columns);
  }

  /** Whether the source stores a column's numbers as text (CSV), which can be read. @internal */
  isWritten(name: string): boolean {
    return this.#source.written?.has(name) ?? false;
  }

  /** Reads columns as typed arrays in one pass. @param asWritten columns to return as text, see `isWritten` */
  async read(
    names: readonly string[] = this.names,
    asWritten: readonly string[] = [],
  ): Promise<Map<string, RawColumn>> {
    this.#find(names);
    const read = await interruptible(() => readWhole(this.#source, names, { asWritten }));
    return this.selection === null ? read : inTurns(taking(read, this.selection));
  }

  /** Reads columns of the first `count` rows, without reading what comes after them. */
  async readFirst(count: number, names: readonly string[] = this.names): Promise<Map<string, RawColumn>> {
    this.#find(names);
    const first = this.selection?.subarray(0, count) ?? null;
    const limit = first === null ? count : first.reduce((most, row) => Math.max(most, row + 1), 0);
    const read = await readWhole(this.#source, names, { limit });
    return first === null ? read : inTurns(taking(read, first));
  }

  /** Reads columns in parts, in order; at least one, even without rows. @param asWritten columns to return as text */
  async *parts(names: readonly string[] = this.names, asWritten: readonly string[] = []): AsyncGenerator<TablePart> {
    const end = beginWork();
    try {
      for await (const part of this.#allParts(names, asWritten)) {
        throwIfInterrupted();
        yield part;
      }
    } finally {
      end();
    }
  }

  async *#allParts(names: readonly string[], asWritten: readonly string[]): AsyncGenerator<TablePart> {
    this.#find(names);
    const selected = this.selection;
    if (names.length === 0 || this.rows === 0 || (selected !== null && !isAscending(selected))) {
      yield { rows: this.rows, columns: await this.read(names, asWritten) };
    } else if (selected === null) {
      for await (const columns of this.#source.parts(names, { asWritten })) yield { rows: rowsIn(columns), columns };
    } else {
      yield* selectedParts(this.#source.parts(names, { asWritten }), selected);
      await this.assertUnchanged();
    }
  }

  /** Throws a DataError if the files of the table have changed since they were opened. */
  assertUnchanged(): Promise<void> {
    return this.#source.assertUnchanged();
  }

  /** The identity of the rows of this table's source; `null` if unknown. */
  version(): Promise<SourceVersion | null> {
    return this.#source.version();
  }

  /** Whether both tables come from the same opened source. */
  sharesSource(other: Table): boolean {
    return this.#source === other.#source;
  }

  /** One column's values as plain JavaScript values, [rows]. */
  async column(name: string): Promise<unknown[]> {
    return plainValues((await this.read([name])).get(name)!);
  }

  /** The first `count` rows. */
  async head(count = 5): Promise<Row[]> {
    return toRows(await this.readFirst(count));
  }

  /** Every row as an object. For small tables only: a million row objects take gigabytes. */
  async toRows(): Promise<Row[]> {
    return toRows(await this.read());
  }

  /** Every column as a plain array: the argument of `new dfd.DataFrame(…)`. */
  async toColumns(): Promise<Record<string, unknown[]>> {
    return Object.fromEntries([...(await this.read())].map(([name, column]) => [name, plainValues(column)]));
  }

  /** Writes the table as a Parquet file, part by part, and returns its path. */
  async toParquet(path: string): Promise<string> {
    const parts = this.parts();
    async function* columns(): AsyncGenerator<TablePart["columns"]> {
      for await (const part of parts) yield part.columns;
    }
    await writeParquet(this.columns, columns(), path, this.roles);
    return path;
  }

  /** The origin of a row of this table. */
  async locate(row: number): Promise<RowPlace> {
    return this.#source.locate(this.selection === null ? row : this.selection[row]!);
  }

  /** @internal */
  info(name: string): ColumnInfo | undefined {
    return this.#byName().get(name);
  }

  #byName(): ReadonlyMap<string, ColumnInfo> {
    this.#index ??= new Map(this.columns.map((column) => [column.name, column]));
    return this.#index;
  }

  #find(names: readonly string[]): ColumnInfo[] {
    const columns = names.map((name) => this.#byName().get(name));
    const missing = names.filter((_, index) => columns[index] === undefined);
    if (missing.length > 0) throw new DataError(missing.map((name) => missingColumn(this, name)));
    return columns as ColumnInfo[];
  }
}

export function missingColumn(table: Table, name: string): Problem {
  return {
    path: `${table.source}: column "${name}"`,
    message: "no such column",
    received: `columns ${listNames(table.names)}`,
    expected: `a column "${name}"`,
    fix: didYouMean(name, table.names) ?? "add the column to the data, or name one that they have",
  };
}

/** Some rows of a table. */
export interface TablePart {
  readonly rows: number;
  /** The requested columns by name, [rows] each. */
  readonly columns: Map<string, RawColumn>;
}

function rowsIn(columns: ReadonlyMap<string, RawColumn>): number {
  const first = columns.values().next().value;
  return first === undefined ? 0 : columnRows(first);
}

function isAscending(rows: Int32Array): boolean {
  for (let at = 1; at < rows.length; at++) if (rows[at]! < rows[at - 1]!) return false;
  return true;
}

async function* selectedParts(parts: AsyncIterable<Map<string, RawColumn>>, selected: Int32Array) {
  let start = 0;
  let next = 0;
  for await (const columns of parts) {
    const end = start + rowsIn(columns);
    const first = next;
    while (next < selected.length && selected[next]! < end) next++;
    if (next > first) {
      const rows = selected.subarray(first, next).map((row) => row - start);
      yield { rows: rows.length, columns: await inTurns(taking(columns, rows)) };
    }
    if (next === selected.length) return;
    start = end;
  }
}

function* taking(columns: ReadonlyMap<string, RawColumn>, rows: Int32Array): Work<Map<string, RawColumn>> {
  const taken = new Map<string, RawColumn>();
  for (const [name, column] of columns) {
    taken.set(name, takeColumn(column, rows));
    yield;
  }
  return taken;
}

function plainValues(column: RawColumn): unknown[] {
  return Array.from({ length: columnRows(column) }, (_, row) => valueAt(column, row));
}

function toRows(columns: ReadonlyMap<string, RawColumn>): Row[] {
  const entries = [...columns];
  return Array.from({ length: rowsIn(columns) }, (_, row) => {
    // By assignment, a column named __proto__ would become the row's prototype.
    return Object.fromEntries(entries.map(([name, column]) => [name, valueAt(column, row)]));
  });
}

export async function writeParquet(
  columns: readonly ColumnInfo[],
  parts: AsyncIterable<ReadonlyMap<string, RawColumn>>,
  path: string,
  roles: Roles = {},
): Promise<void> {
  const { loadDuckdb } = await import("../sources/duckdb.js");
  await loadDuckdb(); // at the first write; the next file imports it
  const { writeParquet: write } = await import("../sources/parquet.js");
  await write(columns, parts, path, roles);
}

/** Numbers that order rows in time, NaN without a value: numbers, or ISO text as milliseconds since 1970 (UTC). */
export function readTimes(column: RawColumn, path: string): ArrayLike<number> {
  if (column.kind === "number") {
    const { values, valid } = column;
    return valid === null ? values : Float64Array.from(values, (value, row) => (valid[row] === 1 ? value : Number.NaN));
  }
  if (column.kind === "list") throw new DataError({ path, message: "a list is not a time" });
  const written = usedWords(column);
  const parse = written.every((word) => number.test(word.trim())) ? Number : timeIn;
  const wrong = written.find((word) => Number.isNaN(parse(word)));
  if (wrong !== undefined) {
    throw new DataError({
      path,
      message: "this text is not a time, so rows cannot be ordered by it",
      received: JSON.stringify(wrong),
      expected: "numbers, timestamps, or text such as 2017-05-06 or 2017-05-06T08:55:10, all of one kind",
      fix: "convert the column, for example by a query: strptime(column, format)",
    });
  }
  const times = column.words.map(parse);
  return Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : times[code]!));
}

/** The distinct texts of each part of a column; nothing if the column does not exist or is not one of texts. */
export async function* textsOf(table: Table, column: string): AsyncGenerator<readonly string[]> {
  if (!table.has(column)) return;
  for await (const { columns } of table.parts([column])) {
    const part = columns.get(column)!;
    if (part.kind === "text") yield usedWords(part);
  }
}

export function textAsTimes(column: RawColumn): NumberColumn | null {
  if (column.kind !== "text") return null;
  const written = usedWords(column);
  if (written.length === 0 || written.some((word) => Number.isNaN(timeIn(word)))) return null;
  return parsedColumn(column, "timestamp", timeIn);
}

/** A note on a column whose text has a time of day without a zone; `null` if it has none. */
export function zoneNote(name: string, column: RawColumn): string | null {
  if (column.kind !== "text") return null;
  const word = usedWords(column).find((text) => lacksZone(text.trim()));
  return word === undefined ? null : `column "${name}": times without a zone, such as "${word}", are read as UTC`;
}

const number = /^[+-]?\d+(\.\d+)?$/;

function timeIn(text: string): number {
  return writtenTime(text.trim());
}

/**
 * Columns as read, before a model interprets them: numbers in typed arrays, text as codes into its distinct words,
 * lists as offsets into one flat column. All code over rows works in bulk on these arrays.
 */

/** The type of a column's values, for display and checks. */
export type ColumnType = "integer" | "float" | "boolean" | "timestamp" | "text" | "list" | "other";

/** A column's name and type. */
export interface ColumnInfo {
  /** The name in the source's spelling. */
  readonly name: string;
  /** The type of the values, independent of the source. */
  readonly type: ColumnType;
  /** The source's name of the type, such as `BIGINT` or `VARCHAR[]`. */
  readonly sourceType: string;
}

/** Numbers, [rows]; booleans are 0 and 1, timestamps milliseconds since 1970. */
export interface NumberColumn {
  readonly kind: "number";
  /** The meaning of the numbers. */
  readonly type: "integer" | "float" | "boolean" | "timestamp";
  /** [rows]; arbitrary for missing values. */
  readonly values: Float64Array | Float32Array | Int32Array;
  /** 1 for a valid value; `null`: all are valid. */
  readonly valid: Uint8Array | null;
}

/** Text, [rows]: `words[codes[row]]`, or missing if the code is −1. */
export interface TextColumn {
  readonly kind: "text";
  /** `[rows]`: indices of `words`; −1 is a missing value. */
  readonly codes: Int32Array;
  readonly words: readonly string[];
}

/** Joins the values of an inner list to the text of an item, in columns of lists of lists. */
export const nestedSeparator = "\x1e";

/** Lists, [rows]: row r has items `offsets[r] … offsets[r + 1] − 1`. */
export interface ListColumn {
  readonly kind: "list";
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** The items of all rows, concatenated. */
  readonly items: NumberColumn | TextColumn;
  /** 1 for a list (also an empty one); `null`: all rows have one. */
  readonly valid: Uint8Array | null;
  /** `true`: a column of maps, whose items are texts `key:value`. */
  readonly isMap?: boolean;
  /** Whether an item is a list itself: the text of its values, joined by `nestedSeparator`. */
  readonly nested?: boolean;
}

/** A column as read. */
export type RawColumn = NumberColumn | TextColumn | ListColumn;

/** The number of rows of a column. */
export function columnRows(column: RawColumn): number {
  if (column.kind === "list") return column.offsets.length - 1;
  return column.kind === "text" ? column.codes.length : column.values.length;
}

/** Whether a row has a value: not null, and not NaN. */
export function hasValue(column: RawColumn, row: number): boolean {
  if (column.kind === "text") return column.codes[row]! >= 0;
  if (column.valid !== null && column.valid[row] === 0) return false;
  return column.kind === "list" || !Number.isNaN(column.values[row]!);
}

/** A row's value as a plain JavaScript value: number, boolean, Date, string, array or `null`. */
export function valueAt(column: RawColumn, row: number): unknown {
  if (column.kind === "text") return column.words[column.codes[row]!] ?? null;
  if (column.valid !== null && column.valid[row] === 0) return null;
  if (column.kind === "number") {
    const value = column.values[row]!;
    if (column.type === "boolean") return value !== 0;
    return column.type === "timestamp" ? new Date(value) : value;
  }
  const items: unknown[] = [];
  for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
    const value = valueAt(column.items, item);
    const isInner = column.nested === true && typeof value === "string";
    items.push(isInner ? (value === "" ? [] : value.split(nestedSeparator)) : value);
  }
  return items;
}

/** The column's values at `rows`, in that order. */
export function takeColumn(column: RawColumn, rows: Int32Array): RawColumn {
  if (column.kind === "text") return { ...column, codes: takeInts(column.codes, rows) };
  const valid = column.valid === null ? null : takeBytes(column.valid, rows);
  if (column.kind === "number") return { ...column, values: takeNumbers(column.values, rows), valid };
  const offsets = new Int32Array(rows.length + 1);
  for (let row = 0; row < rows.length; row++) {
    const from = rows[row]!;
    offsets[row + 1] = offsets[row]! + column.offsets[from + 1]! - column.offsets[from]!;
  }
  const picked = new Int32Array(offsets[rows.length]!);
  for (let row = 0; row < rows.length; row++) {
    const from = column.offsets[rows[row]!]!;
    const to = offsets[row]!;
    const length = offsets[row + 1]! - to;
    for (let item = 0; item < length; item++) picked[to + item] = from + item;
  }
  return { ...column, offsets, items: takeColumn(column.items, picked) as NumberColumn | TextColumn, valid };
}

/**
 * The column's rows `start` … `end − 1`: views of its arrays. A part of a text column keeps only the words that it
 * uses.
 */
export function sliceColumn(column: RawColumn, start: number, end: number): RawColumn {
  if (column.kind === "text") return withOwnWords({ ...column, codes: column.codes.subarray(start, end) });
  const valid = column.valid === null ? null : column.valid.subarray(start, end);
  if (column.kind === "number") return { ...column, values: column.values.subarray(start, end), valid };
  const [first, last] = [column.offsets[start]!, column.offsets[end]!];
  const offsets = column.offsets.slice(start, end + 1);
  for (let row = 0; row < offsets.length; row++) offsets[row] = offsets[row]! - first;
  return { ...column, offsets, items: sliceColumn(column.items, first, last) as NumberColumn | TextColumn, valid };
}

/** If there are fewer words than rows, all words are kept: iterating over them costs less. */
function withOwnWords(column: TextColumn): TextColumn {
  return column.words.length <= column.codes.length ? column : usedWords(column);
}

/** A column that uses all its words: a selection of rows may not. */
export function withUsedWords(column: RawColumn): RawColumn {
  if (column.kind === "text") return usedWords(column);
  if (column.kind === "number" || column.items.kind === "number") return column;
  return { ...column, items: usedWords(column.items) };
}

function usedWords(column: TextColumn): TextColumn {
  const words: string[] = [];
  const places = new Map<number, number>();
  const codes = column.codes.map((code) => {
    if (code < 0) return code;
    let place = places.get(code);
    if (place === undefined) {
      place = words.length;
      places.set(code, place);
      words.push(column.words[code]!);
    }
    return place;
  });
  return { kind: "text", codes, words };
}

function takeInts(from: Int32Array, rows: Int32Array): Int32Array {
  const to = new Int32Array(rows.length);
  for (let row = 0; row < rows.length; row++) to[row] = from[rows[row]!]!;
  return to;
}

function takeBytes(from: Uint8Array, rows: Int32Array): Uint8Array {
  const to = new Uint8Array(rows.length);
  for (let row = 0; row < rows.length; row++) to[row] = from[rows[row]!]!;
  return to;
}

function takeNumbers(from: NumberColumn["values"], rows: Int32Array): NumberColumn["values"] {
  if (from instanceof Int32Array) return takeInts(from, rows);
  const to = from instanceof Float32Array ? new Float32Array(rows.length) : new Float64Array(rows.length);
  for (let row = 0; row < rows.length; row++) to[row] = from[rows[row]!]!;
  return to;
}

/** A problem in some rows of a column, with the first of them. */
export interface RowProblem {
  readonly column: string;
  /** The first affected row. */
  readonly row: number;
  readonly rows: number;
  readonly message: string;
  readonly received?: string | undefined;
  readonly expected?: string | undefined;
  readonly fix?: string | undefined;
  /** Some of the rows; default: the first. */
  readonly examples?: readonly Example[];
}

/** A row of the table and its value. */
export interface Example {
  readonly row: number;
  readonly received: string;
}

/** Receives problems of rows: a report of encoding. */
export interface RowProblems {
  rowProblem(problem: RowProblem): void;
}

/** The maximum number of examples. */
export const mostExamples = 5;

/** Counts rows with one fault and keeps the first few. */
export class Fault {
  rows = 0;
  first = -1;
  received = "";
  readonly examples: Example[] = [];

  /** `received`: a function if formatting is expensive, called only for the first few rows. */
  note(row: number, received: string | number | (() => string)): void {
    if (this.rows < mostExamples) {
      const text = typeof received === "function" ? received() : String(received);
      this.examples.push({ row, received: text });
      if (this.rows === 0) {
        this.first = row;
        this.received = text;
      }
    }
    this.rows += 1;
  }
}

/** Columns as read: numbers in typed arrays, text as codes into distinct words, lists as offsets into one column. */
import { getOrMake, joinArrays, Numbering } from "../../util/growing.js";
import { sum } from "../../util/numbers.js";

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
  readonly items: ScalarColumn;
  /** 1 for a list (also an empty one); `null`: all rows have one. */
  readonly valid: Uint8Array | null;
  /** `true`: a column of maps, whose items are texts `key:value`. */
  readonly isMap?: boolean;
  /** Whether an item is a list itself: the text of its values, joined by `nestedSeparator`. */
  readonly nested?: boolean;
}

/** A column with one value per row. */
export type ScalarColumn = NumberColumn | TextColumn;

/** A column as read. */
export type RawColumn = ScalarColumn | ListColumn;

/** @param valid 1 for a valid value; `null`: all are valid */
export function numberColumn(
  type: NumberColumn["type"],
  values: NumberColumn["values"],
  valid: Uint8Array | null = null,
): NumberColumn {
  return { kind: "number", type, values, valid };
}

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

export function valueAt(column: RawColumn, row: number): unknown {
  if (column.kind === "text") return column.words[column.codes[row]!] ?? null;
  if (column.valid !== null && column.valid[row] === 0) return null;
  if (column.kind === "number") return valueOfKey(column, column.values[row]!);
  const items: unknown[] = [];
  for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
    const value = valueAt(column.items, item);
    const isInner = column.nested === true && typeof value === "string";
    items.push(isInner ? (value === "" ? [] : value.split(nestedSeparator)) : value);
  }
  return items;
}

/** The cells of a column, read as values. */
export interface Cells<Value> {
  readonly rows: number;
  /** `null`: no value. Each distinct text is parsed once. */
  readonly at: (row: number) => Value | null;
}

/** How cells become values. */
export interface CellReading<Value> {
  readonly text: (word: string) => Value;
  readonly number: (value: number, type: NumberColumn["type"]) => Value;
}

export function readCells<Value>(column: ScalarColumn, { text, number }: CellReading<Value>): Cells<Value> {
  const rows = columnRows(column);
  if (column.kind === "number")
    return { rows, at: (row) => (hasValue(column, row) ? number(column.values[row]!, column.type) : null) };
  const parsed = new Array<Value>(column.words.length);
  const at = (row: number): Value | null => {
    const code = column.codes[row]!;
    if (code < 0) return null;
    parsed[code] ??= text(column.words[code]!);
    return parsed[code]!;
  };
  return { rows, at };
}

/** How lists of items are read; a text or number that is no list may hold several items, or be one. */
export interface ListReading<Item> extends CellReading<Item> {
  /** The items of a text. */
  readonly split: (word: string) => readonly Item[];
  /** An item without a value. */
  readonly missing: Item;
}

export function readLists<Item>(column: RawColumn, reading: ListReading<Item>): Cells<readonly Item[]> {
  const { split, number, missing } = reading;
  if (column.kind !== "list") {
    return readCells(column, { text: split, number: (value, type) => [number(value, type)] });
  }
  const items = readCells(column.items, reading);
  const at = (row: number): readonly Item[] | null => {
    if (!hasValue(column, row)) return null;
    const list: Item[] = [];
    for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) list.push(items.at(item) ?? missing);
    return list;
  };
  return { rows: columnRows(column), at };
}

/** Numbers that texts hold. */
export function parsedColumn(
  { codes, words }: TextColumn,
  type: NumberColumn["type"],
  parse: (word: string) => number,
): NumberColumn {
  const numbers = words.map(parse);
  const values = Float64Array.from(codes, (code) => (code < 0 ? 0 : numbers[code]!));
  const valid = codes.includes(-1) ? Uint8Array.from(codes, (code) => (code < 0 ? 0 : 1)) : null;
  return numberColumn(type, values, valid);
}

/** Numbers as texts. */
export function numberWords(column: NumberColumn, text: (value: number) => string): TextColumn {
  const values = new Numbering<number>();
  const codes = Int32Array.from(column.values, (value, row) => (hasValue(column, row) ? values.of(value) : -1));
  return { kind: "text", codes, words: values.values.map(text) };
}

export function takeColumn(column: RawColumn, rows: Int32Array): RawColumn {
  if (column.kind === "text") return { ...column, codes: takeNumbers(column.codes, rows) };
  const valid = column.valid === null ? null : takeNumbers(column.valid, rows);
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
  return { ...column, offsets, items: takeColumn(column.items, picked) as ScalarColumn, valid };
}

/** Rows `start` … `end − 1` as views of the arrays; a part of a text column keeps only the words that it uses. */
export function sliceColumn(column: RawColumn, start: number, end: number): RawColumn {
  if (column.kind === "text") {
    const part = { ...column, codes: column.codes.subarray(start, end) };
    // If there are fewer words than rows, all words are kept, since iterating over them costs less.
    return part.words.length <= part.codes.length ? part : withUsedWords(part);
  }
  const valid = column.valid === null ? null : column.valid.subarray(start, end);
  if (column.kind === "number") return { ...column, values: column.values.subarray(start, end), valid };
  const [first, last] = [column.offsets[start]!, column.offsets[end]!];
  const offsets = column.offsets.slice(start, end + 1).map((offset) => offset - first);
  return { ...column, offsets, items: sliceColumn(column.items, first, last) as ScalarColumn, valid };
}

/** A column that uses all its words: a selection of rows may not. */
export function withUsedWords(column: RawColumn): RawColumn {
  if (column.kind === "number") return column;
  if (column.kind === "list") return { ...column, items: withUsedWords(column.items) as ScalarColumn };
  const used = new Numbering<number>();
  const codes = column.codes.map((code) => (code < 0 ? code : used.of(code)));
  return { kind: "text", codes, words: used.values.map((code) => column.words[code]!) };
}

export function usedWords({ codes, words }: TextColumn): string[] {
  const used = new Uint8Array(words.length);
  for (const code of codes) if (code >= 0) used[code] = 1;
  return words.filter((_, word) => used[word] === 1);
}

/** A key per row, equal for equal values: the codes of texts, or the numbers. */
export function columnKeys(column: ScalarColumn): Int32Array | Float64Array | Float32Array {
  return column.kind === "text" ? column.codes : column.values;
}

/** Rows with a value by their key, in the order of the first rows. */
export function rowsByKey(column: ScalarColumn): Map<number, number> {
  const rows = new Map<number, number>();
  const keys = columnKeys(column);
  for (let row = 0; row < keys.length; row++) {
    if (hasValue(column, row)) rows.set(keys[row]!, (rows.get(keys[row]!) ?? 0) + 1);
  }
  return rows;
}

export function valueOfKey(column: ScalarColumn, key: number): string | number | boolean | Date {
  if (column.kind === "text") return column.words[key]!;
  if (column.type === "boolean") return key !== 0;
  return column.type === "timestamp" ? new Date(key) : key;
}

export function rowsOfKeys(column: ScalarColumn): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  const keys = columnKeys(column);
  for (let row = 0; row < keys.length; row++) {
    if (hasValue(column, row)) getOrMake(groups, keys[row]!, () => [] as number[]).push(row);
  }
  return groups;
}

/** The number of each row's value, 0 … in the order of the first rows; −1 without a value. */
export function valueNumbers(column: ScalarColumn): Int32Array {
  const numbering = new Numbering<number>();
  return Int32Array.from(columnKeys(column), (key, row) => (hasValue(column, row) ? numbering.of(key) : -1));
}

function takeNumbers<Values extends NumberColumn["values"] | Uint8Array>(from: Values, rows: Int32Array): Values {
  const to = new (from.constructor as new (length: number) => Values)(rows.length);
  for (let row = 0; row < rows.length; row++) to[row] = from[rows[row]!]!;
  return to;
}

export function joinColumns(parts: readonly ScalarColumn[]): ScalarColumn {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return only?.kind === "number" ? joinNumbers(parts as NumberColumn[]) : joinTexts(parts as TextColumn[]);
}

function joinNumbers(parts: readonly NumberColumn[]): NumberColumn {
  const whole = parts.every(({ values }) => values instanceof Int32Array);
  const all = parts.map(({ values }) => values);
  const values = joinArrays<NumberColumn["values"]>(all, (rows) => new (whole ? Int32Array : Float64Array)(rows));
  const flags = parts.map((part) => part.valid ?? new Uint8Array(part.values.length).fill(1));
  const isWhole = parts.every((part) => part.valid === null);
  const valid = isWhole ? null : joinArrays(flags, (rows) => new Uint8Array(rows));
  return numberColumn(parts[0]?.type ?? "float", values, valid);
}

function joinTexts(parts: readonly TextColumn[]): TextColumn {
  const codes = new Int32Array(sum(parts.map(columnRows)));
  const all = new Numbering<string>();
  let filled = 0;
  for (const part of parts) {
    const partCodes = part.words.map((word) => all.of(word));
    for (const code of part.codes) codes[filled++] = code < 0 ? code : partCodes[code]!;
  }
  return { kind: "text", codes, words: all.values };
}

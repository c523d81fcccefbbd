/** In-memory rows as a source: arrays of objects, objects of columns, danfo frames (recognised by their shape). */
import { isDate, isMap } from "node:util/types";
import { DataError, type Problem } from "../../errors/index.js";
import { noteTable } from "../../port/notebook.js";
import { Numbering } from "../../util/growing.js";
import { atOnce, inRuns, type Work } from "../../util/turns.js";
import {
  type ColumnInfo,
  type ColumnType,
  columnRows,
  type ListColumn,
  nestedSeparator,
  type RawColumn,
  type ScalarColumn,
  sliceColumn,
  type TextColumn,
} from "../table/column.js";
import { digitsAsNumbers } from "./builders.js";
import type { RowPlace, Source } from "./file-version.js";

/** Columns by name, all of the same length. */
export type Columns = Readonly<Record<string, ArrayLike<unknown>>>;

export type NamedColumns = readonly (readonly [string, ArrayLike<unknown>])[];

const runRows = 1 << 13;
const partRows = 1 << 14;

/** The parts of a danfo DataFrame that this library uses. */
export interface FrameLike {
  readonly columns: readonly string[];
  /** [rows, columns] */
  readonly shape: readonly number[];
  /** [columns][rows] */
  readonly getColumnData: readonly (readonly unknown[])[];
}

/** Whether a value looks like a danfo DataFrame and not a Series. */
export function isFrame(value: unknown): value is FrameLike {
  const frame = value as FrameLike & { $isSeries?: boolean };
  return (
    typeof value === "object" &&
    value !== null &&
    Array.isArray(frame.columns) &&
    Array.isArray(frame.shape) &&
    frame.$isSeries !== true &&
    ("$data" in frame || "$dataIncolumnFormat" in frame)
  );
}

/** The columns of row objects; a missing key is a missing value. */
export function* rowColumns(rows: readonly Readonly<Record<string, unknown>>[]): Work<[string, unknown[]][]> {
  const names = new Set<string>();
  yield* inRuns(rows.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) for (const name of Object.keys(rows[row] as object)) names.add(name);
  });
  const columns: [string, unknown[]][] = [];
  for (const name of names) {
    columns.push([name, rows.map((row) => (Object.hasOwn(row, name) ? row[name] : undefined))]);
    yield;
  }
  return columns;
}

/** A source of columns. Throws a DataError for different lengths, a duplicate name, or a column of mixed types. */
export function memorySource(name: string, columns: NamedColumns): Source {
  return atOnce(readingMemory(name, columns));
}

export function* readingMemory(name: string, columns: NamedColumns): Work<Source> {
  const rows = columns[0]?.[1].length ?? 0;
  const problems: Problem[] = [];
  const raw = new Map<string, RawColumn>();
  for (const [column, values] of columns) {
    const path = `${name}: column "${column}"`;
    if (raw.has(column)) problems.push({ path, message: "duplicate name", fix: "give each column a different name" });
    if (values.length !== rows) {
      const [received, expected] = [`${values.length} values`, `${rows} values`];
      problems.push({ path, message: "the length differs from the first column", received, expected });
    }
    try {
      raw.set(column, yield* toColumn(values, path));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
    yield;
  }
  if (problems.length > 0) throw new DataError(problems);
  yield* noteTable(name, rows, () => columnContents(raw));
  return columnsSource(name, raw);
}

export function* columnContents(raw: ReadonlyMap<string, RawColumn>): Iterable<ArrayBufferView | string> {
  for (const [name, column] of raw) {
    yield name;
    const flat = column.kind === "list" ? column.items : column;
    if (column.kind === "list") yield column.offsets;
    if (column.kind !== "text" && column.valid !== null) yield column.valid;
    if (flat.kind === "text") yield Int32Array.from(flat.words, (word) => word.length);
    if (flat.kind === "text") yield flat.words.join("");
    yield flat.kind === "text" ? flat.codes : flat.values;
  }
}

export function columnsSource(name: string, raw: ReadonlyMap<string, RawColumn>): Source {
  const first = raw.values().next().value;
  const rows = first === undefined ? 0 : columnRows(first);
  const columns: ColumnInfo[] = [...raw].map(([column, values]) => columnInfo(column, values));
  return {
    name,
    rows,
    columns,
    async *parts(names, { limit = rows, whole = false } = {}) {
      const count = Math.min(limit, rows);
      const size = whole ? Math.max(1, count) : partRows;
      for (let start = 0; start === 0 || start < count; start += size) {
        const end = Math.min(count, start + size);
        yield new Map(names.map((columnName) => [columnName, sliceColumn(raw.get(columnName)!, start, end)]));
      }
    },
    version: async () => null,
    async assertUnchanged() {},
    locate: async (row): Promise<RowPlace> => ({ source: name, row }),
  };
}

function columnInfo(name: string, column: RawColumn): ColumnInfo {
  const type: ColumnType = column.kind === "number" ? column.type : column.kind;
  if (column.kind !== "list") return { name, type, sourceType: type };
  if (column.nested === true) return { name, type, sourceType: "list[][]" };
  return { name, type, sourceType: `${column.items.kind === "number" ? column.items.type : "text"}[]` };
}

function* toColumn(values: ArrayLike<unknown>, path: string): Work<RawColumn> {
  if (ArrayBuffer.isView(values)) return fromTyped(values as unknown as ArrayLike<number | bigint>);
  const kinds = yield* countKinds(values);
  if (kinds.size > 1) {
    throw new DataError({
      path,
      message: "mixes types",
      received: [...kinds].map(([kind, row]) => `${kind} (row ${row})`).join(", "),
      expected: "one type",
      fix: "convert the column to numbers or to text",
    });
  }
  const kind = kinds.keys().next().value ?? "number";
  if (kind === "text") return yield* fromTexts(values, stringOrNull);
  if (kind === "list") return yield* fromLists(values as ArrayLike<ArrayLike<unknown> | null>, path);
  if (kind === "map") {
    // Lists of texts `key:value`, like those of files.
    const maps = values as ArrayLike<ReadonlyMap<unknown, unknown> | null>;
    const pairs = Array.from(maps, (map) => map && [...map].map(([key, value]) => `${key}:${value}`));
    return { ...(yield* fromLists(pairs, path)), isMap: true };
  }
  if (kind === "object") {
    const expected = "numbers, booleans, text, dates, arrays of numbers or text, or maps of ids to weights";
    throw new DataError({ path, message: "contains objects", expected });
  }
  return yield* fromNumbers(values, kind as "number" | "boolean" | "bigint" | "date");
}

/** The kinds of value in a column, with the first row of each. */
function* countKinds(values: ArrayLike<unknown>): Work<Map<string, number>> {
  const kinds = new Map<string, number>();
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const value = values[row];
      if (value === null || value === undefined) continue;
      const kind = describeKind(value);
      if (!kinds.has(kind)) kinds.set(kind, row);
    }
  });
  // A frame uses NaN for missing text: it counts as missing, not as a number among texts.
  if (kinds.size === 2 && kinds.has("text") && kinds.has("number") && onlyNaN(values)) kinds.delete("number");
  if (kinds.size === 2 && kinds.has("bigint") && kinds.has("number")) kinds.delete("number");
  return kinds;
}

function onlyNaN(values: ArrayLike<unknown>): boolean {
  return !Array.prototype.some.call(values, (value) => typeof value === "number" && !Number.isNaN(value));
}

function fromTyped(values: ArrayLike<number | bigint>): RawColumn {
  if (values instanceof Int32Array) return { kind: "number", type: "integer", values, valid: null };
  if (values instanceof Float64Array || values instanceof Float32Array) {
    return { kind: "number", type: "float", values, valid: null };
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return atOnce(fromNumbers(values, "bigint"));
  return { kind: "number", type: "integer", values: Float64Array.from(values as ArrayLike<number>), valid: null };
}

function* fromTexts(values: ArrayLike<unknown>, textOf: (value: unknown) => string | null): Work<TextColumn> {
  const words = new Numbering<string>();
  const codes = new Int32Array(values.length);
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const text = textOf(values[row] ?? null);
      codes[row] = text === null ? -1 : words.of(text);
    }
  });
  return { kind: "text", codes, words: words.values };
}

function stringOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function* fromNumbers(values: ArrayLike<unknown>, kind: "number" | "boolean" | "bigint" | "date"): Work<RawColumn> {
  if (kind === "bigint") {
    return digitsAsNumbers(yield* fromTexts(values, (value) => (value === null ? null : String(value))));
  }
  const numbers = new Float64Array(values.length);
  let valid: Uint8Array | null = null;
  let whole = true;
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const value = values[row];
      if (value === null || value === undefined) {
        valid ??= new Uint8Array(values.length).fill(1);
        valid[row] = 0;
        continue;
      }
      numbers[row] = Number(value);
      whole &&= Number.isSafeInteger(numbers[row]);
    }
  });
  const type = kind === "boolean" ? "boolean" : kind === "date" ? "timestamp" : whole ? "integer" : "float";
  return { kind: "number", type, values: numbers, valid };
}

function* fromLists(values: ArrayLike<ArrayLike<unknown> | null>, path: string): Work<ListColumn> {
  const offsets = new Int32Array(values.length + 1);
  const valid = new Uint8Array(values.length).fill(1);
  const flat: unknown[] = [];
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const list = values[row];
      if (list === null || list === undefined) valid[row] = 0;
      else for (let item = 0; item < list.length; item++) flat.push(list[item]);
      offsets[row + 1] = flat.length;
    }
  });
  const shared = { kind: "list" as const, offsets, valid: valid.includes(0) ? valid : null };
  if (flat.some((item) => describeKind(item ?? 0) === "list")) {
    const inner = innerTexts(flat);
    const expected = "lists of numbers, text, or lists of them";
    if (inner === null) throw new DataError({ path, message: "mixes lists and other values", expected });
    return { ...shared, items: yield* fromTexts(inner, stringOrNull), nested: true };
  }
  return { ...shared, items: (yield* toColumn(flat, path)) as ScalarColumn };
}

/** The kind of a value; a column may have only one. */
function describeKind(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return typeof value;
  if (typeof value === "string") return "text";
  if (isDate(value)) return "date"; // also of another realm, such as a notebook's cell
  if (isMap(value)) return "map";
  return Array.isArray(value) || ArrayBuffer.isView(value) ? "list" : "object";
}

/** The texts of inner lists; `null` if an item is not a list of numbers or text. */
function innerTexts(items: readonly unknown[]): (string | null)[] | null {
  const texts: (string | null)[] = [];
  for (const item of items) {
    if (item === null || item === undefined) {
      texts.push(null);
      continue;
    }
    if (describeKind(item) !== "list") return null;
    const values = Array.from(item as ArrayLike<unknown>);
    if (values.some((value) => !["number", "bigint", "text"].includes(describeKind(value ?? {})))) return null;
    texts.push(values.map(String).join(nestedSeparator));
  }
  return texts;
}

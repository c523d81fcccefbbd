/** Id features: one id a row, or several with a separator, in a list column, or with weights (`id:weight`). */
import type { ComboFeatureSpec, IdFeatureSpec, RawFeatureSpec } from "../../spec/index.js";
import type { ListColumn, NumberColumn, RawColumn, TextColumn } from "../column.js";
import { type BagColumn, type IdColumn, sharedFloats, sharedInts } from "../encoded.js";
import { Fault, type Report } from "./report.js";
import { type IdRule, idRule, notAnId } from "./rows-of-ids.js";

/** How a feature's values are written, where that is not in its spec. */
export interface IdOptions {
  /** Ids are rows of the table already (`fg_mode: FG_NONE`). */
  readonly encoded: boolean;
  readonly separator: string;
  readonly defaultValue: string;
  /** Every row may hold several ids, even where none does here. */
  readonly several: boolean;
}

type Embedded = IdFeatureSpec | ComboFeatureSpec | RawFeatureSpec;

/** Ids of one column in "entries": the column's rows, or its distinct words. Entry e holds ids `offsets[e] …`. */
interface Entries {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly weights: Float32Array | null;
  /** Ids outside the vocabulary or range in each entry. */
  readonly outside: Int32Array;
  /** Text of an entry that is no id. */
  readonly bad: ReadonlyMap<number, string>;
}

/** A feature's column from the data's. Rows without a value take the default value, or −1 (a zero vector). */
export function encodeIds(
  feature: Embedded,
  columnName: string,
  column: RawColumn,
  options: IdOptions,
  report: Report,
): IdColumn | BagColumn {
  const rule = idRule(feature, options.encoded);
  const weighted = feature.kind === "id" && feature.weighted;
  const { entries, entryOf, missing, rows } = entriesOf(column, rule, options, weighted);
  const fallback = defaultIds(rule, options, feature, report);
  const result = gather(entries, entryOf, rows, fallback, options.several || weighted || column.kind === "list");
  reportRows(feature.name, columnName, rule, column, entries, entryOf, rows, missing, fallback, report);
  return result;
}

/** Entries of a column, and which entry each row holds (−1: none); `missing`: whether a row's emptiness is worth telling. */
function entriesOf(column: RawColumn, rule: IdRule, options: IdOptions, weighted: boolean) {
  if (column.kind === "text") {
    const entries = wordEntries(column.words, rule, options.separator, weighted);
    return { entries, entryOf: column.codes, missing: !options.several, rows: column.codes.length };
  }
  if (column.kind === "number") {
    const entries = numberEntries(column, rule);
    return { entries, entryOf: null, missing: true, rows: column.values.length };
  }
  return {
    entries: listEntries(column, rule, weighted),
    entryOf: null,
    missing: false,
    rows: column.offsets.length - 1,
  };
}

function numberEntries(column: NumberColumn, rule: IdRule): Entries {
  const rows = column.values.length;
  const offsets = new Int32Array(rows + 1);
  const ids = new Int32Array(rows);
  const outside = new Int32Array(rows);
  const bad = new Map<number, string>();
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    const value = column.values[row] as number;
    if (!(column.valid !== null && column.valid[row] === 0) && !Number.isNaN(value)) {
      const id = Number.isInteger(value) ? rule.rowOfNumber(value) : notAnId;
      if (id === notAnId) bad.set(row, String(value));
      else if (rule.wasOutside()) outside[row] = 1;
      ids[filled++] = id;
    }
    offsets[row + 1] = filled;
  }
  return { offsets, ids: ids.subarray(0, filled), weights: null, outside, bad };
}

function wordEntries(words: readonly string[], rule: IdRule, separator: string | null, weighted: boolean): Entries {
  const offsets = new Int32Array(words.length + 1);
  const outside = new Int32Array(words.length);
  const bad = new Map<number, string>();
  const ids: number[] = [];
  const weights: number[] = [];
  for (const [entry, word] of words.entries()) {
    for (const token of separator !== null && word.includes(separator) ? word.split(separator) : [word]) {
      if (token === "") continue;
      const { text, weight } = weighted ? splitWeight(token) : { text: token, weight: 1 };
      const id = rule.row(text);
      if (id === notAnId || Number.isNaN(weight)) bad.set(entry, token);
      else if (rule.wasOutside()) outside[entry] = (outside[entry] as number) + 1;
      ids.push(id);
      if (weighted) weights.push(weight);
    }
    offsets[entry + 1] = ids.length;
  }
  return { offsets, ids: Int32Array.from(ids), weights: weighted ? Float32Array.from(weights) : null, outside, bad };
}

function listEntries(column: ListColumn, rule: IdRule, weighted: boolean): Entries {
  const { items } = column;
  const inner = items.kind === "number" ? numberEntries(items, rule) : wordEntries(items.words, rule, null, weighted);
  const codes = (items as TextColumn).codes;
  const rows = column.offsets.length - 1;
  const offsets = new Int32Array(rows + 1);
  const outside = new Int32Array(rows);
  const bad = new Map<number, string>();
  const ids: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let item = column.offsets[row] as number; item < (column.offsets[row + 1] as number); item++) {
      const entry = items.kind === "number" ? item : (codes[item] as number);
      if (entry < 0) continue;
      for (let at = inner.offsets[entry] as number; at < (inner.offsets[entry + 1] as number); at++) {
        ids.push(inner.ids[at] as number);
        if (weighted) weights.push(inner.weights?.[at] ?? 1);
      }
      outside[row] = (outside[row] as number) + (inner.outside[entry] as number);
      const text = inner.bad.get(entry);
      if (text !== undefined) bad.set(row, text);
    }
    offsets[row + 1] = ids.length;
  }
  return { offsets, ids: Int32Array.from(ids), weights: weighted ? Float32Array.from(weights) : null, outside, bad };
}

function splitWeight(token: string): { text: string; weight: number } {
  const colon = token.lastIndexOf(":");
  if (colon < 0) return { text: token, weight: 1 };
  const weight = token.slice(colon + 1).trim();
  return { text: token.slice(0, colon), weight: weight === "" ? Number.NaN : Number(weight) };
}

/** The rows that a missing value takes; empty: no value. */
function defaultIds(rule: IdRule, options: IdOptions, feature: Embedded, report: Report): Int32Array {
  if (options.defaultValue === "") return new Int32Array(0);
  const ids = options.defaultValue.split(options.separator).map((token) => rule.row(token));
  if (ids.includes(notAnId)) {
    report.problem({
      path: `features.${feature.name}.defaultValue`,
      message: "the default value is no id of this feature",
      received: JSON.stringify(options.defaultValue),
      expected: rule.expected,
    });
  }
  return Int32Array.from(ids);
}

function gather(
  entries: Entries,
  entryOf: Int32Array | null,
  rows: number,
  fallback: Int32Array,
  several: boolean,
): IdColumn | BagColumn {
  const offsets = sharedInts(rows + 1);
  let most = several ? 2 : 1;
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : (entryOf[row] as number);
    const own = entry < 0 ? 0 : (entries.offsets[entry + 1] as number) - (entries.offsets[entry] as number);
    const length = own === 0 ? fallback.length : own;
    if (length > most) most = length;
    offsets[row + 1] = (offsets[row] as number) + length;
  }
  const ids = sharedInts(most === 1 ? rows : (offsets[rows] as number));
  const weights = entries.weights === null ? null : sharedFloats(ids.length).fill(1);
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : (entryOf[row] as number);
    const from = entry < 0 ? 0 : (entries.offsets[entry] as number);
    const own = entry < 0 ? 0 : (entries.offsets[entry + 1] as number) - from;
    if (most === 1) {
      ids[row] = own === 1 ? (entries.ids[from] as number) : (fallback[0] ?? -1);
      continue;
    }
    const to = offsets[row] as number;
    if (own === 0) ids.set(fallback, to);
    for (let at = 0; at < own; at++) {
      ids[to + at] = entries.ids[from + at] as number;
      if (weights !== null) weights[to + at] = entries.weights?.[from + at] as number;
    }
  }
  return most === 1 ? { kind: "ids", ids } : { kind: "bag", offsets, ids, weights };
}

function reportRows(
  name: string,
  columnName: string,
  rule: IdRule,
  column: RawColumn,
  entries: Entries,
  entryOf: Int32Array | null,
  rows: number,
  missing: boolean,
  fallback: Int32Array,
  report: Report,
): void {
  const bad = new Fault();
  let outside = 0;
  let empty = 0;
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : (entryOf[row] as number);
    // An empty list is an ordinary thing; a null is worth a word.
    const isNull = entry < 0 || (column.kind !== "text" && column.valid !== null && column.valid[row] === 0);
    if (entry < 0 || entries.offsets[entry] === entries.offsets[entry + 1]) {
      if (isNull || missing) empty += 1;
      continue;
    }
    if ((entries.outside[entry] as number) > 0) outside += 1;
    if (entries.bad.size > 0 && entries.bad.has(entry)) bad.note(row, JSON.stringify(entries.bad.get(entry)));
  }
  if (bad.rows > 0) {
    report.rowProblem({
      column: columnName,
      row: bad.first,
      rows: bad.rows,
      message: `this is no id of feature "${name}"`,
      received: bad.received,
      expected: rule.expected,
      fix: "use .hash(size) or .vocab([...]) for ids that are text",
    });
  }
  report.warn(columnName, outside, rule.outsideText);
  const fate = fallback.length === 0 ? "a zero vector" : `the default value, row ${[...fallback].join(", ")}`;
  report.warn(columnName, empty, `no value: ${fate}`);
}

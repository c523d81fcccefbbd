/**
 * Encodes id features: one id per row, or several with a separator, in a list column, or with weights (`id:weight`).
 */

import type { ComboFeatureSpec, IdFeatureSpec, RawFeatureSpec } from "../../spec/feature/feature.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { inRuns, type Work } from "../../util/turns.js";
import { numberIn } from "../cells.js";
import type { BagColumn, IdColumn } from "../encoded/encoded.js";
import { Fault, hasValue, type NumberColumn, type RawColumn, valueAt, withUsedWords } from "../table/column.js";
import { encodeEntries, type IdOptions } from "./entries.js";
import type { Report } from "./report.js";
import { type CodedIds, type IdRule, idRule, notAnId, wholeNumbersOnly } from "./rows-of-ids.js";
import { watchedRule } from "./sharing.js";

/** A fast path for the most common column: integers with one id per row, in one loop without intermediate arrays. */

/** Ids of a number column, and the rows to report. */
export interface NumberIds {
  readonly column: IdColumn;
  /** Rows with values that are not ids. */
  readonly bad: Fault;
  /** Rows with ids outside the vocabulary or range. */
  readonly outside: Fault;
  /** Rows without a value. */
  readonly empty: Fault;
}

/** The maximum number of ids without a row of their own that are cached. */
const remembered = 1 << 18;
/** Rows that are looked up without a pause. */
const runRows = 1 << 13;

/** The row of an id; that of an id outside the vocabulary counts down from here. An object for each would be slower. */
const firstOutside = notAnId - 1;

type LookUp = (value: number) => number;

/** The cache of each rule, shared by all parts of a table. */
const lookUps = new WeakMap<IdRule, LookUp>();

/** @param emptyRow the table's row of a missing value; −1: none */
export function* numberIds(column: NumberColumn, rule: IdRule, emptyRow: number): Work<NumberIds> {
  const { values, valid } = column;
  const ids = sharedInts(values.length);
  const faults = { bad: new Fault(), outside: new Fault(), empty: new Fault() };
  if (values instanceof Int32Array && valid === null && rule.buckets !== null) {
    const { count, outsideRow } = rule.buckets;
    bucketIds(values, count, outsideRow, ids, faults.outside);
    return { column: { kind: "ids", ids }, ...faults };
  }
  const look = rule.buckets === null ? lookUp(rule) : null;
  const count = rule.buckets?.count ?? 0;
  const outsideRow = rule.buckets?.outsideRow ?? 0;
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const value = values[row]!;
      if ((valid !== null && valid[row] === 0) || Number.isNaN(value)) {
        ids[row] = emptyRow;
        faults.empty.note(row, "null");
      } else if (!Number.isInteger(value)) {
        ids[row] = notAnId;
        faults.bad.note(row, () => JSON.stringify(String(value)));
      } else if (look === null) {
        if (value >= 0 && value < count) ids[row] = value;
        else {
          ids[row] = outsideRow;
          faults.outside.note(row, value);
        }
      } else {
        const answer = look(value);
        ids[row] = answer > firstOutside ? answer : firstOutside - answer;
        if (answer === notAnId) faults.bad.note(row, () => JSON.stringify(String(value)));
        else if (answer <= firstOutside) faults.outside.note(row, value);
      }
    }
  });
  return { column: { kind: "ids", ids }, ...faults };
}

/** Integers without nulls: only the range must be checked. */
function bucketIds(values: Int32Array, count: number, outsideRow: number, ids: Int32Array, outside: Fault): void {
  ids.set(values);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value >= 0 && value < count) continue;
    ids[row] = outsideRow;
    outside.note(row, value);
  }
}

function lookUp(rule: IdRule): LookUp {
  const made = lookUps.get(rule);
  if (made !== undefined) return made;
  const results = new Map<number, number>();
  let others = 0;
  const look: LookUp = (value) => {
    const before = results.get(value);
    if (before !== undefined) return before;
    const id = rule.rowOfNumber(value);
    const outside = rule.wasOutside();
    const answer = outside ? firstOutside - id : id;
    // A vocabulary is in memory anyway; other ids may be any number.
    if ((rule.isVocabulary && !outside) || others++ < remembered) results.set(value, answer);
    return answer;
  };
  lookUps.set(rule, look);
  return look;
}

type Embedded = IdFeatureSpec | ComboFeatureSpec | RawFeatureSpec;

/** Encodes a feature from its data column. Rows without a value use the default value, or −1 (a zero vector). */
export function* encodeIds(
  feature: Embedded,
  columnName: string,
  raw: RawColumn,
  options: IdOptions,
  report: Report,
): Work<IdColumn | BagColumn> {
  const used = options.values === null ? raw : withUsedWords(raw);
  const column = options.encoded ? wholeItems(columnName, used, report) : used;
  const plainRule = idRule(feature, options.encoded);
  const watched = options.values === null ? plainRule : watchedRule(plainRule, options.values);
  const rule = options.numbers === true && column.kind === "text" ? wholeNumbersOnly(watched) : watched;
  const weighted = feature.kind === "id" && feature.weighted;
  const several = options.several || weighted || column.kind === "list";
  const defaults = defaultIds(plainRule, options, feature, report);
  // Like TorchEasyRec: a row of a column of whole numbers holds one row of the table, the first of several defaults.
  const fallback = options.encoded && column.kind === "number" ? defaults.subarray(0, 1) : defaults;
  if (column.kind === "number") reportBeyond(columnName, column, report);
  if (column.kind === "number" && !several && fallback.length < 2) {
    const { column: ids, bad, outside, empty } = yield* numberIds(column, rule, fallback[0] ?? -1);
    reportFaults(feature.name, columnName, rule, bad, outside, report);
    reportEmpty(columnName, empty, fallback, report);
    if (empty.rows > 0) countDefault(options);
    return ids;
  }
  const coded = yield* encodeEntries(column, rule, options, weighted);
  yield;
  const { bad, outside } = faultsIn(column, coded);
  reportFaults(feature.name, columnName, rule, bad, outside, report);
  const gathered = gather(coded, fallback, several, filledRows(column));
  if (gathered.empty > 0) {
    reportEmpty(columnName, emptyIn(column, coded), fallback, report);
    countDefault(options);
  }
  return gathered.column;
}

/** Lists of rows of the table that are stored as floats: TorchEasyRec truncates them. */
function wholeItems(columnName: string, column: RawColumn, report: Report): RawColumn {
  if (column.kind !== "list" || column.items.kind !== "number" || column.items.values instanceof Int32Array)
    return column;
  const { items, offsets } = column;
  const fractions = new Fault();
  const values = Float64Array.from(items.values, Math.trunc);
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let item = offsets[row]!; item < offsets[row + 1]!; item++) {
      if (items.values[item] !== values[item] && hasValue(items, item)) fractions.note(row, items.values[item]!);
    }
  }
  report.warn(
    "row number with a fraction",
    columnName,
    "truncated fraction of a row number, as in TorchEasyRec",
    fractions,
  );
  return { ...column, items: { ...items, values } };
}

/** Whether some row uses the default value. */
function countDefault({ values, defaultValue, separator }: IdOptions): void {
  if (values === null || defaultValue === "") return;
  for (const token of defaultValue.split(separator)) values.add(token);
}

/** The table rows of the default value; empty: none. */
function defaultIds(rule: IdRule, options: IdOptions, feature: Embedded, report: Report): Int32Array {
  if (options.defaultValue === "") return new Int32Array(0);
  const ids = options.defaultValue.split(options.separator).map((token) => rule.row(token));
  if (ids.includes(notAnId)) {
    report.problem({
      path: `features.${feature.name}.defaultValue`,
      message: "the default value is not an id of this feature",
      received: JSON.stringify(options.defaultValue),
      expected: rule.expected,
    });
  }
  return Int32Array.from(ids);
}

/** Whether a row without ids takes the default value: like TorchEasyRec, an empty map does not, but a null does. */
function filledRows(column: RawColumn): (row: number) => boolean {
  if (column.kind !== "list" || column.isMap !== true) return () => true;
  return (row) => column.valid?.[row] === 0;
}

/** The ids of the rows, and the number of rows without one. */
function gather(
  { entries, entryOf, rows }: CodedIds,
  fallback: Int32Array,
  several: boolean,
  isFilled: (row: number) => boolean,
): { column: IdColumn | BagColumn; empty: number } {
  const offsets = sharedInts(rows + 1);
  let most = several ? 2 : 1;
  let empty = 0;
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : entryOf[row]!;
    const count = entry < 0 ? 0 : entries.offsets[entry + 1]! - entries.offsets[entry]!;
    const length = count === 0 && isFilled(row) ? fallback.length : count;
    if (count === 0) empty += 1;
    if (length > most) most = length;
    offsets[row + 1] = offsets[row]! + length;
  }
  const ids = sharedInts(most === 1 ? rows : offsets[rows]!);
  const weights = entries.weights === null ? null : sharedFloats(ids.length).fill(1);
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : entryOf[row]!;
    const from = entry < 0 ? 0 : entries.offsets[entry]!;
    const count = entry < 0 ? 0 : entries.offsets[entry + 1]! - from;
    if (most === 1) {
      ids[row] = count === 1 ? entries.ids[from]! : (fallback[0] ?? -1);
      continue;
    }
    const to = offsets[row]!;
    if (count === 0 && isFilled(row)) ids.set(fallback, to);
    for (let at = 0; at < count; at++) {
      ids[to + at] = entries.ids[from + at]!;
      if (weights !== null) weights[to + at] = entries.weights![from + at]!;
    }
  }
  return { column: most === 1 ? { kind: "ids", ids } : { kind: "bag", offsets, ids, weights }, empty };
}

/** Rows with values that are not ids, and with ids outside the vocabulary or range. */
function faultsIn(column: RawColumn, { entries, entryOf, rows, faulty }: CodedIds): { bad: Fault; outside: Fault } {
  const bad = new Fault();
  const outside = new Fault();
  if (!faulty) return { bad, outside };
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : entryOf[row]!;
    if (entry < 0) continue;
    if (entries.outside[entry]! > 0) outside.note(row, () => valueText(column, row));
    if (entries.bad.size > 0 && entries.bad.has(entry)) bad.note(row, () => JSON.stringify(entries.bad.get(entry)));
  }
  return { bad, outside };
}

/** A row's value in the user's notation; called only for a few rows. */
function valueText(column: RawColumn, row: number): string {
  return JSON.stringify(valueAt(column, row));
}

/** From 2^53 on float64 merges neighbouring integers: two ids may have become equal before this library read them. */
function reportBeyond(columnName: string, column: NumberColumn, report: Report): void {
  const { values } = column;
  if (values instanceof Int32Array) return;
  const beyond = new Fault();
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value >= 2 ** 53 || value <= -(2 ** 53)) beyond.note(row, value);
  }
  const message = "id beyond 2^53 read as a float: neighbouring ids become equal";
  report.warn("id beyond 2^53", columnName, message, beyond);
}

/** Values that are not ids are a problem; ids outside the vocabulary or range are a warning. */
function reportFaults(feature: string, column: string, rule: IdRule, bad: Fault, outside: Fault, report: Report): void {
  report.warn("id outside the table", column, rule.outsideText, outside);
  if (bad.rows === 0) return;
  report.rowProblem({
    column,
    row: bad.first,
    rows: bad.rows,
    message: `not an id of feature "${feature}"`,
    received: bad.received,
    examples: bad.examples,
    expected: rule.expected,
    fix: idFix(numberIn(bad.received.slice(1, -1))),
  });
}

/** @param value the received number, or NaN */
function idFix(value: number): string {
  if (Number.isNaN(value)) return "use .hash(size) or .vocab([...]) for ids that are text";
  return Number.isFinite(value) && !Number.isInteger(value)
    ? "round the column, or use a raw feature with boundaries"
    : "write ids with all digits, without an exponent";
}

/** Rows without a value. An empty list, or an empty text among several ids, is normal; a null causes a warning. */
function emptyIn(column: RawColumn, { entries, entryOf, rows, emptyIsOrdinary }: CodedIds): Fault {
  const empty = new Fault();
  for (let row = 0; row < rows; row++) {
    const entry = entryOf === null ? row : entryOf[row]!;
    if (entry >= 0 && entries.offsets[entry] !== entries.offsets[entry + 1]) continue;
    const isNull = entry < 0 || (column.kind !== "text" && column.valid !== null && column.valid[row] === 0);
    if (isNull || !emptyIsOrdinary) empty.note(row, () => valueText(column, row));
  }
  return empty;
}

/** Warns of rows without a value, unless the feature has a default value for them. */
function reportEmpty(column: string, empty: Fault, fallback: Int32Array, report: Report): void {
  if (fallback.length === 0) report.warn("no value", column, "no value: a zero vector", empty);
}

/** Raw features: numbers as they are, normalised, or cut at boundaries into rows of a table. */
import type { RawFeatureSpec } from "../../spec/index.js";
import { hasValue, type RawColumn } from "../column.js";
import { type FeatureColumn, sharedFloats, sharedInts } from "../encoded.js";
import { parseNormalizer } from "./normalizer.js";
import { Fault, type Report } from "./report.js";

/** How a feature's values are written, where that is not in its spec. */
export interface RawOptions {
  readonly separator: string;
  readonly defaultValue: string;
}

/** A feature's column from the data's. Rows without a value take the default value, which is not normalised. */
export function encodeRaw(
  feature: RawFeatureSpec,
  columnName: string,
  column: RawColumn,
  options: RawOptions,
  report: Report,
): FeatureColumn | null {
  const dim = feature.valueDim;
  const fallback = parseDefault(feature, options, report);
  const normalizer = feature.normalizer ? parseNormalizer(feature.normalizer) : { apply: null };
  if ("fault" in normalizer) {
    report.problem({
      path: `features.${feature.name}.normalizer`,
      message: `this normalizer is not computed here: ${normalizer.fault}`,
      received: JSON.stringify(feature.normalizer),
      expected: "method=log10, method=zscore or method=minmax with their numbers",
    });
    return null;
  }
  const read = readNumbers(feature, columnName, column, options.separator, report);
  if (read === null) return null;
  const { values, missing } = read;
  const { apply } = normalizer;
  if (apply !== null) for (let at = 0; at < values.length; at++) values[at] = apply(values[at] as number);
  fillMissing(feature, columnName, values, missing, fallback, report);
  if (feature.boundaries.length > 0) return bucketise(feature, values, missing, fallback !== null);
  const dense = sharedFloats(values.length);
  dense.set(values);
  return { kind: "dense", dim, values: dense };
}

function parseDefault(feature: RawFeatureSpec, options: RawOptions, report: Report): Float64Array | null {
  if (options.defaultValue === "") return null;
  const numbers = options.defaultValue.split(options.separator).map(Number);
  if (numbers.every(Number.isFinite) && (numbers.length === 1 || numbers.length === feature.valueDim)) {
    return Float64Array.from({ length: feature.valueDim }, (_, index) => numbers[index] ?? (numbers[0] as number));
  }
  report.problem({
    path: `features.${feature.name}.defaultValue`,
    message: "the default value is not a value of this feature",
    received: JSON.stringify(options.defaultValue),
    expected: feature.valueDim === 1 ? "a number" : `one number, or ${feature.valueDim} of them`,
  });
  return null;
}

/** Numbers [rows × dim] and the rows without a value; faults are reported. */
function readNumbers(
  feature: RawFeatureSpec,
  columnName: string,
  column: RawColumn,
  separator: string,
  report: Report,
): { values: Float64Array; missing: Uint8Array } | null {
  const faults = { number: new Fault(), count: new Fault() };
  const read =
    column.kind === "number" ? fromNumbers(column, feature, faults) : fromTokens(column, feature, separator, faults);
  const name = `raw feature "${feature.name}"`;
  reportFault(faults.number, columnName, `not a finite number, in ${name}`, "a finite number, or null", report);
  const expected = `${feature.valueDim} number${feature.valueDim === 1 ? "" : "s"}`;
  reportFault(faults.count, columnName, `a wrong count of values, in ${name}`, expected, report);
  return read;
}

function reportFault(fault: Fault, column: string, message: string, expected: string, report: Report): void {
  if (fault.rows === 0) return;
  report.rowProblem({ column, row: fault.first, rows: fault.rows, message, received: fault.received, expected });
}

interface Faults {
  readonly number: Fault;
  readonly count: Fault;
}

function fromNumbers(column: Extract<RawColumn, { kind: "number" }>, feature: RawFeatureSpec, faults: Faults) {
  const rows = column.values.length;
  const values = new Float64Array(rows * feature.valueDim);
  const missing = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = column.values[row] as number;
    if (column.valid !== null && column.valid[row] === 0) missing[row] = 1;
    else if (!Number.isFinite(value)) faults.number.note(row, value);
    else if (feature.valueDim !== 1) faults.count.note(row, value);
    else values[row] = value;
  }
  return { values, missing };
}

/** Text with a separator, each distinct word parsed once, or lists. */
function fromTokens(
  column: Exclude<RawColumn, { kind: "number" }>,
  feature: RawFeatureSpec,
  separator: string,
  faults: Faults,
) {
  const dim = feature.valueDim;
  const rows = column.kind === "text" ? column.codes.length : column.offsets.length - 1;
  const values = new Float64Array(rows * dim);
  const missing = new Uint8Array(rows);
  const parsed = column.kind === "text" ? column.words.map((word) => parseNumbers(word, separator)) : [];
  for (let row = 0; row < rows; row++) {
    const numbers = !hasValue(column, row)
      ? []
      : column.kind === "text"
        ? (parsed[column.codes[row] as number] as number[])
        : listNumbers(column, row);
    if (numbers.length === 0) missing[row] = 1;
    else if (numbers.some((value) => !Number.isFinite(value))) faults.number.note(row, shown(column, row, numbers));
    else if (numbers.length !== dim) faults.count.note(row, shown(column, row, numbers));
    else values.set(numbers, row * dim);
  }
  return { values, missing };
}

function shown(column: RawColumn, row: number, numbers: readonly number[]): string {
  return column.kind === "text" ? JSON.stringify(column.words[column.codes[row] as number]) : `[${numbers.join(", ")}]`;
}

function parseNumbers(text: string, separator: string): number[] {
  if (text.trim() === "") return [];
  return text.split(separator).map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
}

function listNumbers(column: Extract<RawColumn, { kind: "list" }>, row: number): number[] {
  const numbers: number[] = [];
  const { items } = column;
  for (let item = column.offsets[row] as number; item < (column.offsets[row + 1] as number); item++) {
    if (!hasValue(items, item)) numbers.push(Number.NaN);
    else if (items.kind === "number") numbers.push(items.values[item] as number);
    else numbers.push(Number(items.words[items.codes[item] as number]));
  }
  return numbers;
}

function fillMissing(
  feature: RawFeatureSpec,
  columnName: string,
  values: Float64Array,
  missing: Uint8Array,
  fallback: Float64Array | null,
  report: Report,
): void {
  const empty = new Fault();
  for (let row = 0; row < missing.length; row++) {
    if (missing[row] === 0) continue;
    empty.note(row, "no value");
    if (fallback !== null) values.set(fallback, row * feature.valueDim);
  }
  if (empty.rows === 0) return;
  if (fallback !== null) {
    report.warn(columnName, empty.rows, `no value: the default, ${[...fallback].join(", ")}`);
  } else if (feature.boundaries.length > 0) {
    report.warn(columnName, empty.rows, "no value: a zero vector");
  } else {
    const message = `no value, and raw feature "${feature.name}" has no default`;
    const fix = "give the feature a default value, or fill the column";
    report.rowProblem({ column: columnName, row: empty.first, rows: empty.rows, message, expected: "a number", fix });
  }
}

/** Rows of the table: boundaries at or below the value, compared as float32 (right-open: x ≥ b goes up). */
function bucketise(
  feature: RawFeatureSpec,
  values: Float64Array,
  missing: Uint8Array,
  hasDefault: boolean,
): FeatureColumn {
  const boundaries = Float32Array.from(feature.boundaries).sort();
  const dim = feature.valueDim;
  if (dim === 1) {
    const ids = sharedInts(values.length);
    for (let row = 0; row < ids.length; row++) {
      ids[row] = missing[row] === 1 && !hasDefault ? -1 : bucketOf(Math.fround(values[row] as number), boundaries);
    }
    return { kind: "ids", ids };
  }
  const offsets = sharedInts(missing.length + 1);
  for (let row = 0; row < missing.length; row++) {
    offsets[row + 1] = (offsets[row] as number) + (missing[row] === 1 && !hasDefault ? 0 : dim);
  }
  const ids = sharedInts(offsets[missing.length] as number);
  for (let row = 0; row < missing.length; row++) {
    const from = offsets[row] as number;
    for (let index = 0; from + index < (offsets[row + 1] as number); index++) {
      ids[from + index] = bucketOf(Math.fround(values[row * dim + index] as number), boundaries);
    }
  }
  return { kind: "bag", offsets, ids, weights: null };
}

function bucketOf(value: number, boundaries: Float32Array): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value >= (boundaries[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

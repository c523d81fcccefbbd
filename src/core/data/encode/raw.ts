/** Encodes numeric features: normalises them, fills missing values, and splits them into buckets or pieces. */
import type { RawFeatureSpec } from "../../spec/feature/feature.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { valueIn } from "../cells.js";
import { finiteFix, numbersFix } from "../column-fixes.js";
import type { FeatureColumn } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";
import { type ListColumn, type NumberColumn, type RawColumn, readLists, type TextColumn } from "../table/column.js";
import type { IdOptions } from "./id.js";
import { parseNormalizer } from "./normalizer.js";
import type { Report } from "./report.js";

/** The normalizer of a feature; `null`: not supported, which is reported. */
export function readNormalizer(
  { name, normalizer }: RawFeatureSpec,
  report: Report,
): ((value: number) => number) | null {
  if (!normalizer) return (value) => value;
  const parsed = parseNormalizer(normalizer);
  if ("apply" in parsed) return parsed.apply;
  report.problem({
    path: `features.${name}.normalizer`,
    message: `this normalizer is not supported: ${parsed.fault}`,
    received: JSON.stringify(normalizer),
    expected: "method=log10, zscore or minmax with their numbers, or method=expression with arithmetic of x",
  });
  return null;
}

export function encodeRaw(
  feature: RawFeatureSpec,
  column: RawColumn,
  options: IdOptions,
  report: Report,
): FeatureColumn | null {
  const dim = numbersPerRow(feature);
  const fallback = parseDefault(feature, options, report);
  const apply = readNormalizer(feature, report);
  if (apply === null) return null;
  const { values, missing } = readNumbers(feature, column, options.separator, report);
  if (feature.normalizer) {
    for (let at = 0; at < values.length; at++) values[at] = apply(values[at]!);
    const isUndefined = (at: number, row: number): boolean => Number.isNaN(values[at]) && missing[row] === 0;
    report.fault(report.column, faultOf(values, dim, isUndefined), {
      message: `the normalizer of raw feature "${feature.name}" returns no number`,
      expected: `a value for which ${feature.normalizer} is a number`,
      fix: "change the normalizer, or use .log1p(), which has a value for every number",
    });
  }
  fillMissing(feature, { values, missing }, fallback, report);
  if (feature.boundaries.length > 0) return bucketise(feature, { values, missing }, fallback !== null);
  const { pieces } = feature;
  const numbers = pieces === undefined ? values : inPieces(pieces, { values, missing }, fallback !== null);
  const dense = sharedFloats(numbers);
  // Training uses float32, which some numbers of float64 exceed.
  const beyond = faultOf(numbers, feature.valueDim, (at) => !Number.isFinite(dense[at]));
  report.fault(report.column, beyond, {
    message: `too large for float32, in raw feature "${feature.name}"`,
    expected: "a number within ±3.4e38",
    fix: "scale the column, or set a normalizer or boundaries",
  });
  return { kind: "dense", dim: feature.valueDim, values: dense };
}

/** Of the data; a value in pieces is one of them. */
function numbersPerRow({ pieces, valueDim }: RawFeatureSpec): number {
  return pieces === undefined ? valueDim : 1;
}

/**
 * [rows × pieces]: the share of each piece that is below the value. The first piece continues below its lower edge, and
 * the last one above its upper edge (Gorishniy et al., 2022). A row without a value has zeros.
 */
function inPieces(edges: readonly number[], { values, missing }: Numbers, hasDefault: boolean): Float64Array {
  const last = edges.length - 2;
  const result = new Float64Array(values.length * (last + 1));
  for (let row = 0; row < values.length; row++) {
    if (missing[row] === 1 && !hasDefault) continue;
    const value = values[row]!;
    for (let piece = 0; piece <= last; piece++) {
      const low = edges[piece]!;
      if (piece > 0 && value <= low) break;
      const share = (value - low) / (edges[piece + 1]! - low);
      result[row * (last + 1) + piece] = piece === last ? share : Math.min(1, share);
    }
  }
  return result;
}

function faultOf(values: Float64Array, dim: number, isWrong: (at: number, row: number) => boolean): Fault {
  const fault = new Fault();
  for (let at = 0; at < values.length; at++) {
    const row = Math.floor(at / dim);
    if (isWrong(at, row)) fault.note(row, values[at]!);
  }
  return fault;
}

function parseDefault(feature: RawFeatureSpec, options: IdOptions, report: Report): Float64Array | null {
  if (options.defaultValue === "") return null;
  const numbers = options.defaultValue.split(options.separator).map(Number);
  const dim = numbersPerRow(feature);
  if (numbers.every(Number.isFinite) && (numbers.length === 1 || numbers.length === dim)) {
    return Float64Array.from({ length: dim }, (_, index) => numbers[index] ?? numbers[0]!);
  }
  report.problem({
    path: `features.${feature.name}.defaultValue`,
    message: "the default value is not a value of this feature",
    received: JSON.stringify(options.defaultValue),
    expected: dim === 1 ? "a number" : `one number, or ${dim} of them`,
  });
  return null;
}

function fillMissing(
  feature: RawFeatureSpec,
  { values, missing }: Numbers,
  fallback: Float64Array | null,
  report: Report,
): void {
  const empty = new Fault();
  for (let row = 0; row < missing.length; row++) {
    if (missing[row] === 0) continue;
    empty.note(row, "no value");
    if (fallback !== null) values.set(fallback, row * fallback.length);
  }
  if (fallback !== null) {
    // "0" is TorchEasyRec's default of a feature that sets none; a default that was set needs no warning.
    if (feature.defaultValue === "0")
      report.warn("default value", report.column, `no value: the default, ${[...fallback].join(", ")}`, empty);
  } else if (feature.boundaries.length > 0 || feature.pieces !== undefined) {
    report.warn("no value", report.column, "no value: a zero vector", empty);
  } else {
    report.fault(report.column, empty, {
      message: `no value, and raw feature "${feature.name}" has no default`,
      expected: "a number",
      fix: "set a default value for the feature, or fill the column",
    });
  }
}

/** The bucket of each value: the number of boundaries at or below it, compared as float32 (right-open). */
function bucketise(feature: RawFeatureSpec, { values, missing }: Numbers, hasDefault: boolean): FeatureColumn {
  const boundaries = Float32Array.from(feature.boundaries).sort();
  const dim = feature.valueDim;
  const isEmpty = (row: number): boolean => missing[row] === 1 && !hasDefault;
  const bucketAt = (at: number): number => findBucket(Math.fround(values[at]!), boundaries);
  if (dim === 1) {
    const ids = sharedInts(values.length);
    for (let row = 0; row < ids.length; row++) ids[row] = isEmpty(row) ? -1 : bucketAt(row);
    return { kind: "ids", ids };
  }
  const offsets = sharedInts(missing.length + 1);
  for (let row = 0; row < missing.length; row++) offsets[row + 1] = offsets[row]! + (isEmpty(row) ? 0 : dim);
  const ids = sharedInts(offsets[missing.length]!);
  for (let row = 0; row < missing.length; row++) {
    const from = offsets[row]!;
    for (let index = 0; from + index < offsets[row + 1]!; index++) ids[from + index] = bucketAt(row * dim + index);
  }
  return { kind: "bag", offsets, ids, weights: null };
}

/** The number of boundaries at or below a value; boundaries are ascending. */
export function findBucket(value: number, boundaries: ArrayLike<number>): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value >= boundaries[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function readNumbers(feature: RawFeatureSpec, column: RawColumn, separator: string, report: Report): Numbers {
  const faults = { number: new Fault(), count: new Fault() };
  const read =
    column.kind === "number" ? fromNumbers(column, feature, faults) : fromLists(column, feature, separator, faults);
  const name = `raw feature "${feature.name}"`;
  const source = report.column;
  report.fault(source, faults.number, {
    message: `not a finite number, in ${name}`,
    expected: "a finite number, or null",
    fix: column.kind === "number" ? finiteFix(source) : (texts) => numbersFix(source, texts),
  });
  report.fault(source, faults.count, {
    message: `wrong number of values, in ${name}`,
    expected: `${numbersPerRow(feature)} number${numbersPerRow(feature) === 1 ? "" : "s"}`,
  });
  return read;
}

type Faults = Readonly<Record<"number" | "count", Fault>>;

/** [rows × dim], and 1 for each row without a value. */
interface Numbers {
  readonly values: Float64Array;
  readonly missing: Uint8Array;
}

function noNumbers(rows: number, dim: number): Numbers {
  return { values: new Float64Array(rows * dim), missing: new Uint8Array(rows) };
}

function fromNumbers(column: NumberColumn, feature: RawFeatureSpec, faults: Faults): Numbers {
  const { values, missing } = noNumbers(column.values.length, numbersPerRow(feature));
  for (let row = 0; row < missing.length; row++) {
    const value = column.values[row]!;
    if (column.valid !== null && column.valid[row] === 0) missing[row] = 1;
    else if (!Number.isFinite(value)) faults.number.note(row, value);
    else if (numbersPerRow(feature) !== 1) faults.count.note(row, value);
    else values[row] = value;
  }
  return { values, missing };
}

function fromLists(column: TextColumn | ListColumn, feature: RawFeatureSpec, separator: string, faults: Faults) {
  const dim = numbersPerRow(feature);
  const { rows, at } = readLists(column, {
    split: (word) => (word.trim() === "" ? [] : word.split(separator).map(valueIn)),
    text: valueIn,
    number: (value) => value,
    missing: Number.NaN,
  });
  const { values, missing } = noNumbers(rows, dim);
  for (let row = 0; row < missing.length; row++) {
    const numbers = at(row) ?? [];
    if (numbers.length === 0) missing[row] = 1;
    else if (numbers.some((value) => !Number.isFinite(value))) faults.number.note(row, valueText(column, row, numbers));
    else if (numbers.length !== dim) faults.count.note(row, valueText(column, row, numbers));
    else values.set(numbers, row * dim);
  }
  return { values, missing };
}

function valueText(column: RawColumn, row: number, numbers: readonly number[]): string {
  return column.kind === "text" ? JSON.stringify(column.words[column.codes[row]!]) : `[${numbers.join(", ")}]`;
}

/** Encodes raw features: numbers unchanged, normalised, or bucketized at boundaries. */
import type { RawFeatureSpec } from "../../spec/feature/feature.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { commaFix, lacksZone, valueIn } from "../cells.js";
import type { FeatureColumn } from "../encoded/encoded.js";
import { Fault, hasValue, type RawColumn } from "../table/column.js";
import type { IdOptions } from "./id.js";
import { parseNormalizer } from "./normalizer.js";
import type { Report } from "./report.js";

/** The normalizer of a feature, whose `apply` is `null` if it has none; `null`: not supported, which is reported. */
export function readNormalizer(
  { name, normalizer }: Pick<RawFeatureSpec, "name" | "normalizer">,
  report: Report,
): { readonly apply: ((value: number) => number) | null } | null {
  const parsed = normalizer ? parseNormalizer(normalizer) : { apply: null };
  if (!("fault" in parsed)) return parsed;
  report.problem({
    path: `features.${name}.normalizer`,
    message: `this normalizer is not supported: ${parsed.fault}`,
    received: JSON.stringify(normalizer),
    expected: "method=log10, zscore or minmax with their numbers, or method=expression with arithmetic of x",
  });
  return null;
}

/** Encodes a feature from its data column. Rows without a value use the default value, which is not normalised. */
export function encodeRaw(
  feature: RawFeatureSpec,
  columnName: string,
  column: RawColumn,
  options: Pick<IdOptions, "separator" | "defaultValue">,
  report: Report,
): FeatureColumn | null {
  const dim = feature.valueDim;
  const fallback = parseDefault(feature, options, report);
  const normalizer = readNormalizer(feature, report);
  if (normalizer === null) return null;
  const read = readNumbers(feature, columnName, column, options.separator, report);
  const { values, missing } = read;
  const { apply } = normalizer;
  if (apply !== null) {
    for (let at = 0; at < values.length; at++) values[at] = apply(values[at]!);
    reportUndefined(feature, columnName, read, report);
  }
  fillMissing(feature, columnName, values, missing, fallback, report);
  if (feature.boundaries.length > 0) return bucketise(feature, values, missing, fallback !== null);
  const dense = sharedFloats(values);
  reportInfinite(feature, columnName, values, dense, report);
  return { kind: "dense", dim, values: dense };
}

function reportUndefined(
  { name, valueDim, normalizer }: RawFeatureSpec,
  column: string,
  { values, missing }: { readonly values: Float64Array; readonly missing: Uint8Array },
  report: Report,
): void {
  const lacking = new Fault();
  for (let at = 0; at < values.length; at++) {
    const row = Math.floor(at / valueDim);
    if (Number.isNaN(values[at]) && missing[row] === 0) lacking.note(row, "NaN");
  }
  report.fault(column, lacking, {
    message: `the normalizer of raw feature "${name}" returns no number`,
    expected: `a value for which ${normalizer} is a number`,
    fix: "change the normalizer, or use .log1p(), which has a value for every number",
  });
}

/** Numbers that fit float64 but not float32, which training uses. */
function reportInfinite(
  { name, valueDim }: RawFeatureSpec,
  column: string,
  values: Float64Array,
  dense: Float32Array,
  report: Report,
): void {
  const beyond = new Fault();
  for (let at = 0; at < dense.length; at++) {
    if (!Number.isFinite(dense[at])) beyond.note(Math.floor(at / valueDim), values[at]!);
  }
  report.fault(column, beyond, {
    message: `too large for float32, in raw feature "${name}"`,
    expected: "a number within ±3.4e38",
    fix: "scale the column, or set a normalizer or boundaries",
  });
}

function parseDefault(
  feature: RawFeatureSpec,
  options: Pick<IdOptions, "separator" | "defaultValue">,
  report: Report,
): Float64Array | null {
  if (options.defaultValue === "") return null;
  const numbers = options.defaultValue.split(options.separator).map(Number);
  if (numbers.every(Number.isFinite) && (numbers.length === 1 || numbers.length === feature.valueDim)) {
    return Float64Array.from({ length: feature.valueDim }, (_, index) => numbers[index] ?? numbers[0]!);
  }
  report.problem({
    path: `features.${feature.name}.defaultValue`,
    message: "the default value is not a value of this feature",
    received: JSON.stringify(options.defaultValue),
    expected: feature.valueDim === 1 ? "a number" : `one number, or ${feature.valueDim} of them`,
  });
  return null;
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
  if (fallback !== null) {
    // TorchEasyRec's default of a feature that sets none; one that is set needs no warning.
    if (feature.defaultValue === "0")
      report.warn("default value", columnName, `no value: the default, ${[...fallback].join(", ")}`, empty);
  } else if (feature.boundaries.length > 0) {
    report.warn("no value", columnName, "no value: a zero vector", empty);
  } else {
    report.fault(columnName, empty, {
      message: `no value, and raw feature "${feature.name}" has no default`,
      expected: "a number",
      fix: "set a default value for the feature, or fill the column",
    });
  }
}

/** Rows: the number of boundaries at or below the value, compared as float32 (right-open). */
function bucketise(
  feature: RawFeatureSpec,
  values: Float64Array,
  missing: Uint8Array,
  hasDefault: boolean,
): FeatureColumn {
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

/** Numbers [rows × dim] and the rows without a value; problems are reported. */
export function readNumbers(
  feature: RawFeatureSpec,
  columnName: string,
  column: RawColumn,
  separator: string,
  report: Report,
): { values: Float64Array; missing: Uint8Array } {
  const faults = { number: new Fault(), count: new Fault() };
  const read =
    column.kind === "number" ? fromNumbers(column, feature, faults) : fromTokens(column, feature, separator, faults);
  warnOfZones(columnName, column, report);
  const name = `raw feature "${feature.name}"`;
  report.fault(columnName, faults.number, {
    message: `not a finite number, in ${name}`,
    expected: "a finite number, or null",
    fix: commaFix(columnName, faults.number.received),
  });
  report.fault(columnName, faults.count, {
    message: `wrong number of values, in ${name}`,
    expected: `${feature.valueDim} number${feature.valueDim === 1 ? "" : "s"}`,
  });
  return read;
}

function warnOfZones(columnName: string, column: RawColumn, report: Report): void {
  if (column.kind !== "text") return;
  const zoneless = Fault.ofWords(column, (word) => lacksZone(word.trim()), String);
  report.warn("time without a zone", columnName, "a time without a zone, used as UTC", zoneless);
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
    const value = column.values[row]!;
    if (column.valid !== null && column.valid[row] === 0) missing[row] = 1;
    else if (!Number.isFinite(value)) faults.number.note(row, value);
    else if (feature.valueDim !== 1) faults.count.note(row, value);
    else values[row] = value;
  }
  return { values, missing };
}

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
        ? parsed[column.codes[row]!]!
        : listNumbers(column, row);
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

function parseNumbers(text: string, separator: string): number[] {
  if (text.trim() === "") return [];
  return text.split(separator).map(valueIn);
}

function listNumbers(column: Extract<RawColumn, { kind: "list" }>, row: number): number[] {
  const numbers: number[] = [];
  const { items } = column;
  for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
    if (!hasValue(items, item)) numbers.push(Number.NaN);
    else if (items.kind === "number") numbers.push(items.values[item]!);
    else numbers.push(valueIn(items.words[items.codes[item]!]!));
  }
  return numbers;
}

/** Reads the numbers of a raw feature from number, text and list columns; reports the first row of each problem. */
import type { RawFeatureSpec } from "../../spec/feature/feature.js";
import { commaFix, lacksZone, valueIn } from "../cells.js";
import { Fault, hasValue, type RawColumn } from "../table/column.js";
import type { Report } from "./report.js";

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

/** Text with a time of day but no zone. */
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

/** Text with a separator (parses each distinct word once), or lists. */
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

/** Profiles of columns, from which models are suggested: distinct values, texts, quantiles and times. */
import { NumberReadings, weighed } from "../number-readings.js";
import { columnRows, hasValue, type RawColumn, usedWords } from "../table/column.js";
import type { Table } from "../table/table.js";
import type { ColumnSummary } from "./describe.js";

/** The number of rows that are read for texts, quantiles and times. */
const sampleRows = 50_000;
/** Larger tables are described by this many of their rows. */
const describedRows = 1_000_000;

export interface ColumnProfile {
  readonly summary: ColumnSummary;
  readonly rows: number;
  readonly filled: number;
  readonly sample: RawColumn;
  /** Mean number of words of a text; 0 for other columns. */
  readonly words: number;
  /** Share of texts with a `|`. */
  readonly several: number;
  /** Quantiles of a number: 1%, 50% and 99%; `null` for other columns. */
  readonly quantiles: readonly [low: number, middle: number, high: number] | null;
  /** The readings of a text column as numbers, weighed on all its cells. */
  readonly readings: NumberReadings;
  readonly isDate: boolean;
  /** Whether some times are not at midnight. */
  readonly hasClock: boolean;
}

export async function columnProfiles(table: Table): Promise<ReadonlyMap<string, ColumnProfile>> {
  const { describe } = await import("./describe.js");
  const { textAsTimes } = await import("../table/table.js");
  const whole = spaced(table, describedRows);
  const { columns } = await describe(whole);
  const part = spaced(whole, sampleRows);
  const read = await part.read(columns.filter(({ type }) => type !== "other").map(({ name }) => name));
  const floats = columns.filter((summary) => summary.type === "float" && isWhole(read.get(summary.name)));
  const allRows = part === whole ? read : await whole.read(floats.map(({ name }) => name));
  const profiles = new Map<string, ColumnProfile>();
  for (const summary of columns) {
    const sample = read.get(summary.name);
    if (sample === undefined) continue;
    const words = sample.kind === "text" ? sample.words : [];
    const times = sample.kind === "number" && sample.type === "timestamp" ? sample : textAsTimes(sample);
    profiles.set(summary.name, {
      summary:
        floats.includes(summary) && isWhole(allRows.get(summary.name)) ? { ...summary, type: "integer" } : summary,
      rows: whole.rows,
      filled: whole.rows - summary.missing,
      sample,
      words: words.length === 0 ? 0 : words.reduce((sum, word) => sum + word.split(/\s+/).length, 0) / words.length,
      several: words.length === 0 ? 0 : words.filter((word) => word.includes("|")).length / words.length,
      quantiles: quantilesIn(sample),
      readings: await readingsOf(table, summary.name, sample),
      isDate: times !== null,
      hasClock: (times?.values ?? []).some((time) => Number.isFinite(time) && time % 86_400_000 !== 0),
    });
  }
  return profiles;
}

/** A reading that fits all cells fits a sample of them, so few columns are read as a whole. */
async function readingsOf(table: Table, name: string, sample: RawColumn): Promise<NumberReadings> {
  const readings = new NumberReadings();
  if (sample.kind !== "text") return readings;
  readings.add(usedWords(sample));
  if (readings.isHopeless || (columnRows(sample) === table.rows && table.selection === null)) return readings;
  const { textsOf } = await import("../table/table.js");
  const all = await weighed(textsOf(table.ofAllRows(), name));
  return all.isHopeless ? weighed(textsOf(table, name)) : all;
}

/** Whether all numbers are whole: pandas writes them as 1.0 if the column once had gaps. */
function isWhole(column: RawColumn | undefined): boolean {
  if (column?.kind !== "number") return false;
  return column.values.every((value, row) => Number.isInteger(value) || !hasValue(column, row));
}

function spaced(table: Table, count: number): Table {
  if (table.rows <= count) return table;
  return table.take(Int32Array.from({ length: count }, (_, at) => Math.floor((at * table.rows) / count)));
}

function quantilesIn(column: RawColumn): ColumnProfile["quantiles"] {
  if (column.kind !== "number") return null;
  const { values, valid } = column;
  const finiteValues = Float64Array.from(values).filter((value, row) => Number.isFinite(value) && valid?.[row] !== 0);
  if (finiteValues.length === 0) return null;
  finiteValues.sort();
  const at = (share: number): number => finiteValues[Math.floor(share * (finiteValues.length - 1))]!;
  return [at(0.01), at(0.5), at(0.99)];
}

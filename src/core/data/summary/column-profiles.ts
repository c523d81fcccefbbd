/** Profiles of columns, from which models are suggested: distinct values, texts, quantiles and times. */
import { dayMillis } from "../../util/epoch.js";
import { type DirtyCells, dirtyCells, type WordCounts } from "../dirty-cells.js";
import { NumberReadings, weighed } from "../number-readings.js";
import { columnRows, hasValue, type RawColumn, rowsByKey, type TextColumn, usedWords } from "../table/column.js";
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
  /** The cells of a text column that differ in kind from nearly all other cells, in the sample. */
  readonly dirty: DirtyCells | null;
  readonly isDate: boolean;
  /** A cell such as `9.889`, if all cells of a CSV column could also be whole numbers with points between thousands. */
  readonly grouped: string | null;
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
      dirty: sample.kind === "text" ? dirtyCells(summary.name, wordCounts(sample)) : null,
      grouped: await groupedCell(part, summary.name, sample),
      isDate: times !== null,
      hasClock: (times?.values ?? []).some((time) => Number.isFinite(time) && time % dayMillis !== 0),
    });
  }
  return profiles;
}

function wordCounts(column: TextColumn): WordCounts {
  return new Map([...rowsByKey(column)].map(([code, rows]) => [column.words[code]!, rows]));
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

/** With fewer numbers, none of which ends in a zero after the point, three digits each may be chance. */
const leastGrouped = 20;

async function groupedCell(table: Table, name: string, column: RawColumn): Promise<string | null> {
  if (column.kind !== "number" || column.type !== "float" || !table.isWritten(name)) return null;
  const fractions = column.values.filter((value) => !Number.isInteger(value));
  const isGrouped = (value: number): boolean => Math.abs(value) > 1 && Math.abs(value) < 1000;
  if (fractions.length < leastGrouped || !fractions.every(isGrouped)) return null;
  const written = (await table.read([name], [name])).get(name)!;
  if (written.kind !== "text") return null;
  const texts = usedWords(written).map((word) => word.trim());
  const pointed = texts.filter((text) => /^-?[1-9]\d{0,2}\.\d{3}$/.test(text));
  const bare = texts.filter((text) => /^-?\d{1,3}$/.test(text));
  return bare.length > 0 && pointed.length + bare.length === texts.length ? pointed[0]! : null;
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

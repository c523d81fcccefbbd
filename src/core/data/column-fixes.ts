/** Calls of `derive` that turn a column of texts into numbers or times. */
import { stringLiteral } from "../util/code-text.js";
import { dateFormats } from "./date-formats.js";
import { type NumberReadings, weighed } from "./number-readings.js";
import type { ColumnTexts } from "./row-findings.js";
import { identifier } from "./sources/names.js";
import { type RawColumn, usedWords } from "./table/column.js";

/** Fixes NaN and infinite numbers. */
export function finiteFix(column: string): string {
  return derived(column, `if(isfinite(${identifier(column)}), ${identifier(column)}, null)`);
}

/**
 * For a column of texts that are all numbers under one reading of their separators, or under several, which are then
 * all named; otherwise `undefined`.
 */
export async function numbersFix(column: string, texts: ColumnTexts): Promise<string | undefined> {
  return readingsFix(column, await weighed(texts(column)));
}

/** The same, of readings that have been weighed. */
export function readingsFix(column: string, readings: NumberReadings): string | undefined {
  const calls = readings.fitting.map((reading) => derived(column, readings.expression(column, reading)));
  if (calls.length < 2) return calls[0];
  const choices = readings.fitting.map((reading, at) => {
    return `${calls[at]} if ${JSON.stringify(readings.example)} is ${readings.value(reading)}`;
  });
  return choices.join(", or ");
}

/** For a date such as `"25.04.2024"` or `"4/25/2024 10:30"`; else how to write it by hand. @param received in quotes */
export function dateFix(column: string, received: string): string {
  return formatsFix(column, dateFormats(received.replace(/^"|"$/g, "")));
}

/** @param formats those that fit every cell; none: the format must be written by hand */
function formatsFix(column: string, formats: readonly string[]): string {
  const [first = "%d.%m.%Y", other] = formats;
  const call = derived(column, `strptime(${identifier(column)}, '${first}')`);
  if (formats.length === 0) return `${call}, with the format of the column`;
  return other === undefined ? call : `${call}, or '${other}' if the month is first`;
}

/** Why a column cannot be used as a feature directly, and how to make one of it. */
export interface ColumnFix {
  readonly what: string;
  readonly fix: string;
}

/**
 * For texts that are all numbers or dates under some reading, and for numbers that are not finite.
 * @param readings of all cells, of which `column` may be a sample
 */
export function columnFix(name: string, column: RawColumn, readings: NumberReadings): ColumnFix | null {
  if (column.kind === "number") {
    const isOdd = column.values.some((value, row) => !Number.isFinite(value) && column.valid?.[row] !== 0);
    return isOdd ? { what: "NaN or infinite in some rows", fix: finiteFix(name) } : null;
  }
  return column.kind === "text" ? wordsFix(name, usedWords(column), readings) : null;
}

/** @param texts some of those in `readings` */
export function wordsFix(name: string, texts: readonly string[], readings: NumberReadings): ColumnFix | null {
  const numbers = readingsFix(name, readings);
  if (numbers !== undefined) {
    const marks = readings.fitting.map((reading) => readings.describe(reading)).filter((text) => text !== "");
    return { what: `text of numbers${marks.length === 0 ? "" : ` with ${marks.join(", or with ")}`}`, fix: numbers };
  }
  const [first = [], ...others] = texts.map(dateFormats);
  const formats = first.filter((format) => others.every((each) => each.includes(format)));
  if (formats.length > 0) return { what: "text of dates", fix: formatsFix(name, formats) };
  if (first.length === 0 || others.some((each) => each.length === 0)) return null;
  const other = texts.find((text) => !first.some((format) => dateFormats(text).includes(format)))!;
  const both = `${JSON.stringify(texts[0])} and ${JSON.stringify(other)}`;
  return { what: `text of dates in more than one format, ${both}`, fix: "make it one" };
}

export function derived(column: string, expression: string): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(column) ? column : stringLiteral(column);
  return `await data.derive({ ${key}: ${stringLiteral(expression)} })`;
}

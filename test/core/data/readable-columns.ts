/** Columns of numbers as people write them, with the calls that read each. */
import { expect } from "vitest";
import { DataError } from "../../../src/core/errors/index.js";
import { random } from "../../../src/core/util/random.js";
import { type Dataset, suggestModel } from "../../../src/index.js";

export type Cell = string | null;

export type Row = { readonly x: Cell; readonly shop: string; readonly y: number };

/** Rows with the cells as column `x`, a column that is a feature in any case, and a label. */
export function rowsWith(cells: readonly Cell[]): Row[] {
  const source = random(3);
  return cells.map((x) => ({ x, shop: "abcde"[source.integer(5)]!, y: source.integer(2) }));
}

/** The cells, repeated for a first model. */
export function rowsOf(cells: readonly Cell[]): Row[] {
  return rowsWith(Array.from({ length: Math.ceil(60 / cells.length) }, () => cells).flat());
}

export async function reasonOf(data: Dataset, column = "x"): Promise<string> {
  const { columns } = await suggestModel(data, { labels: ["y"] });
  return columns.find((each) => each.column === column)!.reason;
}

export async function problemOf(work: Promise<unknown>): Promise<{ message: string; fix: string }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  const [{ message, fix = "" } = { message: "" }] = (error as DataError).problems;
  return { message, fix };
}

/** Types each `await data.derive(…)` of a text as it is, and returns the column's numbers of each. */
export async function typed(text: string, data: Dataset, column = "x"): Promise<unknown[][]> {
  const calls = text.match(/await data\.derive\(\{.*?" \}\)/g) ?? [];
  const results: unknown[][] = [];
  for (const call of calls) {
    const run = new Function("data", `return (async () => ${call})()`) as (data: Dataset) => Promise<Dataset>;
    const { table } = await run(data);
    expect(table.info(column)?.type).toBe("float");
    results.push(await table.column(column));
  }
  return results;
}

export const nonBreaking = "\u00a0";
export const narrow = "\u202f";

/** Cells, and the numbers of each reading that fits all of them. */
export const columns: readonly (readonly [
  what: string,
  cells: readonly Cell[],
  ...readings: readonly (readonly (number | null)[])[],
])[] = [
  ["a comma before three digits", ["2,240", "480", "-7,000"], [2240, 480, -7000], [2.24, 480, -7]],
  ["a comma, and a point elsewhere", ["2,240", "480.5"], [2240, 480.5]],
  ["a comma before two digits", ["2,24", "480"], [2.24, 480]],
  ["a comma before four digits", ["2,240", "1,2345"], [2.24, 1.2345]],
  ["a comma after a zero", ["0,240", "1,480"], [0.24, 1.48]],
  ["a comma after four digits", ["1234,567", "2,240"], [1234.567, 2.24]],
  ["two commas", ["1,234,567", "2,240"], [1234567, 2240]],
  ["commas and a point", ["1,234.50", "12", "-0.5"], [1234.5, 12, -0.5]],
  ["Indian groups", ["12,34,567", "2,240"], [1234567, 2240]],
  ["Indian groups and a point", ["1,23,456.50", "999", "-1,00,00,000"], [123456.5, 999, -1e7]],
  ["Indian groups and groups of three", ["12,34,567", "123,456"]],
  ["points and a comma", ["1.100,5", "890", "1.234"], [1100.5, 890, 1234]],
  ["two points", ["1.234.567", "12"], [1234567, 12]],
  ["two points, and one as decimal", ["1.234.567", "12.5"]],
  ["a comma in one cell, a point in another", ["1,234", "5.678"], [1234, 5.678], [1.234, 5678]],
  ["both orders of marks", ["1.234,50", "1,234.50"]],
  [
    "three kinds of blanks",
    ["1 234,5", `1${nonBreaking}234`, `-1${narrow}234${narrow}567,25`],
    [1234.5, 1234, -1234567.25],
  ],
  ["blanks and a point", ["1 234.5", "7"], [1234.5, 7]],
  ["blanks alone", ["1 234", "56"], [1234, 56]],
  ["blanks at the ends", [" 1,5 ", `2,5${nonBreaking}`, "3"], [1.5, 2.5, 3]],
  ["blanks at the ends of thousands", [" 1,234", "1,234.5 "], [1234, 1234.5]],
  ["apostrophes and a point", ["1'234.50", "1’234", "8"], [1234.5, 1234, 8]],
  ["apostrophes and a comma", ["1'234,50", "12'345'678"], [1234.5, 12345678]],
  ["one typographic apostrophe", ["1’234", "5"], [1234, 5]],
  ["signs", ["−1.234,5", "+2,5", "-3"], [-1234.5, 2.5, -3]],
  ["a minus sign alone", ["−1.5", "3"], [-1.5, 3]],
  ["a minus sign before three digits", ["−1.234", "3"], [-1.234, 3], [-1234, 3]],
  ["exponents", ["1,5E+03", "2,5e-2"], [1500, 0.025]],
  ["no digit before the comma", [",5", "-,25"], [0.5, -0.25]],
  ["empty cells", ["1,5", "", "  ", null, nonBreaking], [1.5, null, null, null, null]],
  ["a word", ["1,5", "unknown"]],
  ["NA", ["1,5", "NA"]],
  ["NaN", ["1,5", "nan"]],
  ["infinity", ["1,5", "inf"]],
  ["a number beyond float64", ["1,5", "1e999"]],
  ["a currency", ["$1,234.50", "$2", "-$3", "$-4"], [1234.5, 2, -3, -4]],
  ["a currency behind", ["1.234,50 €", "2,00 €", `−3,5${nonBreaking}€`], [1234.5, 2, -3.5]],
  ["a currency's code", ["USD 1,234.50", "USD 2"], [1234.5, 2]],
  ["a country's dollar", ["R$ 1.234,50", "R$ 2,5"], [1234.5, 2.5]],
  ["rupees", ["Rs. 12,34,567.50", "Rs. 40"], [1234567.5, 40]],
  ["a percent sign", ["1,5%", "2,5%", "12%"], [1.5, 2.5, 12]],
  ["a unit", ["5 kg", "12.5 kg", "1,000 kg"], [5, 12.5, 1000]],
  ["a unit without a blank", ["36months", "60months"], [36, 60]],
  ["a unit with a slash", ["50 km/h", "7.5 km/h"], [50, 7.5]],
  ["a unit and marks of two readings", ["2,240 m²", "480 m²"], [2240, 480], [2.24, 480]],
  ["accounts' parentheses", ["(1,234.50)", "17.25", "$8"]],
  ["accounts' parentheses and a currency", ["($1,234.50)", "$17.25"], [-1234.5, 17.25]],
  ["a currency in some cells", ["$5", "7"]],
  ["two units", ["5 kg", "200 g"]],
  ["percentages and shares", ["12%", "0.12"]],
  ["times of day", ["9 pm", "11 pm"]],
  ["codes with letters", ["ABC 12", "ABC 13"]],
  ["codes with letters behind", ["12A", "13B"]],
  ["lists of numbers", ["1,2,3", "4,5"]],
  ["a group of zeros first", ["0,001,234", "5"]],
  ["a group of two digits", ["1 23", "4"]],
  ["Indian groups of blanks", ["12 34 567", "4"]],
  ["a comma and a blank", ["1,234 567", "4"]],
  ["two separators in a number", ["1,234'567", "4"]],
  ["a comma at the end", ["5,", "6,5"]],
  ["two signs", ["--1,5", "6,5"]],
  ["points of a version", ["1.2.3", "1.10.0"]],
];

export const cases = columns.map(([what, cells, ...readings]) => ({ what, cells, readings }));

/** Columns of a CSV file that are numbers with separators, currency or unit: their reading and their values. */
import { DataError, type Problem } from "../../../errors/index.js";
import { listNames } from "../../../util/names.js";
import { decimalCell, kindOfCells, textCell, usualNulls } from "../../cell-classes.js";
import { dirtyCells, type WordCounts } from "../../dirty-cells.js";
import { type NumberReading, NumberReadings } from "../../number-readings.js";
import { type ColumnInfo, type NumberColumn, parsedColumn, rowsByKey, type TextColumn } from "../../table/column.js";
import { type CsvOptions, openingCall } from "./options.js";

/** How the texts of a column are read as numbers. */
export interface WrittenNumbers {
  readonly info: ColumnInfo;
  readonly parse: (column: TextColumn) => NumberColumn;
}

interface Request {
  /** The source, as the caller named it. */
  readonly opened: string | readonly string[];
  readonly path: string;
  readonly names: readonly string[];
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: readonly number[];
  readonly options: CsvOptions;
  /** The texts of a column, in parts. */
  readonly texts: (index: number) => AsyncIterable<TextColumn>;
}

/** By place: the columns that `types`, `decimal` or `thousands` make numbers, and notes on those that they do not. */
export async function writtenNumbers(
  request: Request,
): Promise<{ columns: ReadonlyMap<number, WrittenNumbers>; notes: readonly string[] }> {
  const { names, classes, options } = request;
  const { types = {}, decimal, thousands } = options;
  const isStated = decimal !== undefined || thousands !== undefined;
  const columns = new Map<number, WrittenNumbers>();
  const [problems, notes]: [Problem[], string[]] = [[], []];
  for (const [index, name] of names.entries()) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    const bits = classes[index]!;
    const isText = kindOfCells(bits) === "text";
    const isAsked = type === "number" ? isText || isStated : isStated && type === undefined;
    if (!isAsked || (bits & (textCell | decimalCell)) === 0) continue;
    const readings = await weighedColumn(request, index);
    const [first, ...others] = readings.fitting;
    if (first !== undefined && others.length === 0) columns.set(index, numbersOf(name, readings, first));
    else if (first !== undefined) problems.push(twoReadings(request, name, readings));
    else if (type === "number" && isText) problems.push(await noReading(request, index));
    else if (!isText)
      notes.push(`column "${name}": its numbers do not have the stated marks, and keep their decimal point`);
  }
  if (problems.length > 0) throw new DataError(problems);
  return { columns, notes };
}

async function weighedColumn(request: Request, index: number): Promise<NumberReadings> {
  const readings = new NumberReadings(request.options);
  for await (const { words } of request.texts(index)) readings.add(words.filter((word) => !isMissing(word, request)));
  return readings;
}

function isMissing(word: string, { options: { nulls = [] } }: Request): boolean {
  return usualNulls.includes(word.trim()) || nulls.includes(word.trim());
}

/** The cells of a column that have a value. */
async function countedWords(request: Request, index: number): Promise<WordCounts> {
  const counts = new Map<string, number>();
  for await (const part of request.texts(index)) {
    for (const [code, rows] of rowsByKey(part)) {
      const word = part.words[code]!;
      if (!isMissing(word, request)) counts.set(word, (counts.get(word) ?? 0) + rows);
    }
  }
  return counts;
}

function numbersOf(name: string, readings: NumberReadings, reading: NumberReading): WrittenNumbers {
  const type = readings.isWhole ? "integer" : "float";
  const number = (word: string): number => readings.value(reading, word);
  return {
    info: { name, type, sourceType: "DOUBLE" },
    parse: ({ codes, words }) => {
      const values = words.map(number);
      // Blank cells and usual texts for a missing value are no numbers.
      return parsedColumn(
        { kind: "text", words, codes: codes.map((code) => (Number.isNaN(values[code]) ? -1 : code)) },
        type,
        number,
      );
    },
  };
}

function twoReadings({ opened, path, options }: Request, name: string, readings: NumberReadings): Problem {
  const calls = readings.fitting.map((reading) => {
    const { decimal, thousands } = reading;
    const call = openingCall(opened, { ...options, decimal, thousands });
    return `${call} if ${JSON.stringify(readings.example)} is ${readings.value(reading)}`;
  });
  return {
    path: `${path}: column "${name}"`,
    message: "its numbers can be read in two ways",
    received: JSON.stringify(readings.example),
    expected: "marks that say which",
    fix: calls.join(", or "),
  };
}

async function noReading(request: Request, index: number): Promise<Problem> {
  const { opened, path, options } = request;
  const name = request.names[index]!;
  const counts = await countedWords(request, index);
  const dirty = dirtyCells(name, counts);
  const odd = dirty === null || dirty.kind !== "numbers" ? [] : dirty.odd;
  const nulls = [...(options.nulls ?? []), ...odd];
  const isShort = odd.length > 0 && odd.length <= mostNulls;
  return {
    path: `${path}: column "${name}"`,
    message: "not every cell is a number, in one way of writing and with one currency or unit",
    received: listNames(odd.length > 0 ? odd : [...counts.keys()].slice(0, 3)),
    expected: "such as 1,234.50, 1.234,50, $5 or 12%",
    fix: isShort
      ? `if these cells mean "no value": ${openingCall(opened, { ...options, nulls })}; else remove the column from types`
      : `remove the column from types${dirty === null ? "" : `, then ${dirty.fix}`}`,
  };
}

/** More are not listed in a call. */
const mostNulls = 12;

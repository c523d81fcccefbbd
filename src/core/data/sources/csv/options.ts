/** Options of CSV files: how calls and the command line write them, and which are valid. */
import { DataError, type Problem } from "../../../errors/index.js";
import { shellWord, stringLiteral } from "../../../util/code-text.js";
import { didYouMean, listNames } from "../../../util/names.js";
import { count } from "../../../util/text.js";
import { classOfCell, decimalCell, kindOfCells, largeCell, oddCell, textCell, wholeCell } from "../../cell-classes.js";
import { numbersFix } from "../../column-fixes.js";
import type { Mark } from "../../number-readings.js";
import { isEncoding } from "./encoding.js";

/** How the values of a CSV column are read. */
export type CsvType = "text" | "integer" | "float" | "number";

/** How CSV files are written, if their first lines do not show it. */
export interface CsvOptions {
  /** Whether the first line has the column names. Default: `true`, unless `names` are set or it looks like a row. */
  readonly header?: boolean | undefined;
  /** The column names, in order: for files without a header, or to replace the header's names (with `header: true`). */
  readonly names?: readonly string[] | undefined;
  /** Between fields, such as `"\t"` or `"::"`. Default: the one of `,` `, ` tab `;` `|` `::` that splits the lines. */
  readonly separator?: string | undefined;
  /**
   * Texts that mean "no value" in every column, in addition to the empty cell. In columns of numbers, times and
   * booleans `NA`, `N/A`, `n/a`, `NULL`, `null`, `None`, `\N` and `?` always do, and a note reports them; in columns of
   * text they are values unless they are listed here.
   */
  readonly nulls?: readonly string[] | undefined;
  /**
   * The encoding of the text: `"utf-8"`, `"latin-1"`, `"utf-16"`, or another label of the WHATWG standard such as
   * `"windows-1252"` or `"gb18030"`. Default: UTF-16 if the file starts with its byte order mark, else UTF-8.
   */
  readonly encoding?: string | undefined;
  /**
   * The decimal mark of all columns of numbers. If it or `thousands` is set, each column whose cells all fit is one of
   * numbers, optionally with a currency, a percent sign or a unit, which are left out. Default: a point, without thousands.
   */
  readonly decimal?: "." | "," | undefined;
  /** The mark between thousands: a comma, point, blank (of any kind) or apostrophe; Indian groups are allowed. */
  readonly thousands?: Mark | undefined;
  /**
   * Types of columns by name; the cells decide the others. `"text"` keeps numbers as written; `"number"` also takes marks
   * between thousands, a decimal comma, a currency, a percent sign or a unit, one reading for all cells of the column.
   */
  readonly types?: Readonly<Record<string, CsvType>> | undefined;
}

export interface CsvReading extends CsvOptions {
  /** The minimum size, in bytes, of files read by threads. Default: 1 MiB. */
  readonly threadsFrom?: number;
  /** Bytes that a thread reads at a time. Default: 4 MiB. */
  readonly rangeBytes?: number;
  /** Cache the scan of large files. Default: `true`. */
  readonly cache?: boolean;
  /** The minimum size, in bytes, for the cache. Default: 32 MiB. */
  readonly keptFrom?: number;
  readonly signal?: AbortSignal | undefined;
}

/** How the options are written on the command line, in the order of calls. */
const flags: { readonly [Key in keyof CsvOptions]-?: (value: NonNullable<CsvOptions[Key]>) => string } = {
  // The text uses JSON's escapes.
  separator: (text) => `--separator ${shellWord(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'))}`,
  header: (isPresent) => (isPresent ? "--header" : "--no-header"),
  names: (names) => `--names ${shellWord(names.join(","))}`,
  nulls: (nulls) => `--nulls ${shellWord(nulls.join(","))}`,
  encoding: (encoding) => `--encoding ${shellWord(encoding)}`,
  decimal: (mark) => `--decimal ${shellWord(mark)}`,
  thousands: (mark) => `--thousands ${shellWord(mark)}`,
  types: (types) =>
    `--types ${shellWord(
      Object.entries(types)
        .map((entry) => entry.join("="))
        .join(","),
    )}`,
};

function setOptions(options: CsvOptions): [keyof CsvOptions, NonNullable<CsvOptions[keyof CsvOptions]>][] {
  const keys = Object.keys(flags) as (keyof CsvOptions)[];
  return keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]]));
}

/** The call and the flags that open files with these options, for the fix of an error. */
export function openingFix(opened: string | readonly string[], options: CsvOptions): string {
  const words = setOptions(options).map(([key, value]) => (flags[key] as (option: typeof value) => string)(value));
  return `${openingCall(opened, options)}, or ${words.join(" ")} on the command line`;
}

export function openingCall(opened: string | readonly string[], options: CsvOptions): string {
  const code = setOptions(options).map(([key, value]) => `${key}: ${valueCode(value)}`);
  return `dataset(${valueCode(opened)}, { ${code.join(", ")} })`;
}

function valueCode(value: CsvOptions[keyof CsvOptions]): string {
  if (typeof value === "string") return stringLiteral(value);
  if (Array.isArray(value)) return `[${value.map(stringLiteral).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).map(([name, type]) => `${stringLiteral(name)}: ${stringLiteral(type)}`);
  return `{ ${entries.join(", ")} }`;
}

export function saysCsv(options: CsvOptions): boolean {
  return setOptions(options).length > 0;
}

export function misplacedOptions(path: string, received: string): DataError {
  const message = "header, names, separator, nulls, encoding, decimal, thousands and types are options of CSV files";
  return new DataError({ path, message, received, expected: "CSV files", fix: "remove these options" });
}

type OptionRule = Readonly<{ accepts: (value: unknown) => boolean; message: string; expected?: string }>;

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");

const rules: Readonly<Record<Exclude<keyof CsvOptions, "types">, OptionRule>> = {
  header: { accepts: (value) => typeof value === "boolean", message: "must be true or false" },
  names: {
    accepts: (value) =>
      isTexts(value) && value.length > 0 && value.every((name) => name.trim() !== "" && !name.includes("\0")),
    message: "must be a list of column names",
    expected: 'such as ["user_id", "clk"]',
  },
  separator: {
    // A quote or a line end cannot separate.
    accepts: (value) => typeof value === "string" && /^[^"\r\n\0\x80-\uffff]{1,4}$/.test(value),
    message: "not a valid separator",
    expected: "one to four ASCII characters, without quotes and line ends",
  },
  nulls: { accepts: isTexts, message: "must be a list of texts", expected: 'such as ["NA"]' },
  decimal: {
    accepts: (value) => value === "." || value === ",",
    message: "not a decimal mark",
    expected: '"." or ","',
  },
  thousands: {
    accepts: (value) => typeof value === "string" && [",", ".", " ", "'"].includes(value),
    message: "not a mark between thousands",
    expected: '",", ".", " " or "\'"',
  },
  encoding: {
    accepts: (value) => typeof value === "string" && isEncoding(value),
    message: "not a known encoding",
    expected: '"utf-8", "latin-1", "utf-16" or a label of the WHATWG standard, such as "windows-1252"',
  },
};

const csvTypes: readonly CsvType[] = ["text", "integer", "float", "number"];

export function assertCsvOptions(options: CsvOptions): void {
  const { names, types, decimal, thousands } = options;
  const problems = Object.entries(rules).flatMap(([path, { accepts, message, expected }]): Problem[] => {
    const value = options[path as keyof typeof rules];
    if (value === undefined || accepts(value)) return [];
    return [{ path, message, received: JSON.stringify(value), expected }];
  });
  if (names !== undefined && rules.names.accepts(names)) problems.push(...repeatProblems("names", names));
  if (decimal !== undefined && decimal === thousands) {
    const [is, other] = [JSON.stringify(decimal), JSON.stringify(decimal === "." ? "," : ".")];
    problems.push({
      path: "decimal",
      message: "is the mark between thousands, too",
      received: is,
      fix: `thousands: ${is} and decimal: ${other}, or the reverse`,
    });
  }
  const isObject = typeof types === "object" && types !== null;
  for (const [name, type] of isObject ? Object.entries(types) : [[null, types] as const]) {
    if (types === undefined || csvTypes.includes(type as CsvType)) continue;
    problems.push({
      path: name === null ? "types" : `types["${name}"]`,
      message: "not a type of a CSV column",
      received: JSON.stringify(type),
      expected: '"text", "integer", "float" or "number"',
    });
  }
  if (problems.length > 0) throw new DataError(problems);
}

/** A problem for each repeated name: DuckDB ignores letter case. */
export function repeatProblems(path: string, names: readonly string[]): Problem[] {
  const firsts = new Map<string, string>();
  const repeated = new Map<string, string>();
  for (const name of names) {
    const first = firsts.get(name.toLowerCase());
    if (first === undefined) firsts.set(name.toLowerCase(), name);
    else repeated.set(name, first);
  }
  return [...repeated].map(([name, first]) => {
    const other = first === name ? "" : ` (first as "${first}"; letter case is ignored)`;
    return { path, message: `duplicate column "${name}"${other}`, fix: "give each column a different name" };
  });
}

/** The bits of the columns with the caller's types; `null`: a type does not fit, or its column does not exist. */
export function typedClasses(
  names: readonly string[],
  classes: readonly number[],
  types: NonNullable<CsvOptions["types"]>,
): number[] | null {
  const typed = [...classes];
  const places = new Map(names.map((name, index) => [name, index]));
  for (const [name, type] of Object.entries(types)) {
    const place = places.get(name);
    if (place === undefined) return null;
    const bits = typed[place]!;
    const kind = kindOfCells(bits);
    if (type === "number") continue;
    if (type === "text") typed[place] = bits | textCell;
    else if (bits !== 0 && (kind === "text" || (kind === "float" && type === "integer"))) return null;
    else if (type === "float") typed[place] = bits | decimalCell;
  }
  return typed;
}

/** The problems of the caller's types. @param column returns the texts of a column */
export async function typeProblems(
  source: string,
  names: readonly string[],
  classes: readonly number[],
  options: CsvOptions,
  column: (index: number) => AsyncIterable<string | null>,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, type] of Object.entries(options.types ?? {})) {
    const path = `${source}: column "${name}"`;
    const index = names.indexOf(name);
    if (index < 0) {
      const fix = didYouMean(name, names) ?? "remove it from types";
      problems.push({ path, message: "types names a column that does not exist", received: listNames(names), fix });
    } else if (typedClasses(names, classes, { [name]: type }) === null) {
      const cells = await otherCells(column(index), type);
      const nulls = [...(options.nulls ?? []), ...cells.map(([text]) => text)];
      const numbers = await numbersFix(name, () => filled(column(index)));
      problems.push({
        path,
        message: `not every cell is ${type === "integer" ? "a whole number" : "a number"}`,
        received: cells.map(([text, cells]) => `${JSON.stringify(text)} (${count(cells, "cell")})`).join(", "),
        fix:
          numbers === undefined
            ? `if these cells mean "no value": ${openingCall(source, { ...options, nulls })}; else remove the column from types`
            : `remove the column from types, then ${numbers}`,
      });
    }
  }
  return problems;
}

async function* filled(texts: AsyncIterable<string | null>): AsyncGenerator<readonly string[]> {
  for await (const text of texts) if (text !== null) yield [text];
}

async function otherCells(texts: AsyncIterable<string | null>, type: CsvType): Promise<[string, number][]> {
  const numbers = wholeCell | oddCell | largeCell | (type === "float" ? decimalCell : 0);
  const counts = new Map<string, number>();
  for await (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .filter(([text]) => (classOfCell(text) & numbers) === 0)
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, 3);
}

const shownNotes = 6;

export function nullNotes(
  marked: readonly (readonly [name: string, marks: readonly (readonly [text: string, cells: number])[]])[],
): string[] {
  const notes = marked.map(([name, marks]) => {
    const cells = marks.map(([text, cells]) => `${JSON.stringify(text)} in ${count(cells, "row")}`);
    return `column "${name}": ${cells.join(", ")} is read as missing; types: { ${JSON.stringify(name)}: "text" } keeps it as text`;
  });
  if (notes.length <= shownNotes) return notes;
  return [...notes.slice(0, shownNotes), `${notes.length - shownNotes} more columns have such texts, read as missing`];
}

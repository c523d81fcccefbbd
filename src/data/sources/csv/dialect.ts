/** Determines how a CSV file is written: separator, header and column names. */
import { DataError, type Problem } from "../../../errors/index.js";
import { count, grouped } from "../../../util/text.js";
import {
  headerlessNote,
  lookedRecords,
  markNotes,
  namingNotes,
  refuseAnotherKind,
  refuseLinesAbove,
  seemsHeader,
  seemsHeaderless,
  separatorNotes,
} from "./first-lines.js";
import { foundSeparator, type Head, mostFields, readHead, splitRecords, unusualSeparator } from "./head.js";
import { type CsvOptions, openingFix, repeatProblems } from "./options.js";

/** How a file is written. */
export interface Dialect {
  readonly separator: string;
  /** Whether the first record contains names. */
  readonly header: boolean;
  /** The column names in the file's order. */
  readonly names: readonly string[];
  /** Whether the names only count the columns. */
  readonly isNumbered: boolean;
  /** Notes about the names. */
  readonly notes: readonly string[];
}

/**
 * Throws a DataError with all problems of the first lines.
 * @param opened the opened source, for the calls in suggested fixes
 */
export async function readDialect(
  file: string,
  options: CsvOptions,
  opened: string | readonly string[] = file,
): Promise<Dialect> {
  const head = await readHead(file);
  refuseAnotherKind(file, head, options, opened);
  if (options.header === undefined && options.names === undefined) refuseLinesAbove(file, head);
  const separator = options.separator ?? chooseSeparator(file, head, opened);
  const [first = [], ...rest] = splitRecords(head, separator, 1 + lookedRecords);
  if (first.some((field) => field.includes("\0"))) {
    throw new DataError({
      path: `${file}: line 1`,
      message: "the first line contains a zero byte, so this is not a text file",
      fix: `if it is text in UTF-16: ${openingFix(opened, { ...options, encoding: "utf-16" })}`,
    });
  }
  if (first.length > mostFields) {
    throw new DataError({
      path: `${file}: line 1`,
      message: "the line has too many fields",
      received: `more than ${grouped(mostFields)}`,
      expected: `at most ${grouped(mostFields)} columns`,
      fix: "check that the first line contains the names of the columns",
    });
  }
  const reason = options.names === undefined && options.header === undefined ? seemsHeaderless(first, rest) : null;
  const header = options.header ?? (options.names === undefined && reason === null);
  const problems = namesProblems(`${file}: line 1`, opened, options, first, rest);
  if (problems.length > 0) throw new DataError(problems);
  const names = options.names ?? (header ? headerNames(first) : first.map((_, column) => `column_${column + 1}`));
  const repeated = repeatProblems(`${file}: line 1`, names);
  if (repeated.length > 0) throw new DataError(repeated);
  const isNumbered = options.names === undefined && !header;
  const notes = [
    ...(options.separator === undefined ? separatorNotes(separator) : []),
    ...(reason === null ? [] : [headerlessNote(reason, names, opened, options)]),
    ...(options.names === undefined && header ? namingNotes(first, names) : []),
    ...markNotes(header ? rest : [first, ...rest], names, opened, options),
  ];
  return { separator, header, names, isNumbered, notes };
}

/** How to open a text file whose name does not reveal its format. */
export async function fixFor(file: string): Promise<string> {
  const head = await readHead(file);
  const separator = foundSeparator(head) ?? unusualSeparator(head) ?? ",";
  return openingFix(file, { separator, ...headerless(head, separator) });
}

/** Throws a DataError if a separator that must be named explicitly splits the lines. */
function chooseSeparator(file: string, head: Head, opened: string | readonly string[]): string {
  const detectedSeparator = foundSeparator(head);
  if (detectedSeparator !== null) return detectedSeparator;
  const separator = unusualSeparator(head);
  if (separator === null) return ",";
  const [header = []] = splitRecords(head, separator, 1);
  const fix = openingFix(opened, { separator, ...headerless(head, separator) });
  throw new DataError({
    path: `${file}: line 1`,
    message: `the fields seem to be separated by ${JSON.stringify(separator)}`,
    received: `${header.length} fields in each line`,
    expected: 'fields separated by ",", "\\t", ";" or "|", or by an explicit separator',
    fix: `${fix}; if the file has one column only: ${openingFix(opened, { separator: "," })}`,
  });
}

/** Whether the first line seems to contain values despite `header`. */
function headerless(head: Head, separator: string): CsvOptions {
  const [first = [], ...rest] = splitRecords(head, separator, 1 + lookedRecords);
  return seemsHeaderless(first, rest) === null ? {} : { header: false };
}

/** Names as written in a header; a column without one (a data frame's index) is named by its position. */
function headerNames(first: readonly string[]): string[] {
  return first.map((name, column) => name.trim() || `column${column}`);
}

/** Names that the caller sets for a file whose first line seems to contain names too, or has another width. */
function namesProblems(
  path: string,
  opened: string | readonly string[],
  options: CsvOptions,
  first: readonly string[],
  rest: readonly (readonly string[])[],
): Problem[] {
  const { names, header } = options;
  if (names === undefined) return [];
  const problems: Problem[] = [];
  if (header === undefined && seemsHeader(first, rest)) {
    const withHeader = openingFix(opened, { ...options, header: true });
    const without = openingFix(opened, { ...options, header: false });
    problems.push({
      path,
      received: excerpt(first),
      message: "names are set, and the first line seems to contain names too",
      expected: "a file without a header",
      fix: `to replace the header's names: ${withHeader}; if the line is a row: ${without}`,
    });
  }
  if (names.length !== first.length) {
    problems.push({
      path,
      message: "the number of fields in the line differs from the number of names",
      received: count(first.length, "field"),
      expected: `${names.length}: ${excerpt(names)}`,
      fix: "pass a name for each field, and the separator of the fields",
    });
  }
  return problems;
}

function excerpt(fields: readonly string[]): string {
  const text = fields.join(", ");
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

/** How one CSV file is written: its separator, its header and its columns' names. */
import { DataError, type Problem } from "../../../errors/index.js";
import { grouped } from "../../../util/text/format.js";
import { refuseAnotherKind } from "./bytes/another-kind.js";
import { compressionOf } from "./bytes/text-bytes.js";
import { type Head, readHead } from "./head.js";
import { lookedRecords, seemsHeader, seemsHeaderless } from "./headerless.js";
import { type CsvOptions, openingFix, repeatedMessage, repeatedNames } from "./options.js";
import { mostFields, recordsOf } from "./records.js";
import { unusualSeparator, usualSeparator } from "./separator.js";

/** How a file is written. */
export interface Dialect {
  readonly separator: string;
  /** The first record holds names. */
  readonly header: boolean;
  /** Of the columns, in the file's order. */
  readonly names: readonly string[];
  /** What is worth knowing of the names. */
  readonly notes: readonly string[];
  /** Empty lines before the first record. */
  readonly emptyLines: number;
  /** Bytes before the first row, if that is all that may be known of a file whose lines are rows; `null`: it may not. */
  readonly plainStart: number | null;
}

/**
 * Throws a DataError with everything that is wrong with the first lines.
 *
 * @param opened what the caller opened, for the calls that fix it
 */
export async function dialectOf(
  file: string,
  options: CsvOptions,
  opened: string | readonly string[] = file,
): Promise<Dialect> {
  const head = await readHead(file);
  refuseAnotherKind(file, head, options, opened);
  const separator = options.separator ?? separatorOf(file, head, opened);
  const [first = [], ...rest] = recordsOf(head.text, separator, 1 + lookedRecords, head.whole).records;
  if (first.some((field) => field.includes("\0"))) throw notText(file);
  if (first.length > mostFields) throw tooWide(file);
  const header = options.header ?? options.names === undefined;
  const look = { file, opened, options, first, rest };
  const problems = [...(options.header === undefined ? headerDoubt(look, header) : []), ...countProblems(look)];
  if (problems.length > 0) throw new DataError(problems);
  const names = options.names ?? (header ? headerNames(first) : first.map((_, column) => `column_${column + 1}`));
  const repeated = repeatedNames(names).map(({ name, first: before }) => ({
    path: `${file}: line 1`,
    message: repeatedMessage(name, before),
    fix: "give every column a name of its own",
  }));
  if (repeated.length > 0) throw new DataError(repeated);
  const emptyLines = /^(?:\r\n|\n|\r)*/.exec(head.text)?.[0].match(/\r\n|\n|\r/g)?.length ?? 0;
  const plainStart = compressionOf(file) !== null || emptyLines > 0 ? null : rowsStart(head, header);
  const notes = options.names === undefined && header ? namingNotes(first, names) : [];
  return { separator, header, names, notes, emptyLines, plainStart };
}

/** How to open a text file whose name does not say what it is. */
export async function fixFor(file: string): Promise<string> {
  const head = await readHead(file);
  const separator = usualSeparator(head) ?? unusualSeparator(head) ?? ",";
  return openingFix(file, { separator, ...headerless(head, separator) });
}

/** Throws a DataError where a separator that has to be named cuts the lines. */
function separatorOf(file: string, head: Head, opened: string | readonly string[]): string {
  const found = usualSeparator(head);
  if (found !== null) return found;
  const separator = unusualSeparator(head);
  if (separator === null) return ",";
  const [header = []] = recordsOf(head.text, separator, 1, head.whole).records;
  const fix = openingFix(opened, { separator, ...headerless(head, separator) });
  throw new DataError({
    path: `${file}: line 1`,
    message: `the fields seem to be separated by ${JSON.stringify(separator)}`,
    received: `${header.length} fields in each line`,
    expected: 'fields separated by ",", "\\t", ";" or "|", or by a separator that is named',
    fix: `${fix}; if the file has one column only: ${openingFix(opened, { separator: "," })}`,
  });
}

/** `header: false` where the first line seems to hold values. */
function headerless(head: Head, separator: string): CsvOptions {
  const [first = [], ...rest] = recordsOf(head.text, separator, 1 + lookedRecords, head.whole).records;
  return seemsHeaderless(first, rest) === null ? {} : { header: false };
}

/** Bytes before the first row; `null` where the header is not an ordinary line that ends in `\n` or `\r\n`. */
function rowsStart({ text, markBytes }: Head, header: boolean): number | null {
  if (!header) return markBytes;
  const line = text.slice(0, text.indexOf("\n") + 1);
  const quotes = line.match(/"/g)?.length ?? 0;
  const ordinary = /^[^\r\n\ufffd]+\r?\n$/.test(line) && quotes % 2 === 0;
  return ordinary ? markBytes + Buffer.byteLength(line, "utf8") : null;
}

/** Names as they stand in a header; a column without one (a data frame's index) is called by its place. */
function headerNames(first: readonly string[]): string[] {
  return first.map((name, column) => name.trim() || `column${column}`);
}

function namingNotes(first: readonly string[], names: readonly string[]): string[] {
  return first.flatMap((field, column) =>
    field.trim() === "" ? [`column ${column + 1} has no name in the header: it is called "${names[column]}"`] : [],
  );
}

/** The first lines of a file, and how it is opened. */
interface Look {
  readonly file: string;
  readonly opened: string | readonly string[];
  readonly options: CsvOptions;
  readonly first: readonly string[];
  readonly rest: readonly (readonly string[])[];
}

function headerDoubt({ file, opened, options, first, rest }: Look, header: boolean): Problem[] {
  const withHeader = openingFix(opened, { ...options, header: true });
  const without = openingFix(opened, { ...options, header: false });
  const shown = { path: `${file}: line 1`, received: excerpt(first) };
  if (!header) {
    if (!seemsHeader(first, rest)) return [];
    return [
      {
        ...shown,
        message: "names are given, and the first line seems to hold names as well",
        expected: "a file without a header",
        fix: `to replace the header's names: ${withHeader}; if the line is a row: ${without}`,
      },
    ];
  }
  const reason = seemsHeaderless(first, rest);
  if (reason === null) return [];
  return [
    {
      ...shown,
      message: `the file seems to have no header: ${reason}`,
      expected: "a line of column names",
      fix: `${without}, and with names to name the columns; if the line does hold names: ${withHeader}`,
    },
  ];
}

function countProblems({ file, options, first }: Look): Problem[] {
  if (options.names === undefined || options.names.length === first.length) return [];
  return [
    {
      path: `${file}: line 1`,
      message: "the line does not have as many fields as there are names",
      received: `${first.length} ${first.length === 1 ? "field" : "fields"}`,
      expected: `${options.names.length}: ${excerpt(options.names)}`,
      fix: "give a name for each field, and the separator of the fields",
    },
  ];
}

function excerpt(fields: readonly string[]): string {
  const text = fields.join(", ");
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function notText(file: string): DataError {
  return new DataError({
    path: `${file}: line 1`,
    message: "the first line holds a zero byte: this is no text file",
    fix: "if it is text in UTF-16, save it as UTF-8, for example with iconv",
  });
}

function tooWide(file: string): DataError {
  return new DataError({
    path: `${file}: line 1`,
    message: "the line has too many fields",
    received: `more than ${grouped(mostFields)}`,
    expected: `at most ${grouped(mostFields)} columns`,
    fix: "check that the first line holds the names of the columns",
  });
}

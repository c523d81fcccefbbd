/** Determines how a CSV file is written, from its first lines: separator, header and column names. */
import path from "node:path";
import { DataError, type Problem } from "../../../errors/index.js";
import { shellWord, stringLiteral } from "../../../util/code-text.js";
import { getOrMake } from "../../../util/growing.js";
import { clipped, count, grouped } from "../../../util/text.js";
import { classOfCell, textCell, usualNulls } from "../../cell-classes.js";
import { literal } from "../names.js";
import { shortList } from "../one-table.js";
import { detectCompression } from "./bytes.js";
import { encodingOf, utf8Bytes } from "./encoding.js";
import { type CsvOptions, openingCall, openingFix, repeatProblems, saysCsv } from "./options.js";
import { afterLineEnd, Splitter, separatorKind, unescaped } from "./split.js";

export interface Dialect {
  /** `null`: UTF-8. */
  readonly encoding: string | null;
  readonly separator: string;
  readonly header: boolean;
  readonly names: readonly string[];
  /** Whether the names are only numbers of columns. */
  readonly isNumbered: boolean;
  readonly notes: readonly string[];
}

/** A file that is opened, with the whole source for the calls in fixes. */
interface Opening {
  readonly file: string;
  readonly opened: string | readonly string[];
  readonly options: CsvOptions;
}

type Records = readonly (readonly string[])[];

/** Throws a DataError with all problems of the first lines. @param opened the source, for calls in fixes */
export async function readDialect(
  file: string,
  options: CsvOptions,
  opened: string | readonly string[] = file,
): Promise<Dialect> {
  const opening = { file, opened, options };
  const line = `${file}: line 1`;
  const encoding = await encodingOf(file, options.encoding);
  const head = await readHead(file, encoding);
  refuseAnotherKind(opening, head);
  const isUnstated = options.header === undefined && options.names === undefined;
  if (isUnstated) refuseLinesAbove(file, head);
  const separator = options.separator ?? chooseSeparator(opening, head);
  const [first = [], ...rest] = splitRecords(head, separator, 1 + lookedRecords);
  if (first.some((field) => field.includes("\0"))) {
    throw new DataError({
      path: line,
      message: "the first line contains a zero byte, so this is not a text file",
      fix: `if it is text in UTF-16: ${openingFix(opened, { ...options, encoding: "utf-16" })}`,
    });
  }
  if (first.length > mostFields) {
    throw new DataError({
      path: line,
      message: "the line has too many fields",
      received: `more than ${grouped(mostFields)}`,
      expected: `at most ${grouped(mostFields)} columns`,
      fix: "check that the first line contains the names of the columns",
    });
  }
  const reason = isUnstated ? seemsHeaderless(first, rest) : null;
  const header = options.header ?? (options.names === undefined && reason === null);
  const problems = namesProblems(opening, first, rest);
  if (problems.length > 0) throw new DataError(problems);
  // A column without a name in the header (a data frame's index) is named by its position.
  const written = first.map((name, column) => (header ? name.trim() || `column${column}` : `column_${column + 1}`));
  const names = options.names ?? written;
  const repeated = repeatProblems(line, names);
  if (repeated.length > 0) throw new DataError(repeated);
  const isNumbered = options.names === undefined && !header;
  const notes = [
    ...(options.separator === undefined ? separatorNotes(separator) : []),
    ...(reason === null ? [] : [headerlessNote(opening, reason, names)]),
    ...(options.names === undefined && header ? namingNotes(first, names) : []),
    ...markNotes(opening, header ? rest : [first, ...rest], names),
  ];
  return { encoding, separator, header, names, isNumbered, notes };
}

export async function fixFor(file: string): Promise<string> {
  const head = await readHead(file, await encodingOf(file, undefined));
  const separator = foundSeparator(head) ?? unusualSeparator(head) ?? ",";
  return openingFix(file, { separator, ...headerless(head, separator) });
}

function chooseSeparator({ file, opened }: Opening, head: Head): string {
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

function headerless(head: Head, separator: string): CsvOptions {
  const [first = [], ...rest] = splitRecords(head, separator, 1 + lookedRecords);
  return seemsHeaderless(first, rest) === null ? {} : { header: false };
}

function namesProblems({ file, opened, options }: Opening, first: readonly string[], rest: Records): Problem[] {
  const { names, header } = options;
  const path = `${file}: line 1`;
  if (names === undefined) return [];
  const problems: Problem[] = [];
  if (header === undefined && seemsHeader(first, rest)) {
    const withHeader = openingFix(opened, { ...options, header: true });
    const without = openingFix(opened, { ...options, header: false });
    problems.push({
      path,
      received: clipped(first.join(", ")),
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
      expected: `${names.length}: ${clipped(names.join(", "))}`,
      fix: "pass a name for each field, and the separator of the fields",
    });
  }
  return problems;
}

/** No CSV file starts like this. Bytes that are not UTF-8 are `\ufffd` here. */
const otherFormats: readonly (readonly [begins: string, message: string, fix: string])[] = [
  ["\x1f\ufffd\b", "the file is compressed with gzip", "rename it to end in .gz"],
  ["(\ufffd/\ufffd", "the file is compressed with Zstandard", "rename it to end in .zst"],
  ["PK\x03\x04", "the file is a ZIP archive", "unpack it"],
  ["PAR1", "the file is Parquet", "rename it to end in .parquet"],
  ["\ufffd\ufffd\0\0", "the file is text in UTF-32", saveFix("UTF-32")],
  ["\0\0\ufffd\ufffd", "the file is text in UTF-32", saveFix("UTF-32")],
  ["\ufffd\ufffd", "the file is text in UTF-16", saveFix("UTF-16")],
];

function saveFix(encoding: string): string {
  return `save it as UTF-8, for example with iconv -f ${encoding} -t UTF-8`;
}

/** A CSV file may start like this if the caller says that it is CSV. */
const likelyFormats: readonly (readonly [begins: RegExp, message: string, fix: (file: string) => string])[] = [
  [/^\s*<(!doctype html|html|head|\?xml)\b/i, "the file seems to be a web page", () => "download the file itself"],
  [
    /^\s*(\[\s*)?\{\s*"/,
    "the file seems to be JSON",
    (file) => `dataset.sql(${JSON.stringify(`select * from read_json(${literal(file)})`)})`,
  ],
  [
    /^"?sep=.?"?(\r|\n|$)/i,
    "the first line names the separator for a spreadsheet program, not the columns",
    () => "remove the first line",
  ],
];

function refuseAnotherKind({ file, opened, options }: Opening, { bytes }: Head): void {
  const text = bytes.toString("utf8");
  const [, other, rename] = otherFormats.find(([begins]) => text.startsWith(begins)) ?? [];
  if (other !== undefined) throw new DataError({ path: file, message: other, fix: rename });
  const [, message, fix] = (saysCsv(options) ? undefined : likelyFormats.find(([begins]) => begins.test(text))) ?? [];
  if (message === undefined) return;
  throw new DataError({
    path: `${file}: line 1`,
    message,
    received: text.slice(0, 40).split(/[\r\n]/)[0] ?? "",
    expected: "a line of column names",
    fix: `${fix?.(file)}; if the line does contain names: ${openingFix(opened, { header: true })}`,
  });
}

const recordsLookedAbove = 20;
const comment = /^\s*(?:#|\/\/|%|--)/;

function refuseLinesAbove(file: string, head: Head): void {
  for (const separator of usualSeparators) {
    const records = splitRecords(head, separator, recordsLookedAbove);
    const fields = records.at(-1)?.length ?? 1;
    const above = records.map((record) => record.length !== fields).lastIndexOf(true) + 1;
    const isTable = fields > 1 && above > 0 && records.length - above > 1;
    if (!isTable || !records.slice(0, above).every(isTitle)) continue;
    const lines = above === 1 ? "line" : `${above} lines`;
    throw new DataError({
      path: `${file}: line 1`,
      message: `the first ${lines} above the header ${above === 1 ? "is" : "are"} no part of the table`,
      received: JSON.stringify(records[0]!.join(separator)),
      expected: `the names of the ${fields} columns in the first line`,
      fix: `delete the first ${lines}${command(file, above)}`,
    });
  }
}

function isTitle(record: readonly string[]): boolean {
  const [text = ""] = record;
  return comment.test(text) || (record.length === 1 && !usualSeparators.some((separator) => text.includes(separator)));
}

function command(file: string, above: number): string {
  if (detectCompression(file) !== null) return "";
  const { dir, name, ext } = path.parse(file);
  const target = path.join(dir, `${name}-table${ext}`);
  return `, for example: tail -n +${above + 1} ${shellWord(file)} > ${shellWord(target)}`;
}

type Look = "number" | "time" | "truth" | "text" | "nothing";

const lookedRecords = 100;

/** Why a first record seems to be values (columns without text, else a text that recurs); `null`: it has names. */
function seemsHeaderless(first: readonly string[], rest: Records): string | null {
  const looks = first.map(cellLook);
  if (rest.length === 0) {
    return looks.some((look) => look === "number") && looks.every((look) => look === "number" || look === "nothing")
      ? "every field is a number"
      : null;
  }
  const columns = first.map((_, column) => commonLook(rest, column));
  const telling = columns.flatMap((look, column) => (look === "text" || look === "nothing" ? [] : [column]));
  const named = telling.filter((column) => looks[column] !== "nothing");
  if (named.length > 0) {
    if (named.some((column) => looks[column] !== columns[column])) return null;
    const [column = 0] = named;
    return `${JSON.stringify(first[column])} is a ${words[columns[column]!]}, like all values below it`;
  }
  const again = first.findIndex((text, column) => text !== "" && rest.some((record) => record[column] === text));
  return again < 0 ? null : `${JSON.stringify(first[again])} occurs again below, in its column`;
}

/** Whether a first record seems to contain names: text above numbers, times or booleans. */
function seemsHeader(first: readonly string[], rest: Records): boolean {
  const telling = first.filter((text, column) => {
    const look = commonLook(rest, column);
    return text !== "" && look !== "text" && look !== "nothing";
  });
  return telling.length > 0 && telling.every((text) => cellLook(text) === "text");
}

const words: Readonly<Record<Look, string>> = {
  number: "number",
  time: "time",
  truth: "word for yes or no",
  text: "text",
  nothing: "nothing",
};

function cellLook(text: string): Look {
  const bare = text.trim();
  if (bare === "") return "nothing";
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(bare)) return "number";
  if (/^\d{4}-\d\d-\d\d([T ]|$)/.test(bare) || /^\d{1,2}:\d\d(:\d\d)?/.test(bare)) return "time";
  return /^(true|false|yes|no)$/i.test(bare) ? "truth" : "text";
}

/** The kind of all values of a column; `text` if they differ, `nothing` without values. */
function commonLook(records: Records, column: number): Look {
  let common: Look = "nothing";
  for (const record of records) {
    const look = cellLook(record[column] ?? "");
    if (look === "nothing" || look === common) continue;
    if (common !== "nothing") return "text";
    common = look;
  }
  return common;
}

const mostNames = 40;

function separatorNotes(separator: string): string[] {
  const isUsual = separator.length === 1 && separator >= " ";
  return isUsual || separator === "\t" ? [] : [`the fields are separated by ${stringLiteral(separator)}`];
}

function headerlessNote({ opened, options }: Opening, reason: string, names: readonly string[]): string {
  const range = names.length === 1 ? names[0] : `${names[0]} … ${names.at(-1)}`;
  const naming =
    names.length > mostNames
      ? `pass names with ${names.length} names`
      : `replace the names in ${openingCall(opened, { ...options, names })}`;
  const other = openingCall(opened, { ...options, header: true });
  return `the file seems to have no header: ${reason}. Its columns are called ${range}. To name them, ${naming}. If the first line does contain names: ${other}`;
}

function namingNotes(first: readonly string[], names: readonly string[]): string[] {
  return first.flatMap((field, column) =>
    field.trim() === "" ? [`column ${column + 1} has no name in the header and is named "${names[column]}"`] : [],
  );
}

/** Reports texts such as `?` among other texts: in such columns they are values. */
function markNotes({ opened, options }: Opening, records: Records, names: readonly string[]): string[] {
  const columns = new Map<string, string[]>();
  for (const [column, name] of names.entries()) {
    const cells = records.map((record) => (record[column] ?? "").trim());
    const isText = cells.some((cell) => cell !== "" && (classOfCell(cell) & textCell) !== 0);
    if (!isText || options.types?.[name] !== undefined) continue;
    for (const mark of new Set(cells.filter((cell) => usualNulls.includes(cell) && !options.nulls?.includes(cell))))
      getOrMake(columns, mark, () => [] as string[]).push(name);
  }
  if (columns.size === 0) return [];
  const marks = [...columns].map(([mark, among]) => `${JSON.stringify(mark)} (${shortList(among)})`);
  const call = openingCall(opened, { ...options, nulls: [...(options.nulls ?? []), ...columns.keys()] });
  return [`columns of text contain ${marks.join(", ")}, which is kept as text. To read it as missing: ${call}`];
}

/** In bytes. */
export const longestRecord: number = 1 << 25;
const firstLook = 1 << 16;

interface Head {
  readonly bytes: Buffer;
  /** Whether these are all bytes of the file. */
  readonly whole: boolean;
}

/** Reads at least the first line and 64 KiB, or a few long lines. Throws a DataError if the first line has no end. */
async function readHead(file: string, encoding: string | null): Promise<Head> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let enough = firstLook;
  let header = -1;
  for await (const piece of utf8Bytes(file, encoding)) {
    if (header < 0) {
      const end = piece.findIndex((byte) => byte === 10 || byte === 13);
      if (end >= 0) header = bytes + end;
      // In a wide file, a few lines take megabytes.
      enough = Math.max(firstLook, 4 * header);
    }
    pieces.push(piece);
    bytes += piece.length;
    if (header < 0 && bytes > longestRecord) {
      throw new DataError({
        path: `${file}: line 1`,
        message: "the first line is too long for a header",
        received: `more than ${longestRecord >> 20} MB without a line end`,
        expected: "a line of column names",
        fix: "if this is not a text file, name it after its format; otherwise write line ends into it",
      });
    }
    if (header >= 0 && bytes >= enough) return makeHead(pieces, false);
  }
  return makeHead(pieces, true);
}

function makeHead(pieces: readonly Buffer[], whole: boolean): Head {
  const bytes = Buffer.concat(pieces);
  const isMarked = bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf;
  return { bytes: isMarked ? bytes.subarray(3) : bytes, whole };
}

/** A record with more fields is truncated after the next one: the maximum number of columns. */
const mostFields = 100_000;

/** The fields of at most `most` records, without empty lines and without a record that may continue. */
function splitRecords({ bytes, whole }: Head, separator: string, most: number): string[][] {
  const splitter = new Splitter(separator);
  const records: string[][] = [];
  let fields: string[] = [];
  const { length } = bytes;
  for (let at = 0; at < length && records.length < most; ) {
    let end = splitter.end(bytes, at, length);
    let value = splitter.isEscaped
      ? Buffer.from(unescaped(bytes, splitter.from, splitter.to)).toString("utf8")
      : bytes.toString("utf8", splitter.from, splitter.to);
    if (splitter.fault === "text after quote") {
      const close = splitter.to;
      end = splitter.end(bytes, end, length);
      value += bytes.toString("utf8", close + 1, end).trimEnd();
    }
    splitter.fault = null;
    if (end >= length && !whole) break;
    fields.push(value);
    const isLast = splitter.kinds[bytes[end] ?? 0] !== separatorKind;
    at = isLast ? afterLineEnd(bytes, end) : end + separator.length;
    if (fields.length > mostFields) return [...records, fields];
    if (!isLast && at < length) continue;
    if (!isLast && !whole) break;
    if (!isLast) fields.push("");
    const isBlank = fields.length === 1 && value === "" && !splitter.isQuoted;
    if (!isBlank) records.push(fields);
    fields = [];
  }
  return records;
}

const usualSeparators: readonly string[] = [",", "\t", ";", "|"];
/** Separators that text never contains equally often in every line by accident. */
const unmistakable = ["::", "\x01", "\x02", "\x1f"];
/** Other separators; a file with one column may contain them, so they must be named explicitly. */
const others = ["^", "~", ":", " "];
const looked = 20;

/** A usual separator that splits the header, `", "` if a space follows every comma, or an unmistakable one. */
function foundSeparator(head: Head): string | null {
  const counts = usualSeparators.map((separator) => splitRecords(head, separator, 1)[0]?.length ?? 1);
  const most = Math.max(...counts);
  const usual = most > 1 ? usualSeparators[counts.indexOf(most)]! : null;
  if (usual === "," && isSpaced(head)) return ", ";
  // In lines such as "1::Babe::Comedy|Drama", a usual separator splits only some lines.
  if (usual !== null && separatesAll(head, usual)) return usual;
  return unmistakable.find((separator) => separatesAll(head, separator)) ?? usual;
}

/** Whether a comma is never found without a space after it. */
function isSpaced(head: Head): boolean {
  if (!separatesAll(head, ",") || !separatesAll(head, ", ")) return false;
  const fields = (separator: string) => splitRecords(head, separator, 1)[0]?.length;
  return fields(",") === fields(", ");
}

/** Another separator that splits all lines into the same number of fields; `null` if there is none. */
function unusualSeparator(head: Head): string | null {
  return others.find((separator) => separatesAll(head, separator)) ?? null;
}

/** Whether a separator splits the first lines (at least two) into the same number of fields. */
function separatesAll(head: Head, separator: string): boolean {
  const records = splitRecords(head, separator, looked);
  const fields = records[0]?.length ?? 1;
  return records.length > 1 && fields > 1 && records.every((record) => record.length === fields);
}

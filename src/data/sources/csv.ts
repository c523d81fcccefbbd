/**
 * What DuckDB is told about a CSV file. Left to itself it guesses the delimiter from the lines that fit, and turns a
 * file with one ragged line into a table of one column; so the header line decides, and a ragged line is an error.
 */
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import type { Problem } from "../../errors/index.js";
import { literal } from "./duckdb.js";

const delimiters = [",", "\t", ";", "|"];

/** The header line's delimiter: the candidate that cuts it into most fields. */
export function delimiterOf(file: string): string {
  const header = headerOf(file);
  const counts = delimiters.map((delimiter) => fieldsOf(header, delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] as string;
}

/** `read_csv` options for files of one delimiter. No character begins a comment: DuckDB would look for one. */
export function csvOptions(delimiter: string): string {
  return `header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', skip = 0, comment = ''`;
}

/** Problems of a header: a name that comes twice. One without a name (a data frame's index) is called by its place. */
export function headerProblems(file: string): Problem[] {
  const names = fieldsOf(headerOf(file), delimiterOf(file)).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  // DuckDB does not tell clk from CLK: it would rename the second in silence.
  const first = (name: string): number => names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
  const twice = new Map(names.flatMap((name, index) => (first(name) < index ? [[name, names[first(name)]]] : [])));
  return [...twice].map(([name, before]) => ({
    path: `${file}: line 1`,
    message: `column "${name}" comes twice${before === name ? "" : ` (first as "${before}"; letter case does not tell them apart)`}`,
    fix: "give every column a name of its own",
  }));
}

/** Bytes that are no UTF-8, from what DuckDB says of them; `null`: it says something else. */
export function encodingProblem(words: string): Problem | null {
  if (!/not utf-8 encoded/i.test(words)) return null;
  const file = /\n\s*file = (.*)/.exec(words)?.[1] ?? "a CSV file";
  const line = /CSV Error on Line: (\d+)/.exec(words)?.[1];
  return {
    path: line === undefined ? file : `${file}: line ${line}`,
    message: "the file is not text in UTF-8",
    fix: "save it as UTF-8, for example with iconv",
  };
}

/** The first line whose number of fields is not the header's; `null`: none. For an error message, so speed is no matter. */
export async function raggedLine(file: string): Promise<Problem | null> {
  if (/\.zst$/i.test(file)) return null;
  const delimiter = delimiterOf(file);
  const raw = createReadStream(file);
  const input = /\.gz$/i.test(file) ? raw.pipe(createGunzip()) : raw;
  let expected = 0;
  let number = 0;
  let open = "";
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    const whole = open + line;
    // A quoted field may go over several lines.
    open = (whole.match(/"/g)?.length ?? 0) % 2 === 1 ? `${whole}\n` : "";
    if (open !== "" || whole === "") continue;
    const fields = fieldsOf(whole, delimiter).length;
    if (expected === 0) expected = fields;
    if (fields === expected) continue;
    raw.destroy();
    return {
      path: `${file}: line ${number}`,
      message: "the line has not as many fields as the header",
      received: `${fields} fields: ${whole.slice(0, 80)}`,
      expected: `${expected} fields separated by ${JSON.stringify(delimiter)}`,
      fix: 'mend the line; a field that holds the separator goes in "quotes"',
    };
  }
  return null;
}

/** The first line. */
export function headerOf(file: string): string {
  const start = readStart(file);
  return start.slice(0, start.search(/\r|\n|$/)).replace(/^\ufeff/, "");
}

/** Bytes of the header line and its end; `null` where it is not an ordinary line that ends in `\n` or `\r\n`. */
export function headerBytes(file: string): number | null {
  if (/\.(gz|zst)$/i.test(file)) return null;
  const start = readStart(file);
  const line = start.slice(0, start.indexOf("\n") + 1);
  const quotes = line.match(/"/g)?.length ?? 0;
  const ordinary = /^[^\r\n\ufffd]+\r?\n$/.test(line) && quotes % 2 === 0;
  return ordinary ? Buffer.byteLength(line, "utf8") : null;
}

function readStart(file: string): string {
  const bytes = Buffer.alloc(65536);
  const handle = openSync(file, "r");
  try {
    const read = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0));
    if (!/\.gz$/i.test(file)) return read.toString("utf8");
    return gunzipSync(read, { finishFlush: constants.Z_SYNC_FLUSH }).toString("utf8");
  } finally {
    closeSync(handle);
  }
}

/** A line's fields; delimiters inside quotes do not count. */
function fieldsOf(line: string, delimiter: string): string[] {
  const fields = [""];
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    if (character === delimiter && !quoted) fields.push("");
    else fields[fields.length - 1] += character;
  }
  return fields;
}

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

/** `read_csv` options for files of one delimiter. Types are guessed from the first 100,000 rows. */
export function csvOptions(delimiter: string): string {
  return `header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', skip = 0, sample_size = 100000`;
}

/** Problems of a header: a name that comes twice, or is empty. */
export function headerProblems(file: string): Problem[] {
  const names = fieldsOf(headerOf(file), delimiterOf(file)).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const twice = new Set(names.filter((name, index) => names.indexOf(name) < index));
  return [...twice].map((name) => ({
    path: `${file}: line 1`,
    message: `column "${name}" comes twice`,
    fix: "give every column a name of its own",
  }));
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

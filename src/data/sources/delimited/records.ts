/**
 * Parses the fields of the first records of a CSV file, as text.
 */

/** A record with more fields is truncated after the next one: the maximum number of columns. */
export const mostFields = 100_000;

/** The records at the start of a text. */
export interface Records {
  /** [records][fields], without quotes. */
  readonly records: readonly (readonly string[])[];
  /** The position in the text after them. */
  readonly end: number;
}

/**
 * At most `most` records of a text, without empty lines; quotes as in {@link RecordScan}. `whole`: the text ends
 * with its last record; otherwise a record without a line end is dropped, since it may continue.
 */
export function splitRecords(text: string, separator: string, most: number, whole: boolean): Records {
  const records: string[][] = [];
  let fields: string[] = [];
  let at = 0;
  let end = 0;
  while (at < text.length && records.length < most) {
    const field = fieldAt(text, at, separator);
    at = field.end;
    if (text.startsWith(separator, at)) {
      fields.push(field.value);
      at += separator.length;
      if (fields.length > mostFields) return { records: [...records, fields], end: at };
      if (at < text.length || !whole) continue;
      fields.push("");
    } else if (at === text.length && !whole) break;
    else fields.push(field.value);
    const blank = fields.length === 1 && fields[0] === "" && !field.quoted;
    if (!blank) records.push(fields);
    fields = [];
    at += lineEndAt(text, at);
    end = at;
  }
  return { records, end };
}

/** The length of the line end at a position; 0 if there is none. */
function lineEndAt(text: string, at: number): number {
  if (text[at] === "\n") return 1;
  if (text[at] !== "\r") return 0;
  return text[at + 1] === "\n" ? 2 : 1;
}

interface Field {
  readonly value: string;
  readonly quoted: boolean;
  /** The position of its separator or line end. */
  readonly end: number;
}

function fieldAt(text: string, start: number, separator: string): Field {
  // DuckDB, which reads the values, also opens a quoted field at a quote after one space.
  const open = text[start] === " " && separator !== " " ? start + 1 : start;
  if (text[open] !== '"') {
    const end = fieldEnd(text, start, separator);
    return { value: text.slice(start, end), quoted: false, end };
  }
  const close = closingQuote(text, open + 1);
  const value = text.slice(open + 1, close).replaceAll('""', '"');
  const end = fieldEnd(text, close + 1, separator);
  return { value: value + text.slice(close + 1, end).trimEnd(), quoted: true, end };
}

/** The position of a quote that no other follows, or the text's end; two quotes are an escaped quote. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at < 0 ? text.length : at;
}

/** The position of the next separator or line end. */
function fieldEnd(text: string, start: number, separator: string): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\n" || text[at] === "\r" || text.startsWith(separator, at)) return at;
  }
  return text.length;
}

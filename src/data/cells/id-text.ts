/**
 * The text of a value as an id: what hashes, vocabularies and crosses read. One rule for every source: a text is itself, a
 * whole number its digits, a boolean `true` or `false`, a time its ISO text in UTC.
 */
import type { ListColumn, NumberColumn, RawColumn, TextColumn } from "../table/column.js";
import { isWhole, withoutBlanks } from "./number-text.js";
import { timeText } from "./time-text.js";

/** A whole number's digits; those of 2^70 too, which JavaScript writes with an exponent. */
export function digitsOf(whole: number): string {
  return Math.abs(whole) < 1e21 ? String(whole) : BigInt(whole).toString();
}

/** A number's text in a cross: its digits, or the shortest decimals that are read as it. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? digitsOf(value) : String(value);
}

/** A column as ids see it: booleans and times as text. Numbers stay numbers: their text is their digits. */
export function asIds(column: RawColumn): RawColumn {
  if (column.kind === "text") return column;
  if (column.kind === "list") return { ...column, items: asIds(column.items) as ListColumn["items"] };
  if (column.type === "boolean") return wordsOf(column, (value) => (value === 0 ? "false" : "true"));
  return column.type === "timestamp" ? wordsOf(column, timeText) : column;
}

function wordsOf({ values, valid }: NumberColumn, text: (value: number) => string): TextColumn {
  const words: string[] = [];
  const known = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const value = values[row]!;
    if ((valid !== null && valid[row] === 0) || Number.isNaN(value)) {
      codes[row] = -1;
      continue;
    }
    let code = known.get(value);
    if (code === undefined) {
      code = words.length;
      known.set(value, code);
      words.push(text(value));
    }
    codes[row] = code;
  }
  return { kind: "text", codes, words };
}

/**
 * A column of numbers as they are written, as ids see it: `7.0` and ` 7` are 7, NaN is no value. What is no whole number,
 * or has an exponent, stays as it is written, and is no id.
 *
 * @param rest the text of those others, where they are wanted (in crosses)
 */
export function writtenAsIds(
  { codes, words }: TextColumn,
  rest: (written: string) => string = (written) => written,
): TextColumn {
  const missing = words.map((word) => /^nan$/i.test(withoutBlanks(word)));
  return {
    kind: "text",
    codes: missing.includes(true) ? codes.map((code) => (code >= 0 && missing[code] ? -1 : code)) : codes,
    words: words.map((word) => wholeDigits(word) ?? rest(word)),
  };
}

/** The digits of a whole number that may be written with zeros behind the point; `null`: another text. */
function wholeDigits(text: string): string | null {
  const digits = withoutBlanks(text).replace(/\.0*$/, "");
  if (!isWhole(digits)) return null;
  return digits === "-0" ? "0" : digits;
}

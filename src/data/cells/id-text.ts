/**
 * The text of a value as an id, for hashes, vocabularies and crosses. All sources follow one rule: a text is
 * unchanged, an integer is its digits, a boolean is `true` or `false`, a time is its ISO text in UTC.
 */
import type { ListColumn, NumberColumn, RawColumn, TextColumn } from "../table/column.js";
import { isWhole, withoutBlanks } from "./number-text.js";
import { timeText } from "./time-text.js";

/** The digits of an integer, also beyond 2^70, which JavaScript prints with an exponent. */
export function idDigits(whole: number): string {
  return Math.abs(whole) < 1e21 ? String(whole) : BigInt(whole).toString();
}

/** The text of a number in a cross: its digits, or the shortest decimal text that parses to it. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? idDigits(value) : String(value);
}

/** Converts a column to id values: booleans and times to text. Numbers are unchanged: their text is their digits. */
export function asIds(column: RawColumn): RawColumn {
  if (column.kind === "text") return column;
  if (column.kind === "list") return { ...column, items: asIds(column.items) as ListColumn["items"] };
  if (column.type === "boolean") return numberWords(column, (value) => (value === 0 ? "false" : "true"));
  return column.type === "timestamp" ? numberWords(column, timeText) : column;
}

function numberWords({ values, valid }: NumberColumn, text: (value: number) => string): TextColumn {
  const words: string[] = [];
  const codeByValue = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const value = values[row]!;
    if ((valid !== null && valid[row] === 0) || Number.isNaN(value)) {
      codes[row] = -1;
      continue;
    }
    let code = codeByValue.get(value);
    if (code === undefined) {
      code = words.length;
      codeByValue.set(value, code);
      words.push(text(value));
    }
    codes[row] = code;
  }
  return { kind: "text", codes, words };
}

/**
 * Converts a column of numbers stored as text to id values: `7.0` and ` 7` become 7, NaN becomes missing. Text that
 * is not an integer, or has an exponent, is kept and is not an id.
 * @param rest receives the text of those values if needed (in crosses)
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

/** The digits of an integer that may be written with zeros after the point; `null` for other text. */
function wholeDigits(text: string): string | null {
  const digits = withoutBlanks(text).replace(/\.0*$/, "");
  if (!isWhole(digits)) return null;
  return digits === "-0" ? "0" : digits;
}

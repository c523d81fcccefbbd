/** Numbers, times and ids from texts, where values of these kinds are required. */
import { writtenTime } from "../util/iso-time.js";
import { isWhole, withoutBlanks, writtenTruth } from "./number-text.js";
import {
  type ListColumn,
  type NumberColumn,
  numberWords,
  parsedColumn,
  type RawColumn,
  type TextColumn,
  usedWords,
} from "./table/column.js";

/** A time as UTC text: `2024-05-06` at midnight, else `2024-05-06 10:30:00`, with a fraction if needed. */
export function timeText(milliseconds: number): string {
  const rounded = Math.floor(milliseconds) + Math.round((milliseconds - Math.floor(milliseconds)) * 1000) / 1000;
  const date = new Date(Math.floor(rounded));
  if (Number.isNaN(date.getTime())) return String(milliseconds);
  const micros = Math.round((rounded - Math.floor(rounded)) * 1000);
  const [day = "", clock = ""] = date.toISOString().slice(0, -1).split("T");
  const fraction = `${clock.slice(9)}${String(micros).padStart(3, "0")}`.replace(/0+$/, "");
  if (fraction !== "") return `${day} ${clock.slice(0, 8)}.${fraction}`;
  return clock.startsWith("00:00:00") ? day : `${day} ${clock.slice(0, 8)}`;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number in a text; words for yes and no are 1 and 0. NaN if the text is not a number. */
export function numberIn(text: string): number {
  const bare = text.trim();
  if (decimal.test(bare)) return Number(bare);
  if (/^[+-]?inf(?:inity)?$/i.test(bare)) return bare.startsWith("-") ? Number.NEGATIVE_INFINITY : Infinity;
  return writtenTruth(bare) ?? Number.NaN;
}

export function valueIn(text: string): number {
  const value = numberIn(text);
  return Number.isNaN(value) ? writtenTime(text.trim()) : value;
}

/** A column of words for yes and no as 1 and 0; `null` if it contains other text. */
export function parseTruths(column: TextColumn): NumberColumn | null {
  const isOther = (word: string): boolean => writtenTruth(word.trim()) === null;
  return usedWords(column).some(isOther) ? null : parsedColumn(column, "boolean", numberIn);
}

export function numbersWritten(column: TextColumn): NumberColumn {
  return parsedColumn(column, "float", numberIn);
}

/** Ids as text, for all sources: text unchanged, integers as digits, `true` or `false`, times as ISO text in UTC. */

/** The digits of an integer, even beyond 2^70, which JavaScript prints with an exponent. */
export function idDigits(whole: number): string {
  return Math.abs(whole) < 1e21 ? String(whole) : BigInt(whole).toString();
}

/** The text of a number in a cross: its digits, or the shortest decimal text that parses to it. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? idDigits(value) : String(value);
}

export function asIds(column: RawColumn): RawColumn {
  if (column.kind === "text") return column;
  if (column.kind === "list") return { ...column, items: asIds(column.items) as ListColumn["items"] };
  if (column.type === "boolean") return numberWords(column, (value) => (value === 0 ? "false" : "true"));
  return column.type === "timestamp" ? numberWords(column, timeText) : column;
}

/** `7.0` and ` 7` become 7, NaN is missing; other text stays and is no id. @param rest its text, in crosses */
export function writtenAsIds(
  { codes, words }: TextColumn,
  rest: (written: string) => string = (written) => written,
): TextColumn {
  const missing = words.map((word) => /^nan$/i.test(withoutBlanks(word)));
  const present = missing.includes(true) ? codes.map((code) => (code >= 0 && missing[code] ? -1 : code)) : codes;
  return { kind: "text", codes: present, words: words.map((word) => wholeDigits(word) ?? rest(word)) };
}

function wholeDigits(text: string): string | null {
  const digits = withoutBlanks(text).replace(/\.0*$/, "");
  if (!isWhole(digits)) return null;
  return digits === "-0" ? "0" : digits;
}

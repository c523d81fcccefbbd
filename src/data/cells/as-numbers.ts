/**
 * Converts text to numbers where numbers are required: raw features, labels, sample weights, domains and unencoded
 * ids.
 */
import type { NumberColumn, TextColumn } from "../table/column.js";
import { writtenTruth } from "./number-text.js";
import { writtenTime } from "./time-text.js";

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number in a text; words for yes and no are 1 and 0. NaN if the text is not a number. */
export function numberIn(text: string): number {
  const bare = text.trim();
  if (decimal.test(bare)) return Number(bare);
  if (/^[+-]?inf(?:inity)?$/i.test(bare)) return bare.startsWith("-") ? Number.NEGATIVE_INFINITY : Infinity;
  return writtenTruth(bare) ?? Number.NaN;
}

/** Like {@link numberIn}, with times as milliseconds since 1970. */
export function valueIn(text: string): number {
  const value = numberIn(text);
  return Number.isNaN(value) ? writtenTime(text.trim()) : value;
}

/** A column of words for yes and no as 1 and 0; `null` if it contains other text. */
export function parseTruths(column: TextColumn): NumberColumn | null {
  const used = new Uint8Array(column.words.length);
  for (const code of column.codes) if (code >= 0) used[code] = 1;
  const isOther = (word: string, code: number): boolean => used[code] === 1 && writtenTruth(word.trim()) === null;
  return column.words.some(isOther) ? null : { ...numbersWritten(column), type: "boolean" };
}

/** Parses a column of numbers that is stored as text. */
export function numbersWritten({ codes, words }: TextColumn): NumberColumn {
  const numbers = words.map(numberIn);
  const values = Float64Array.from(codes, (code) => (code < 0 ? 0 : numbers[code]!));
  const valid = codes.includes(-1) ? Uint8Array.from(codes, (code) => (code < 0 ? 0 : 1)) : null;
  return { kind: "number", type: "float", values, valid };
}

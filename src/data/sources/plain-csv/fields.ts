/**
 * Parses fields of plain CSV lines into typed arrays. A reader parses one field and returns its end; it rejects a
 * field that does not match the column type found by the scan.
 */

import { sharedDoubles, sharedInts } from "../../../util/threads/shared-arrays.js";
import { classOfCell, oddCell, wholeCell } from "../../cells/cell-classes.js";
import { writtenNumber } from "../../cells/number-text.js";
import type { NumberColumn, RawColumn, TextColumn } from "../../table/column.js";
import { fieldEnd } from "./lines.js";

/** The type of a column. */
export type FieldKind = "integer" | "float" | "text" | "skipped";

/** Reads the fields of one column, row after row. */
export interface FieldReader {
  /** Reads the field at `at` as the value of `row`; returns its end, or −1 if it is invalid. */
  take(bytes: Uint8Array, at: number, row: number): number;
  /** The column; `null`: it was skipped. */
  finish(): RawColumn | null | "not UTF-8";
}

// Local, because an imported constant is looked up at every byte.
const lineEnd = 10;
const carriageReturn = 13;
const minus = 45;
const point = 46;
const zero = 48;
/** Any integer of up to this number of digits is exact in float64. */
const safeDigits = 15;
/** Any integer of up to this number of digits fits 32 bits. */
const intDigits = 9;

/** A reader of `rows` fields that end at `delimiter` or at the end of a line. */
export function fieldReader(kind: FieldKind, rows: number, delimiter: number): FieldReader {
  if (kind === "integer") return new IntegerReader(rows, delimiter);
  if (kind === "float") return new FloatReader(rows, delimiter);
  return kind === "text" ? new TextReader(rows, delimiter) : new SkippingReader(delimiter);
}

class SkippingReader implements FieldReader {
  constructor(private readonly delimiter: number) {}

  take(bytes: Uint8Array, at: number): number {
    return fieldEnd(bytes, at, this.delimiter);
  }

  finish(): null {
    return null;
  }
}

/** Which rows have no value: allocated at the first such row. */
class Validity {
  bytes: Uint8Array | null = null;

  constructor(private readonly rows: number) {}

  clear(row: number): void {
    this.bytes ??= new Uint8Array(new SharedArrayBuffer(this.rows)).fill(1);
    this.bytes[row] = 0;
  }
}

/** Integers that are exact in float64; stored in 32 bits while they fit. */
export class IntegerReader implements FieldReader {
  /** Values of up to nine digits. */
  readonly ints: Int32Array;
  /** The longer values, NaN in other rows. */
  private long: Float64Array | null = null;
  private readonly valid: Validity;

  constructor(
    rows: number,
    private readonly delimiter: number,
  ) {
    this.ints = sharedInts(rows);
    this.valid = new Validity(rows);
  }

  take(bytes: Uint8Array, at: number, row: number): number {
    const negative = bytes[at] === minus;
    const start = negative ? at + 1 : at;
    let end = start;
    let value = 0;
    for (let digit = bytes[end]! - zero; digit >= 0 && digit <= 9; ) {
      value = value * 10 + digit;
      digit = bytes[++end]! - zero;
    }
    const digits = end - start;
    if (digits === 0 || digits > safeDigits || !ends(bytes[end], this.delimiter)) return this.takeText(bytes, at, row);
    if (digits <= intDigits) this.ints[row] = negative ? -value : value;
    else this.setLong(row, negative ? -value : value);
    return end;
  }

  private setLong(row: number, value: number): void {
    this.long ??= sharedDoubles(this.ints.length).fill(Number.NaN);
    this.long[row] = value;
  }

  /** A number with blanks or of sixteen digits, an empty field, or an invalid number. */
  private takeText(bytes: Uint8Array, at: number, row: number): number {
    const end = fieldEnd(bytes, at, this.delimiter);
    if (end === at) this.valid.clear(row);
    else {
      const text = latin(bytes, at, end);
      if ((classOfCell(text) & (wholeCell | oddCell)) === 0) return -1;
      this.setLong(row, Number(text) + 0); // −0 becomes 0
    }
    return end;
  }

  finish(): NumberColumn {
    const { ints, long } = this;
    if (long !== null) for (let row = 0; row < ints.length; row++) if (Number.isNaN(long[row])) long[row] = ints[row]!;
    return { kind: "number", type: "integer", values: long ?? ints, valid: this.valid.bytes };
  }
}

/** Powers of ten that are exact in float64, as far as {@link safeDigits} digits need them. */
const powers = Array.from({ length: safeDigits + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * Decimals: up to 15 digits are an integer divided by an exact power of ten, whose quotient is the nearest float64.
 */
class FloatReader implements FieldReader {
  private readonly values: Float64Array;
  private readonly valid: Validity;

  constructor(
    rows: number,
    private readonly delimiter: number,
  ) {
    this.values = sharedDoubles(rows);
    this.valid = new Validity(rows);
  }

  take(bytes: Uint8Array, at: number, row: number): number {
    const negative = bytes[at] === minus;
    const start = negative ? at + 1 : at;
    let end = start;
    let value = 0;
    for (let digit = bytes[end]! - zero; digit >= 0 && digit <= 9; ) {
      value = value * 10 + digit;
      digit = bytes[++end]! - zero;
    }
    let digits = end - start;
    if (bytes[end] === point && digits > 0) {
      const decimals = end + 1;
      let digit = bytes[++end]! - zero;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = bytes[++end]! - zero;
      }
      digits += end - decimals;
      if (digits <= safeDigits) value /= powers[end - decimals]!;
    }
    if (digits > safeDigits || digits === 0 || !ends(bytes[end], this.delimiter)) return this.takeText(bytes, at, row);
    this.values[row] = negative ? -value : value;
    return end;
  }

  finish(): NumberColumn {
    return { kind: "number", type: "float", values: this.values, valid: this.valid.bytes };
  }

  /** A number with many digits, an exponent or blanks, an empty field, or an invalid number. */
  private takeText(bytes: Uint8Array, at: number, row: number): number {
    const end = fieldEnd(bytes, at, this.delimiter);
    if (end === at) {
      this.valid.clear(row);
      return at;
    }
    const value = writtenNumber(latin(bytes, at, end));
    if (value === null) return -1;
    this.values[row] = value;
    return end;
  }
}

/** Texts as codes: a table of the texts so far, compared by bytes (open addressing). */
class TextReader implements FieldReader {
  private readonly codes: Int32Array;
  /** All words, concatenated so that look-ups stay in the processor's cache. */
  private letters = new Uint8Array(1 << 14);
  /** The end of each word in `letters`. */
  private wordEnds: Int32Array = new Int32Array(1024);
  private words = 0;
  /** Hash, and code + 1: 0 marks a free slot. */
  private slots = new Int32Array(2 * 4096);

  constructor(
    rows: number,
    private readonly delimiter: number,
  ) {
    this.codes = sharedInts(rows);
  }

  take(bytes: Uint8Array, at: number, row: number): number {
    let hash = 0;
    let end = at;
    for (let byte = bytes[end]!; byte !== this.delimiter && byte !== lineEnd && byte !== carriageReturn; ) {
      hash = Math.imul(hash ^ byte, 0x01000193);
      byte = bytes[++end]!;
    }
    this.codes[row] = end === at ? -1 : this.wordCode(bytes, at, end - at, hash ^ (hash >>> 15));
    return end;
  }

  finish(): TextColumn | "not UTF-8" {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const words = new Array<string>(this.words);
    try {
      for (let word = 0; word < this.words; word++) {
        words[word] = decoder.decode(this.letters.subarray(this.wordStart(word), this.wordEnds[word]));
      }
    } catch {
      return "not UTF-8";
    }
    return { kind: "text", codes: this.codes, words };
  }

  private wordStart(word: number): number {
    return word === 0 ? 0 : this.wordEnds[word - 1]!;
  }

  private wordCode(bytes: Uint8Array, at: number, length: number, hash: number): number {
    const { slots, letters } = this;
    const mask = (slots.length >>> 1) - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = slots[slot * 2 + 1]! - 1;
      if (code < 0) return this.add(bytes.subarray(at, at + length), hash, slot);
      if (slots[slot * 2] !== hash) continue;
      const start = this.wordStart(code);
      if (this.wordEnds[code]! - start === length && same(bytes, at, letters, start, length)) return code;
    }
  }

  private add(word: Uint8Array, hash: number, slot: number): number {
    const code = this.words++;
    const start = this.wordStart(code);
    const end = start + word.length;
    if (end > this.letters.length) this.letters = longer(this.letters, new Uint8Array(end * 2));
    if (code === this.wordEnds.length) this.wordEnds = longer(this.wordEnds, new Int32Array(code * 2));
    this.letters.set(word, start);
    this.wordEnds[code] = end;
    this.slots[slot * 2] = hash;
    this.slots[slot * 2 + 1] = code + 1;
    if (this.words * 4 > this.slots.length) this.grow();
    return code;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Int32Array(before.length * 2);
    const mask = (this.slots.length >>> 1) - 1;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] === 0) continue;
      let slot = before[at]! & mask;
      while (this.slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
      this.slots[slot * 2] = before[at]!;
      this.slots[slot * 2 + 1] = before[at + 1]!;
    }
  }
}

function latin(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

function ends(byte: number | undefined, delimiter: number): boolean {
  return byte === delimiter || byte === lineEnd || byte === carriageReturn;
}

function same(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (a[aStart + at] !== b[bStart + at]) return false;
  return true;
}

function longer<Numbers extends Uint8Array | Int32Array>(values: Numbers, more: Numbers): Numbers {
  more.set(values);
  return more;
}

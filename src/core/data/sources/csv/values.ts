/** Columns of CSV values that take cells as bytes without quotes, and reject values that the scan did not see. */

import { attempt } from "../../../util/attempt.js";
import { sharedDoubles, sharedInts } from "../../../util/called-thread.js";
import { classOfCell, oddCell, wholeCell } from "../../cell-classes.js";
import { withoutBlanks, writtenNumber } from "../../number-text.js";
import type { NumberColumn, TextColumn } from "../../table/column.js";
import { TextTable } from "../text-table.js";
import { utf8 } from "./split.js";

export interface ColumnFormat {
  readonly kind: "integer" | "float" | "text";
  /** Texts that mean "no value", without blanks around them. */
  readonly nulls: readonly string[];
}

export interface CellColumn {
  /** Takes the cell in bytes `from` … `to − 1`; `false`: invalid. */
  set(bytes: Uint8Array, from: number, to: number, row: number): boolean;
  finish(): NumberColumn | TextColumn | "not UTF-8";
}

// These are local, because an imported constant is looked up at every byte.
const minus = 45;
const point = 46;
const zero = 48;
/** Any integer of up to this number of digits is exact in float64. */
const safeDigits = 15;
/** Any integer of up to this number of digits fits 32 bits. */
const intDigits = 9;

export function cellColumn({ kind, nulls }: ColumnFormat, rows: number): CellColumn {
  if (kind === "integer") return new IntegerCells(rows, nulls);
  return kind === "float" ? new FloatCells(rows, nulls) : new TextCells(rows, nulls);
}

class NumberCells {
  /** 1 for a value; allocated at the first missing one. */
  protected valid: Uint8Array | null = null;
  private readonly nulls: ReadonlySet<string>;
  readonly isPlain: boolean;

  constructor(
    private readonly rows: number,
    nulls: readonly string[],
  ) {
    this.nulls = new Set(nulls);
    this.isPlain = nulls.every((text) => !/^[-.\d]/.test(text));
  }

  /** The text of a cell; `null` if it means "no value". */
  protected textOf(bytes: Uint8Array, from: number, to: number, row: number): string | null {
    const text = utf8(bytes, from, to);
    if (from < to && (this.nulls.size === 0 || !this.nulls.has(withoutBlanks(text)))) return text;
    this.valid ??= new Uint8Array(new SharedArrayBuffer(this.rows)).fill(1);
    this.valid[row] = 0;
    return null;
  }
}

/** Integers that are exact in float64; stored in 32 bits while they fit. */
export class IntegerCells extends NumberCells implements CellColumn {
  readonly ints: Int32Array;
  /** Values that exceed 32 bits, NaN in other rows. */
  private long: Float64Array | null = null;

  constructor(rows: number, nulls: readonly string[]) {
    super(rows, nulls);
    this.ints = sharedInts(rows);
  }

  set(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const isNegative = bytes[from] === minus;
    let value = 0;
    let at = isNegative ? from + 1 : from;
    const digits = to - at;
    for (let digit = bytes[at]! - zero; at < to && digit >= 0 && digit <= 9; digit = bytes[++at]! - zero) {
      value = value * 10 + digit;
    }
    if (!this.isPlain || at < to || digits <= 0 || digits > safeDigits) return this.setText(bytes, from, to, row);
    if (digits <= intDigits) this.ints[row] = isNegative ? -value : value;
    else this.setLong(row, isNegative ? -value : value);
    return true;
  }

  private setText(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const text = this.textOf(bytes, from, to, row);
    if (text === null) return true;
    if ((classOfCell(text) & (wholeCell | oddCell)) === 0) return false;
    this.setLong(row, Number(text) + 0); // −0 becomes 0
    return true;
  }

  private setLong(row: number, value: number): void {
    this.long ??= sharedDoubles(this.ints.length).fill(Number.NaN);
    this.long[row] = value;
  }

  finish(): NumberColumn {
    const { ints, long, valid } = this;
    if (long !== null) for (let row = 0; row < ints.length; row++) if (Number.isNaN(long[row])) long[row] = ints[row]!;
    return { kind: "number", type: "integer", values: long ?? ints, valid };
  }
}

/** Powers of ten that are exact in float64, as far as {@link safeDigits} digits need them. */
const powers = Array.from({ length: safeDigits + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** Decimals: up to 15 digits are an integer divided by an exact power of ten, whose quotient is the nearest float64. */
class FloatCells extends NumberCells implements CellColumn {
  private readonly values: Float64Array;

  constructor(rows: number, nulls: readonly string[]) {
    super(rows, nulls);
    this.values = sharedDoubles(rows);
  }

  set(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const isNegative = bytes[from] === minus;
    const start = isNegative ? from + 1 : from;
    let value = 0;
    let decimals = -1;
    let at = start;
    for (; at < to; at++) {
      const digit = bytes[at]! - zero;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        if (decimals >= 0) decimals += 1;
      } else if (bytes[at] === point && decimals < 0 && at > start) decimals = 0;
      else break;
    }
    const digits = to - start - (decimals < 0 ? 0 : 1);
    if (this.isPlain && at === to && digits > 0 && digits <= safeDigits) {
      if (decimals > 0) value /= powers[decimals]!;
      this.values[row] = isNegative ? -value : value;
      return true;
    }
    const text = this.textOf(bytes, from, to, row);
    const number = text === null ? 0 : writtenNumber(text);
    this.values[row] = number ?? 0;
    return number !== null;
  }

  finish(): NumberColumn {
    return { kind: "number", type: "float", values: this.values, valid: this.valid };
  }
}

class TextCells implements CellColumn {
  private readonly codes: Int32Array;
  private readonly nulls: ReadonlySet<string>;
  private readonly table = new TextTable();

  constructor(rows: number, nulls: readonly string[]) {
    this.codes = sharedInts(rows);
    this.nulls = new Set(nulls);
  }

  set(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    this.codes[row] = from === to ? -1 : this.table.code(bytes, from, to);
    return true;
  }

  finish(): TextColumn | "not UTF-8" {
    const { codes, nulls } = this;
    const words = attempt(() => this.table.texts(), null);
    if (words === null) return "not UTF-8";
    if (nulls.size === 0) return { kind: "text", codes, words };
    const isNull = words.map((word) => nulls.has(withoutBlanks(word)));
    for (let row = 0; row < codes.length; row++) if (isNull[codes[row]!] === true) codes[row] = -1;
    return { kind: "text", codes, words };
  }
}

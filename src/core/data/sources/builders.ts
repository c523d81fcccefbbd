/**
 * Builds columns from DuckDB's vectors by copying their typed arrays, since values one by one would cost an object
 * each.
 */
import type { DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import { grown } from "../../util/growing.js";
import { firstUnsafe } from "../number-text.js";
import {
  type ListColumn,
  type NumberColumn,
  parsedColumn,
  type RawColumn,
  type ScalarColumn,
  type TextColumn,
} from "../table/column.js";
import { TextTable } from "./text-table.js";

export interface ColumnBuilder<Column extends RawColumn = RawColumn> {
  append(vector: DuckDBVector, from: number, count: number): void;
  finish(): Column;
}

/** The storage of a vector, which DuckDB's types hide, for the types to which `readAs` converts. */
interface VectorStorage {
  readonly items: Int32Array | BigInt64Array | Float64Array;
  /** The storage of texts, 16 bytes per value. */
  readonly dataView: DataView | undefined;
  readonly validity: { readonly data: BigUint64Array | null; readonly offset: number };
}

function storageOf(vector: DuckDBVector): VectorStorage {
  return vector as unknown as VectorStorage;
}

class ValidRows {
  #valid: Uint8Array | null = null;
  #length = 0;

  append(vector: DuckDBVector, from: number, count: number): void {
    const { data, offset } = storageOf(vector).validity;
    const start = this.#length;
    this.#length += count;
    if (data === null && this.#valid === null) return;
    const valid = grown(this.#valid ?? new Uint8Array(this.#length).fill(1), this.#length);
    this.#valid = valid;
    const bits = data === null ? null : new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    for (let row = 0; row < count; row++) {
      const bit = offset + from + row;
      valid[start + row] = bits === null ? 1 : (bits[bit >>> 5]! >>> (bit & 31)) & 1;
    }
  }

  has(row: number): boolean {
    return this.#valid === null || this.#valid[row] === 1;
  }

  finish(): Uint8Array | null {
    return this.#valid?.slice(0, this.#length) ?? null;
  }
}

/** A column with integers beyond ±2^53 becomes text. @param isWhole integers, in 32 bits while they fit */
export class NumberBuilder implements ColumnBuilder<ScalarColumn> {
  #values: Float64Array | Int32Array;
  #length = 0;
  readonly #valid = new ValidRows();
  #text: TextBuilder | null = null;

  constructor(
    private readonly type: NumberColumn["type"],
    isWhole: boolean,
    capacity = 4096,
  ) {
    this.#values = isWhole ? new Int32Array(capacity) : new Float64Array(capacity);
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    if (this.#text === null && !this.#copy(vector, from, count)) {
      this.#text = new TextBuilder();
      for (let row = 0; row < this.#length; row++) {
        this.#text.appendText(this.#valid.has(row) ? String(this.#values[row]) : null);
      }
    }
    this.#text?.append(vector, from, count);
    this.#valid.append(vector, from, count);
    this.#length += count;
  }

  #copy(vector: DuckDBVector, from: number, count: number): boolean {
    this.#values = grown(this.#values, this.#length + count);
    if (this.#values instanceof Int32Array) {
      if (copyInts(storageOf(vector).items, from, count, this.#values, this.#length)) return true;
      this.#values = Float64Array.from(this.#values);
    }
    return copyNumbers(vector, from, count, this.#values, this.#length);
  }

  finish(): ScalarColumn {
    if (this.#text !== null) return this.#text.finish();
    const values = this.#values.subarray(0, this.#length);
    return { kind: "number", type: this.type, values, valid: this.#valid.finish() };
  }
}

/** Copies integers; `false` if one needs more than 32 bits. */
function copyInts(items: VectorStorage["items"], from: number, count: number, values: Int32Array, at: number): boolean {
  if (!(items instanceof BigInt64Array)) values.set(items.subarray(from, from + count), at);
  else {
    const halves = new Int32Array(items.buffer, items.byteOffset + from * 8, count * 2);
    for (let row = 0; row < count; row++) {
      const low = halves[row * 2]!;
      if (halves[row * 2 + 1] !== low >> 31) return false;
      values[at + row] = low;
    }
  }
  return true;
}

/** Copies numbers; `false` if an integer is beyond ±2^53. */
function copyNumbers(vector: DuckDBVector, from: number, count: number, values: Float64Array, at: number): boolean {
  const { items } = storageOf(vector);
  if (!(items instanceof BigInt64Array)) {
    values.set(items.subarray(from, from + count), at);
    return true;
  }
  const halves = new Int32Array(items.buffer, items.byteOffset + from * 8, count * 2);
  for (let row = 0; row < count; row++) {
    const value = halves[row * 2 + 1]! * 4294967296 + (halves[row * 2]! >>> 0);
    if (Math.abs(value) < firstUnsafe) values[at + row] = value;
    // The storage of a null is arbitrary, so only valid values count.
    else if (vector.getItem(from + row) !== null) return false;
  }
  return true;
}

/** Texts of up to this number of bytes are in the storage, after their length; longer ones are stored as an address. */
const inlineBytes = 12;

/** Text as codes into distinct words. @param isDigits digits, converted to numbers if all are within ±2^53 */
export class TextBuilder implements ColumnBuilder<ScalarColumn> {
  #codes: Int32Array = new Int32Array(4096);
  #length = 0;
  readonly #table = new TextTable();

  constructor(private readonly isDigits = false) {}

  appendText(text: string | null): void {
    this.#codes = grown(this.#codes, this.#length + 1);
    this.#codes[this.#length++] = text === null ? -1 : this.#codeOf(text);
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { dataView, validity } = storageOf(vector);
    if (dataView === undefined) {
      // The column is text because some of its integers are large.
      for (let row = from; row < from + count; row++) {
        const value = vector.getItem(row);
        this.appendText(value === null ? null : String(value));
      }
      return;
    }
    const bytes = new Uint8Array(dataView.buffer, dataView.byteOffset, dataView.byteLength);
    const words = new Int32Array(dataView.buffer, dataView.byteOffset, dataView.byteLength >>> 2);
    const { data, offset } = validity;
    const bits = data === null ? null : new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    // Within a vector, address and length identify a long text.
    const long = new Map<number, { readonly length: number; readonly code: number }>();
    this.#codes = grown(this.#codes, this.#length + count);
    for (let row = from; row < from + count; row++) {
      const bit = offset + row;
      const length = words[row * 4]!;
      let code = -1;
      if (bits !== null && ((bits[bit >>> 5]! >>> (bit & 31)) & 1) === 0) code = -1;
      else if (length <= inlineBytes) code = this.#table.code(bytes, row * 16 + 4, row * 16 + 4 + length);
      else {
        const address = (words[row * 4 + 3]! >>> 0) * 4294967296 + (words[row * 4 + 2]! >>> 0);
        const entry = long.get(address);
        code = entry?.length === length ? entry.code : this.#codeOf(textAt(vector, row)!);
        if (entry?.code !== code) long.set(address, { length, code });
      }
      this.#codes[this.#length++] = code;
    }
  }

  finish(): ScalarColumn {
    const words = this.#table.texts();
    const column: TextColumn = { kind: "text", codes: this.#codes.subarray(0, this.#length), words };
    return this.isDigits ? digitsAsNumbers(column) : column;
  }

  #codeOf(text: string): number {
    const bytes = Buffer.from(text);
    return this.#table.code(bytes, 0, bytes.length);
  }
}

/** A text of a vector: `getItem` drops a U+FEFF at its start. */
export function textAt(vector: DuckDBVector, row: number): string | null {
  const text = vector.getItem(row) as string | null;
  if (text === null) return null;
  const dataView = storageOf(vector).dataView!;
  // The first four bytes follow the length.
  const at = row * 16;
  const isMarked =
    dataView.getUint32(at, true) >= 3 && dataView.getUint16(at + 4) === 0xefbb && dataView.getUint8(at + 6) === 0xbf;
  return isMarked ? `\ufeff${text}` : text;
}

/** A text column of digits as numbers, if all are within ±2^53. */
export function digitsAsNumbers(column: TextColumn): ScalarColumn {
  const isExact = column.words.every((word) => Math.abs(Number(word)) < firstUnsafe);
  return isExact ? parsedColumn(column, "integer", Number) : column;
}

export class ListBuilder implements ColumnBuilder<ListColumn> {
  #offsets: Int32Array = new Int32Array(4096);
  #length = 0;
  readonly #valid = new ValidRows();

  constructor(
    private readonly items: ColumnBuilder<ScalarColumn>,
    private readonly kind: Pick<ListColumn, "isMap" | "nested">,
  ) {}

  append(vector: DuckDBVector, from: number, count: number): void {
    const lists = vector as DuckDBListVector;
    this.#offsets = grown(this.#offsets, this.#length + count + 1);
    this.#valid.append(vector, from, count);
    for (let row = from; row < from + count; row++) {
      const size = this.#valid.has(this.#length) ? lists.getEntryLength(row) : 0;
      if (size > 0) this.items.append(lists.childVector, lists.getEntryOffset(row), size);
      this.#offsets[this.#length + 1] = this.#offsets[this.#length]! + size;
      this.#length += 1;
    }
  }

  finish(): ListColumn {
    const offsets = this.#offsets.slice(0, this.#length + 1);
    return { kind: "list", offsets, items: this.items.finish(), valid: this.#valid.finish(), ...this.kind };
  }
}

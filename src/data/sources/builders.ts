/** Growing columns that append DuckDB vectors: bulk copies of their typed arrays if there are no nulls. */
import type { DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import type { ListColumn, NumberColumn, TextColumn } from "../table/column.js";

/**
 * Codes of text values from DuckDB's storage. A value is 16 bytes: its length, then up to twelve bytes of text, or
 * the first four and an address. Creating a string per value is the slowest part of reading a file. So short values
 * are identified by their 16 bytes and long ones within a vector by their address, and only new values become
 * strings.
 */

/** The storage of a text vector: DuckDB's types hide it. */
export interface TextStorage {
  readonly dataView: DataView;
  readonly validity: { readonly data: BigUint64Array | null; readonly offset: number };
}

const inlineBytes = 12;

/** A hash table from short values to codes. */
export interface ShortTexts {
  /** Writes the codes of `count` values to `codes`; `codeAt` returns the code of a new or long value. */
  codes(
    storage: TextStorage,
    from: number,
    count: number,
    codeAt: (row: number) => number,
    codes: Int32Array,
    at: number,
  ): void;
}

/** Words per slot: four of a value, then its code + 1, since 0 marks a free slot. */
const SLOT_WORDS = 5;

/** An empty hash table with open addressing. */
export function shortTexts(): ShortTexts {
  let capacity = 1024;
  let slots: Int32Array = new Int32Array(capacity * SLOT_WORDS);
  let used = 0;
  return {
    codes({ dataView, validity }, from, count, codeAt, codes, at) {
      const words = new Int32Array(dataView.buffer, dataView.byteOffset, dataView.byteLength >>> 2);
      const valid = validBits(validity);
      const long = new Map<number, { readonly length: number; readonly code: number }>();
      for (let index = 0; index < count; index++) {
        const row = from + index;
        if (valid !== null && !isValid(valid, validity.offset + row)) {
          codes[at + index] = -1;
          continue;
        }
        const word = row * 4;
        const a = words[word]!;
        const c = words[word + 2]!;
        const d = words[word + 3]!;
        if (a > inlineBytes) {
          const address = (d >>> 0) * 4294967296 + (c >>> 0);
          const entry = long.get(address);
          // Values of different lengths may start at the same address.
          const code = entry !== undefined && entry.length === a ? entry.code : codeAt(row);
          if (entry?.code !== code) long.set(address, { length: a, code });
          codes[at + index] = code;
          continue;
        }
        const slot = findSlot(slots, capacity, a, words[word + 1]!, c, d);
        if (slots[slot + 4] === 0) {
          slots[slot] = a;
          slots[slot + 1] = words[word + 1]!;
          slots[slot + 2] = c;
          slots[slot + 3] = d;
          slots[slot + 4] = codeAt(row) + 1;
          codes[at + index] = slots[slot + 4]! - 1;
          if (++used * 2 <= capacity) continue;
          slots = twiceAsLarge(slots, capacity);
          capacity *= 2;
        } else {
          codes[at + index] = slots[slot + 4]! - 1;
        }
      }
    },
  };
}

function validBits({ data }: TextStorage["validity"]): Uint32Array | null {
  return data === null ? null : new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
}

function isValid(bits: Uint32Array, bit: number): boolean {
  return ((bits[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
}

/** The slot of a value of four words, or its free slot. */
function findSlot(slots: Int32Array, capacity: number, a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  for (let place = (hash ^ (hash >>> 13)) & (capacity - 1); ; place = (place + 1) & (capacity - 1)) {
    const slot = place * SLOT_WORDS;
    if (slots[slot + 4] === 0) return slot;
    if (slots[slot] === a && slots[slot + 1] === b && slots[slot + 2] === c && slots[slot + 3] === d) return slot;
  }
}

function twiceAsLarge(slots: Int32Array, capacity: number): Int32Array {
  const larger = new Int32Array(slots.length * 2);
  for (let slot = 0; slot < slots.length; slot += SLOT_WORDS) {
    if (slots[slot + 4] === 0) continue;
    const place = findSlot(larger, capacity * 2, slots[slot]!, slots[slot + 1]!, slots[slot + 2]!, slots[slot + 3]!);
    larger.set(slots.subarray(slot, slot + SLOT_WORDS), place);
  }
  return larger;
}

/** A growing column of numbers or text. */
export interface ScalarBuilder {
  append(vector: DuckDBVector, from: number, count: number): void;
  finish(): NumberColumn | TextColumn;
}

/** The vector's storage: DuckDB's types hide it, and reading value by value costs a call and a BigInt each. */
interface VectorStorage {
  readonly items?: Int32Array | BigInt64Array | Float64Array | Float32Array;
  /** For text: 16 bytes per value. */
  readonly dataView?: DataView;
  readonly validity?: { readonly data: BigUint64Array | null; readonly offset: number };
}

/** From this value on, float64 does not distinguish neighbouring integers. */
const firstUnsafe = 2 ** 53;

/**
 * Numbers; `capacity`: the expected count; `whole`: vectors contain integers, stored in 32 bits while they fit.
 * Integers beyond ±2^53 are not exact numbers: such a column becomes text, digit for digit.
 */
export function numberBuilder(type: NumberColumn["type"], capacity = 4096, whole = false): ScalarBuilder {
  let values: Float64Array | Int32Array = whole ? new Int32Array(capacity) : new Float64Array(capacity);
  let valid: Uint8Array | null = null;
  let length = 0;
  let text: ScalarBuilder | null = null;
  return {
    append(vector, from, count) {
      if (text !== null) return text.append(vector, from, count);
      values = grown(values, length + count);
      const validity = (vector as unknown as VectorStorage).validity;
      if (valid !== null || validity === undefined || validity.data !== null) {
        valid = grownBytes(valid, length, values.length);
        markValid(vector, validity, from, count, valid, length);
      }
      if (values instanceof Int32Array) {
        if (copyInts(vector, from, count, values, length)) {
          length += count;
          return;
        }
        values = Float64Array.from(values);
      }
      if (!copyNumbers(vector, from, count, values, length)) {
        text = textBuilder(false);
        for (let row = 0; row < length; row++) {
          appendText(text, valid !== null && valid[row] === 0 ? null : String(values[row]));
        }
        return text.append(vector, from, count);
      }
      length += count;
    },
    finish() {
      if (text !== null) return text.finish();
      return {
        kind: "number",
        type,
        values: values.subarray(0, length),
        valid: valid === null ? null : valid.subarray(0, length),
      };
    },
  };
}

/** Text as codes into distinct words. `numeric`: digits only, converted to numbers if all are within ±2^53. */
export function textBuilder(numeric: boolean): ScalarBuilder & { appendValue(value: string | null): void } {
  let codes: Int32Array = new Int32Array(4096);
  let length = 0;
  let short: ReturnType<typeof shortTexts> | null = null;
  const words: string[] = [];
  const codeByWord = new Map<string, number>();
  const wordCode = (value: string | null): number => {
    if (value === null) return -1;
    const code = codeByWord.get(value);
    if (code !== undefined) return code;
    codeByWord.set(value, words.length);
    words.push(value);
    return words.length - 1;
  };
  const appendValue = (value: string | null): void => {
    if (length === codes.length) codes = grownInts(codes, length + 1);
    codes[length++] = wordCode(value);
  };
  return {
    appendValue,
    append(vector, from, count) {
      const storage = vector as unknown as TextStorage;
      if (storage.dataView !== undefined && storage.validity !== undefined) {
        codes = grownInts(codes, length + count);
        short ??= shortTexts();
        short.codes(storage, from, count, (row) => wordCode(textAt(vector, row)), codes, length);
        length += count;
        return;
      }
      for (let row = from; row < from + count; row++) {
        const value = vector.getItem(row) as unknown;
        appendValue(value === null || value === undefined ? null : String(value));
      }
    },
    finish() {
      const column: TextColumn = { kind: "text", codes: codes.subarray(0, length), words };
      return numeric ? (asNumbers(column) ?? column) : column;
    },
  };
}

/** A text of a vector: `getItem` drops a U+FEFF at its start. */
export function textAt(vector: DuckDBVector, row: number): string | null {
  const text = vector.getItem(row) as string | null;
  const { dataView } = vector as unknown as TextStorage;
  // The first four bytes follow the length.
  const isMarked = text !== null && dataView.getUint32(row * 16, true) >= 3 && startsWithMark(dataView, row * 16 + 4);
  return isMarked ? `\ufeff${text}` : text;
}

function startsWithMark(bytes: DataView, at: number): boolean {
  return bytes.getUint16(at) === 0xefbb && bytes.getUint8(at + 2) === 0xbf;
}

/** Lists whose items go to the builder `items`. @param isMap items are texts `key:value` of maps */
export function listBuilder(
  items: ScalarBuilder,
  isMap: boolean,
): {
  append(vector: DuckDBListVector, count: number): void;
  finish(): ListColumn;
} {
  let offsets: Int32Array = new Int32Array(4096);
  let valid: Uint8Array | null = null;
  let length = 0;
  return {
    append(vector, count) {
      offsets = grownInts(offsets, length + count + 1);
      const validity = (vector as unknown as VectorStorage).validity;
      if (valid !== null || validity === undefined || validity.data !== null) {
        valid = grownBytes(valid, length, offsets.length);
        markValid(vector, validity, 0, count, valid, length);
      }
      for (let row = 0; row < count; row++) {
        const isPresent = valid === null || valid[length] === 1;
        const size = isPresent ? vector.getEntryLength(row) : 0;
        if (size > 0) items.append(vector.childVector, vector.getEntryOffset(row), size);
        offsets[length + 1] = offsets[length]! + size;
        length += 1;
      }
    },
    finish: () => ({
      kind: "list",
      offsets: offsets.slice(0, length + 1),
      items: items.finish(),
      valid: valid === null ? null : valid.slice(0, length),
      isMap: isMap || undefined,
    }),
  };
}

function appendText(builder: ScalarBuilder, value: string | null): void {
  (builder as ReturnType<typeof textBuilder>).appendValue(value);
}

function markValid(
  vector: DuckDBVector,
  validity: VectorStorage["validity"],
  from: number,
  count: number,
  valid: Uint8Array,
  at: number,
): void {
  if (validity === undefined) {
    for (let row = 0; row < count; row++) valid[at + row] = vector.getItem(from + row) === null ? 0 : 1;
    return;
  }
  if (validity.data === null) {
    valid.fill(1, at, at + count);
    return;
  }
  const words = new Uint32Array(validity.data.buffer, validity.data.byteOffset, validity.data.length * 2);
  for (let row = 0; row < count; row++) {
    const bit = validity.offset + from + row;
    valid[at + row] = (words[bit >>> 5]! >>> (bit & 31)) & 1;
  }
}

/** Copies integers; `false` if one needs more than 32 bits. */
function copyInts(vector: DuckDBVector, from: number, count: number, values: Int32Array, at: number): boolean {
  const { items } = vector as unknown as VectorStorage;
  if (items instanceof Int32Array) {
    values.set(items.subarray(from, from + count), at);
    return true;
  }
  if (!(items instanceof BigInt64Array)) return false;
  const halves = new Int32Array(items.buffer, items.byteOffset + from * 8, count * 2);
  for (let row = 0; row < count; row++) {
    const low = halves[row * 2]!;
    if (halves[row * 2 + 1] !== low >> 31) return false;
    values[at + row] = low;
  }
  return true;
}

/** Copies numbers; `false` if an integer is beyond ±2^53. */
function copyNumbers(vector: DuckDBVector, from: number, count: number, values: Float64Array, at: number): boolean {
  const { items } = vector as unknown as VectorStorage;
  if (items instanceof Int32Array || items instanceof Float64Array || items instanceof Float32Array) {
    values.set(items.subarray(from, from + count), at);
    return true;
  }
  if (items instanceof BigInt64Array) {
    const halves = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
    for (let row = 0; row < count; row++) {
      const low = halves[(from + row) * 2]! >>> 0;
      const value = halves[(from + row) * 2 + 1]! * 4294967296 + low;
      if (value >= firstUnsafe || value <= -firstUnsafe) {
        // The storage of a null is arbitrary, so only valid values count.
        if (vector.getItem(from + row) !== null) return false;
        continue;
      }
      values[at + row] = value;
    }
    return true;
  }
  for (let row = 0; row < count; row++) values[at + row] = Number(vector.getItem(from + row) ?? 0);
  return true;
}

function asNumbers(column: TextColumn): NumberColumn | null {
  const numbers = column.words.map(Number);
  if (!numbers.every((value) => Math.abs(value) < firstUnsafe)) return null;
  const values = new Float64Array(column.codes.length);
  const valid = new Uint8Array(column.codes.length).fill(1);
  for (let row = 0; row < values.length; row++) {
    const code = column.codes[row]!;
    if (code < 0) valid[row] = 0;
    else values[row] = numbers[code]!;
  }
  return { kind: "number", type: "integer", values, valid };
}

function grown(values: Float64Array | Int32Array, length: number): Float64Array | Int32Array {
  if (length <= values.length) return values;
  const capacity = Math.max(length, values.length * 2);
  const more = values instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity);
  more.set(values);
  return more;
}

function grownInts(values: Int32Array, length: number): Int32Array {
  if (length <= values.length) return values;
  const more = new Int32Array(Math.max(length, values.length * 2));
  more.set(values);
  return more;
}

/** Returns a byte per row, set to 1 for the rows before the first null. */
function grownBytes(bytes: Uint8Array | null, filled: number, capacity: number): Uint8Array {
  if (bytes !== null && bytes.length >= capacity) return bytes;
  const more = new Uint8Array(capacity);
  if (bytes === null) more.fill(1, 0, filled);
  else more.set(bytes);
  return more;
}

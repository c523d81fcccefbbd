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

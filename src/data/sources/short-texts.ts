/**
 * Codes of text values from DuckDB's own storage. A value is 16 bytes: its length, then up to twelve bytes of text, or
 * the first four and an address. Making a string of each is the slowest part of reading a file; short values are told
 * apart by their 16 bytes, long ones within a vector by their address, and a string is made of each new one only.
 */

/** What a text vector holds: DuckDB's types hide it. */
export interface TextStorage {
  readonly dataView: DataView;
  readonly validity: { readonly data: BigUint64Array | null; readonly offset: number };
}

const inlineBytes = 12;

/** A table from short values to codes. */
export interface ShortTexts {
  /** Writes the codes of `count` values into `codes`; `codeAt` gives that of a value which is new or long. */
  codes(
    storage: TextStorage,
    from: number,
    count: number,
    codeAt: (row: number) => number,
    codes: Int32Array,
    at: number,
  ): void;
}

/** An empty table (open addressing: four words of a value, then its code). */
export function shortTexts(): ShortTexts {
  let capacity = 1024;
  let slots = new Int32Array(capacity * 5);
  let used = 0;

  const slotOf = (table: Int32Array, size: number, a: number, b: number, c: number, d: number): number => {
    let hash =
      Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    for (let place = (hash ^ (hash >>> 13)) & (size - 1); ; place = (place + 1) & (size - 1)) {
      const slot = place * 5;
      // A code of 0 marks a free slot: codes are stored one higher.
      if (table[slot + 4] === 0) return slot;
      if (table[slot] === a && table[slot + 1] === b && table[slot + 2] === c && table[slot + 3] === d) return slot;
    }
  };

  const grow = (): void => {
    const larger = new Int32Array(capacity * 2 * 5);
    for (let slot = 0; slot < slots.length; slot += 5) {
      if (slots[slot + 4] === 0) continue;
      const [a, b, c, d] = slots.subarray(slot, slot + 4) as unknown as [number, number, number, number];
      larger.set(slots.subarray(slot, slot + 5), slotOf(larger, capacity * 2, a, b, c, d));
    }
    slots = larger;
    capacity *= 2;
  };

  return {
    codes({ dataView, validity }, from, count, codeAt, codes, at) {
      const words = new Int32Array(dataView.buffer, dataView.byteOffset, dataView.byteLength >>> 2);
      const valid =
        validity.data === null
          ? null
          : new Uint32Array(validity.data.buffer, validity.data.byteOffset, validity.data.length * 2);
      const long = new Map<number, { readonly length: number; readonly code: number }>();
      for (let index = 0; index < count; index++) {
        const row = from + index;
        if (valid !== null) {
          const bit = validity.offset + row;
          if ((((valid[bit >>> 5] as number) >>> (bit & 31)) & 1) === 0) {
            codes[at + index] = -1;
            continue;
          }
        }
        const word = row * 4;
        const a = words[word] as number;
        const c = words[word + 2] as number;
        const d = words[word + 3] as number;
        if (a > inlineBytes) {
          const address = (d >>> 0) * 4294967296 + (c >>> 0);
          const known = long.get(address);
          // Values of other lengths may begin at one address.
          const code = known !== undefined && known.length === a ? known.code : codeAt(row);
          if (known?.code !== code) long.set(address, { length: a, code });
          codes[at + index] = code;
          continue;
        }
        const slot = slotOf(slots, capacity, a, words[word + 1] as number, c, d);
        if (slots[slot + 4] !== 0) {
          codes[at + index] = (slots[slot + 4] as number) - 1;
          continue;
        }
        const code = codeAt(row);
        codes[at + index] = code;
        slots[slot] = a;
        slots[slot + 1] = words[word + 1] as number;
        slots[slot + 2] = c;
        slots[slot + 3] = d;
        slots[slot + 4] = code + 1;
        if (++used * 2 > capacity) grow();
      }
    },
  };
}

/** Distinct texts as codes, by their bytes (open addressing): a string for each value would be slow. */
import { grown } from "../../util/growing.js";

export class TextTable {
  /** All texts, concatenated so that look-ups stay in the processor's cache. */
  #letters: Uint8Array = new Uint8Array(1 << 14);
  #ends: Int32Array = new Int32Array(1024);
  #count = 0;
  /** Hash, and code + 1: 0 marks a free slot. */
  #slots: Int32Array = new Int32Array(2 * 4096);

  code(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const slots = this.#slots;
    const mask = (slots.length >>> 1) - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = slots[slot * 2 + 1]! - 1;
      if (code < 0) return this.#add(bytes.subarray(from, to), hash, slot);
      if (slots[slot * 2] === hash && this.#isAt(code, bytes, from, to)) return code;
    }
  }

  /** The texts by code. Throws a TypeError if one is not UTF-8. */
  texts(): string[] {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return Array.from({ length: this.#count }, (_, code) =>
      decoder.decode(this.#letters.subarray(this.#start(code), this.#ends[code])),
    );
  }

  #start(code: number): number {
    return code === 0 ? 0 : this.#ends[code - 1]!;
  }

  #isAt(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start(code);
    if (this.#ends[code]! - start !== to - from) return false;
    const letters = this.#letters;
    for (let at = from; at < to; at++) if (letters[start + at - from] !== bytes[at]) return false;
    return true;
  }

  #add(text: Uint8Array, hash: number, slot: number): number {
    const code = this.#count++;
    const start = this.#start(code);
    this.#letters = grown(this.#letters, start + text.length);
    this.#letters.set(text, start);
    this.#ends = grown(this.#ends, code + 1);
    this.#ends[code] = start + text.length;
    this.#slots[slot * 2] = hash;
    this.#slots[slot * 2 + 1] = code + 1;
    if (this.#count * 4 > this.#slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2);
    const mask = before.length - 1;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] === 0) continue;
      let slot = before[at]! & mask;
      while (this.#slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot * 2] = before[at]!;
      this.#slots[slot * 2 + 1] = before[at + 1]!;
    }
  }
}

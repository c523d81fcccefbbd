/**
 * Counts distinct texts by their 64-bit hashes: a billion distinct texts have about 0.03 collisions. All hashes are
 * kept up to a limit; beyond it only a share chosen by the hash, so the count becomes an estimate and memory stays
 * bounded.
 */
import { hashInto } from "../ids/hash.js";

const slotsAtFirst = 1 << 10;

/** A growing set of hashes. */
export class DistinctHashes {
  /** High and low halves; two zeros mark a free slot. */
  private slots = new Uint32Array(2 * slotsAtFirst);
  private kept = 0;
  /** Whether the hash of two zeros is in the set. */
  private hasZero = false;
  /** Number of trailing zero bits that the mix of a kept hash must have. */
  private level = 0;
  private readonly hash = new Uint32Array(2);

  /** @param most the maximum number of kept hashes */
  constructor(private readonly most: number) {}

  /** Whether every distinct text is kept. */
  get isExact(): boolean {
    return this.level === 0;
  }

  /** The number of distinct texts, exact or estimated. */
  get count(): number {
    return (this.kept + (this.hasZero ? 1 : 0)) * 2 ** this.level;
  }

  add(text: string): void {
    hashInto(text, this.hash);
    const [high, low] = this.hash as unknown as [number, number];
    if ((high | low) === 0) this.hasZero = true;
    else if (this.isPicked(high, low) && this.insert(high, low)) this.makeRoom();
  }

  /** The kept hashes, high and low halves alternating. */
  hashes(): Uint32Array {
    const all = new Uint32Array(2 * (this.kept + (this.hasZero ? 1 : 0)));
    let filled = 0;
    for (let at = 0; at < this.slots.length; at += 2) {
      if ((this.slots[at]! | this.slots[at + 1]!) === 0) continue;
      all[filled++] = this.slots[at]!;
      all[filled++] = this.slots[at + 1]!;
    }
    return all;
  }

  /** Uses bits of both halves, since rows are a remainder of the hash. */
  private isPicked(high: number, low: number): boolean {
    return this.level === 0 || Math.imul(high ^ low, 0x9e3779b1) >>> (32 - this.level) === 0;
  }

  private insert(high: number, low: number): boolean {
    const mask = (this.slots.length >>> 1) - 1;
    for (let slot = (high ^ Math.imul(low, 0x85ebca6b)) & mask; ; slot = (slot + 1) & mask) {
      const at = 2 * slot;
      if (this.slots[at] === high && this.slots[at + 1] === low) return false;
      if ((this.slots[at]! | this.slots[at + 1]!) !== 0) continue;
      this.slots[at] = high;
      this.slots[at + 1] = low;
      this.kept += 1;
      return true;
    }
  }

  private makeRoom(): void {
    while (this.kept > this.most) {
      this.level += 1;
      this.rebuild(this.slots.length);
    }
    if (this.kept * 4 > this.slots.length) this.rebuild(this.slots.length * 2);
  }

  private rebuild(length: number): void {
    const before = this.slots;
    this.slots = new Uint32Array(length);
    this.kept = 0;
    for (let at = 0; at < before.length; at += 2) {
      const high = before[at]!;
      const low = before[at + 1]!;
      if ((high | low) !== 0 && this.isPicked(high, low)) this.insert(high, low);
    }
  }
}

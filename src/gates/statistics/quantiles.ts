/** A histogram determines the bin of each quantile, and only those bins are searched. */
import { fineBins } from "./accumulate.js";

/** Linear interpolation between the two nearest values of an ascending array; NaN if it is empty. */
export function quantile(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  const high = sorted[Math.ceil(at)]!;
  return low + (high - low) * (at - Math.floor(at));
}

export class QuantileCollector {
  readonly wants: Uint8Array = new Uint8Array(fineBins + 1);
  readonly #shares: readonly number[];
  readonly #count: number;
  readonly #starts: Uint32Array = new Uint32Array(fineBins + 1);
  readonly #values: (Float32Array | null)[] = new Array<Float32Array | null>(fineBins).fill(null);
  readonly #filled: Uint32Array = new Uint32Array(fineBins);

  constructor(fine: Uint32Array, shares: readonly number[]) {
    this.#shares = shares;
    for (let bin = 0; bin < fineBins; bin++) {
      this.#starts[bin + 1] = this.#starts[bin]! + fine[bin]!;
    }
    this.#count = this.#starts[fineBins]!;
    for (const share of shares) {
      const at = share * (this.#count - 1);
      for (const rank of [Math.floor(at), Math.ceil(at)]) {
        const bin = this.#binOf(rank);
        if (this.#count === 0) continue;
        this.#values[bin] ??= new Float32Array(fine[bin]!);
        this.wants[bin] = 1;
      }
    }
  }

  take(value: number, bin: number): void {
    const at = this.#filled[bin]!;
    this.#values[bin]![at] = value;
    this.#filled[bin] = at + 1;
  }

  quantiles(): number[] {
    return this.#shares.map((share) => {
      if (this.#count === 0) return Number.NaN;
      const at = share * (this.#count - 1);
      const low = this.#valueAt(Math.floor(at));
      return low + (this.#valueAt(Math.ceil(at)) - low) * (at - Math.floor(at));
    });
  }

  #valueAt(rank: number): number {
    const bin = this.#binOf(rank);
    return nth(this.#values[bin]!, rank - this.#starts[bin]!);
  }

  #binOf(rank: number): number {
    let low = 0;
    let high = fineBins - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= rank) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The value at an index of the sorted order; reorders the values (Hoare's selection). */
function nth(values: Float32Array, place: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return values[place]!;
}

/** Counts the values of a `.hash(size)` feature that share their row of the embedding table with another value. */
import type { FeatureSpec } from "../../spec/feature/feature.js";
import { getOrMake } from "../../util/growing.js";
import { idDigits } from "../cells.js";
import { bucketOfHash, hashInto, type IdRule } from "./rows-of-ids.js";

/** Distinct texts by 64-bit hashes. Beyond a limit only a share of them is kept, and the count is an estimate. */
export class DistinctHashes {
  /** The last 11 bits of the high half by the other 53 bits. */
  private readonly kept = new Map<number, number>();
  /** Number of trailing zero bits that the mix of a kept hash must have. */
  private level = 0;
  private readonly hash = new Uint32Array(2);

  /** @param most the maximum number of kept hashes */
  constructor(private readonly most: number) {}

  get isExact(): boolean {
    return this.level === 0;
  }

  get count(): number {
    return this.kept.size * 2 ** this.level;
  }

  add(text: string): void {
    hashInto(text, this.hash);
    const [high, low] = this.hash as unknown as [number, number];
    if (!this.isPicked(high, low)) return;
    this.kept.set((high >>> 11) * 2 ** 32 + low, high & 0x7ff);
    while (this.kept.size > this.most) {
      this.level += 1;
      for (const [key, rest] of this.kept) if (!this.isPicked(...halves(key, rest))) this.kept.delete(key);
    }
  }

  hashes(): Uint32Array {
    return Uint32Array.from([...this.kept].flatMap(([key, rest]) => halves(key, rest)));
  }

  /** Uses bits of both halves, since rows are a remainder of the hash. */
  private isPicked(high: number, low: number): boolean {
    return this.level === 0 || Math.imul(high ^ low, 0x9e3779b1) >>> (32 - this.level) === 0;
  }
}

function halves(key: number, rest: number): [high: number, low: number] {
  return [Math.floor(key / 2 ** 32) * 2 ** 11 + rest, key % 2 ** 32];
}

/** The distinct values of a hashed feature and their table rows. */
export interface HashSharing {
  readonly feature: string;
  readonly size: number;
  readonly values: number;
  readonly rows: number;
  readonly sharing: number;
  /** Whether the three numbers are exact; otherwise they are estimates. */
  readonly exact: boolean;
  /** A size at which few values share a row, and their number; `null` if few share now, or no size is large enough. */
  readonly larger: LargerTable | null;
}

/** A table in which few values share a row. */
export interface LargerTable {
  readonly size: number;
  readonly sharing: number;
}

/** Kept hashes of all features, about 50 bytes each. */
const mostHashes = 1 << 20;
/** The share of values above which a larger table is suggested. */
const fewShare = 0.05;
const largestSize = 2 ** 31;
/** With fewer rows in use, nothing is estimated. */
const fewestRows = 20;

export function hashCounters(features: readonly FeatureSpec[]): Map<string, DistinctHashes> {
  const hashed = features.filter((feature) => hashSize(feature) !== null);
  const most = Math.max(1 << 16, Math.floor(mostHashes / Math.max(1, hashed.length)));
  return new Map(hashed.map(({ name }) => [name, new DistinctHashes(most)]));
}

export function hashSharing(
  features: readonly FeatureSpec[],
  counters: ReadonlyMap<string, DistinctHashes>,
): HashSharing[] {
  return features.flatMap((feature) => {
    const size = hashSize(feature);
    const counter = counters.get(feature.name);
    if (size === null || counter === undefined) return [];
    const { count: values, isExact: exact } = counter;
    const hashes = exact ? counter.hashes() : null;
    const rowsAt = (tableSize: number): RowsTaken =>
      hashes === null ? expected(values, tableSize) : counted(hashes, tableSize);
    const taken = rowsAt(size);
    const larger = taken.sharing > fewShare * values ? largerSize(size, values, rowsAt) : null;
    return [{ feature: feature.name, size, values, ...taken, exact, larger }];
  });
}

/** Estimates from the number of rows of a table that are in use; `null`: few values share one. */
export function sharingOfRows(feature: FeatureSpec, rows: number): HashSharing | null {
  const size = hashSize(feature);
  if (size === null || rows < fewestRows) return null;
  // A full table does not tell how many values filled it: at least these.
  const free = Math.max(1 - rows / size, 1 / (2 * size));
  const values = Math.round(Math.log(free) / Math.log(1 - 1 / size));
  const { sharing } = expected(values, size);
  if (sharing <= fewShare * values) return null;
  const larger = largerSize(size, values, (tableSize) => expected(values, tableSize));
  return { feature: feature.name, size, values, rows, sharing, exact: false, larger };
}

function hashSize(feature: FeatureSpec): number | null {
  if (feature.kind !== "id" && feature.kind !== "combo") return null;
  return feature.encoding.kind === "hash" ? feature.encoding.size : null;
}

type RowsTaken = Pick<HashSharing, "rows" | "sharing">;

function counted(hashes: Uint32Array, size: number): RowsTaken {
  const rows = new Float64Array(hashes.length / 2);
  for (let at = 0; at < rows.length; at++) rows[at] = bucketOfHash(hashes[2 * at]!, hashes[2 * at + 1]!, size);
  rows.sort();
  let taken = 0;
  let alone = 0;
  for (let at = 0; at < rows.length; ) {
    const first = at;
    while (at < rows.length && rows[at] === rows[first]) at++;
    taken += 1;
    if (at === first + 1) alone += 1;
  }
  return { rows: taken, sharing: rows.length - alone };
}

function expected(values: number, size: number): RowsTaken {
  const rows = Math.round(-size * Math.expm1(values * Math.log1p(-1 / size)));
  return { rows, sharing: Math.round(-values * Math.expm1((values - 1) * Math.log1p(-1 / size))) };
}

/** The smallest round size above this one at which few values share a row. */
function largerSize(size: number, values: number, rowsAt: (size: number) => RowsTaken): LargerTable | null {
  for (let unit = 10; unit <= largestSize; unit *= 10) {
    for (const candidate of [unit, 2 * unit, 5 * unit]) {
      if (candidate <= size || candidate > largestSize) continue;
      // The expectation is far too high: skip the count.
      if (expected(values, candidate).sharing > 4 * fewShare * values) continue;
      const { sharing } = rowsAt(candidate);
      if (sharing <= fewShare * values) return { size: candidate, sharing };
    }
  }
  return null;
}

const watched = new WeakMap<DistinctHashes, IdRule>();

/** Returns the same rule at every call, because look-ups are cached by rule. */
export function watchedRule(rule: IdRule, values: DistinctHashes): IdRule {
  return getOrMake(watched, values, () => {
    const row = (id: string): number => {
      values.add(id);
      return rule.row(id);
    };
    return { ...rule, row, rowOfNumber: (id) => row(idDigits(id)) };
  });
}

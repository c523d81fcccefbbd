/** Noise of rates and counts if rows of one user are alike: many rows of few users carry less information than independent rows. */
import { Numbering } from "../../util/growing.js";
import { studentQuantile } from "../distributions.js";
import { fewestForInterval, type ObservedShare, wilson } from "./normal.js";

/** Row numbers, user by user; the rows of user u begin at `starts[u]`. */
export interface UserRows {
  readonly rows: Int32Array;
  readonly starts: Int32Array;
}

/**
 * Row numbers, code by code; the rows of code c begin at `starts[c]`. Rows of codes outside 0 … `count` − 1 are left
 * out.
 */
export function rowsByCode(codes: Int32Array, count: number): UserRows {
  const starts = new Int32Array(count + 1);
  for (const code of codes) if (code >= 0 && code < count) starts[code + 1]! += 1;
  for (let code = 0; code < count; code++) starts[code + 1]! += starts[code]!;
  const next = starts.slice(0, count);
  const rows = new Int32Array(starts[count]!);
  codes.forEach((code, row) => {
    if (code >= 0 && code < count) rows[next[code]!++] = row;
  });
  return { rows, starts };
}

/** The number of users of equal sizes whose mean varies as much: (Σ rows)² / Σ rows² (Kish 1965). */
export function effectiveUsers(sizes: Iterable<number>): number {
  let [rows, squares] = [0, 0];
  for (const size of sizes) {
    rows += size;
    squares += size * size;
  }
  return squares === 0 ? 0 : (rows * rows) / squares;
}

/** Effective users of all rows. */
export function userCount({ starts }: UserRows): number {
  return effectiveUsers(starts.subarray(1).map((end, user) => end - starts[user]!));
}

/** Rows of a sample with their bins, 0 …; negative: left out. */
export interface BinnedRows {
  readonly users: UserRows;
  readonly bins: ArrayLike<number>;
}

/** How much a rate varies by chance. */
export interface RateNoise {
  /** Its variance as a multiple of that of independent rows; at least 1. */
  readonly designEffect: number;
  /** Degrees of freedom of the estimated variance. */
  readonly df: number;
}

export const independentNoise: RateNoise = { designEffect: 1, df: Number.POSITIVE_INFINITY };

/** Wilson's interval of a rate, for the number of independent rows that vary as much. @param tails outside of it */
export function rateInterval(
  rate: number,
  rows: number,
  tails: number,
  { designEffect, df }: RateNoise,
): ObservedShare {
  const effective = rows / designEffect;
  return wilson(rate * effective, effective, studentQuantile(tails, df));
}

/** How much two samples' shares of bins differ by chance, if users are independent of each other. */
export interface UserNoise extends RateNoise {
  /** Σ (p − q)² / p is about `scale` times a chi-squared value with these degrees of freedom. */
  readonly scale: number;
  readonly freedom: number;
}

/**
 * Rao and Scott's second-order correction (1981, 1984): the covariance of the differences, summed over users, who may
 * have rows in both samples. `null`: too few users in a sample.
 */
export function userNoise(training: BinnedRows, here: BinnedRows, binCount: number): UserNoise | null {
  const counts = [training, here].map(({ bins }) => binRows(bins, binCount));
  const [n, m] = counts.map((rows) => rows.reduce((sum, each) => sum + each, 0)) as [number, number];
  const users = [training, here].map((sample) => effectiveUsers(sizesOf(sample)));
  if (Math.min(...users) < fewestForInterval) return null;
  const shares = Float64Array.from(counts[0]!, (rows, bin) => (rows + counts[1]![bin]!) / (n + m));
  const covariance = differencesCovariance([training, here], [1 / n, -1 / m], shares);
  let [trace, squares, freedom] = [0, 0, -1];
  for (let i = 0; i < binCount; i++) {
    if (shares[i] === 0) continue;
    freedom += 1;
    trace += covariance[i * binCount + i]! / shares[i]!;
    for (let j = 0; j < binCount; j++) {
      if (shares[j]! > 0) squares += covariance[i * binCount + j]! ** 2 / (shares[i]! * shares[j]!);
    }
  }
  const spread = 1 / n + 1 / m;
  const df = spread ** 2 / (1 / n ** 2 / (users[0]! - 1) + 1 / m ** 2 / (users[1]! - 1));
  if (freedom < 1 || trace === 0) return { scale: spread, freedom: Math.max(0, freedom), df, designEffect: 1 };
  const estimated = (trace * (df + 1)) / df;
  const designEffect = Math.max(1, estimated / (freedom * spread));
  const effective = trace ** 2 / squares;
  return { scale: (designEffect * freedom * spread) / effective, freedom: effective, df, designEffect };
}

export function binRows(bins: ArrayLike<number>, binCount: number): Float64Array {
  const counts = new Float64Array(binCount);
  for (let row = 0; row < bins.length; row++) if (bins[row]! >= 0) counts[bins[row]!]! += 1;
  return counts;
}

function* sizesOf({ users: { rows, starts }, bins }: BinnedRows): Generator<number> {
  for (let user = 0; user + 1 < starts.length; user++) {
    let size = 0;
    for (let at = starts[user]!; at < starts[user + 1]!; at++) if (bins[rows[at]!]! >= 0) size += 1;
    yield size;
  }
}

/** [bins, bins]: Σ over users of z zᵀ, where z is the user's part of the difference around the common shares. */
function differencesCovariance(samples: readonly BinnedRows[], weights: readonly number[], shares: Float64Array) {
  const k = shares.length;
  const products = new Float64Array(k * k);
  const [withTotal, part] = [new Float64Array(k), new Float64Array(k)];
  let totals = 0;
  for (let user = 0; user + 1 < samples[0]!.users.starts.length; user++) {
    let total = 0;
    const touched: number[] = [];
    samples.forEach(({ users: { rows, starts }, bins }, sample) => {
      for (let at = starts[user]!; at < starts[user + 1]!; at++) {
        const bin = bins[rows[at]!]!;
        if (bin < 0) continue;
        if (!touched.includes(bin)) touched.push(bin);
        part[bin]! += weights[sample]!;
        total += weights[sample]!;
      }
    });
    for (const i of touched) {
      for (const j of touched) products[i * k + j]! += part[i]! * part[j]!;
      withTotal[i]! += total * part[i]!;
    }
    for (const bin of touched) part[bin] = 0;
    totals += total * total;
  }
  return products.map((product, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    const centred = shares[i]! * withTotal[j]! + shares[j]! * withTotal[i]!;
    return product - centred + shares[i]! * shares[j]! * totals;
  });
}

/**
 * Of a sum over rows whose residuals sum to 0; `null`: too few users.
 * @param variance of the sum if rows are independent
 */
export function sumNoise(
  rows: Int32Array,
  users: Int32Array,
  residual: (row: number) => number,
  variance: number,
): RateNoise | null {
  const { count, squares } = userSquares(rows, users, residual);
  if (count < fewestForInterval) return null;
  const designEffect = variance > 0 ? Math.max(1, (squares * count) / (count - 1) / variance) : 1;
  return { designEffect, df: count - 1 };
}

/**
 * Effective users of some rows, and Σ over users of their squared sums of a residual.
 * @param users negative: unknown
 */
export function userSquares(
  rows: Int32Array,
  users: ArrayLike<number>,
  residual: (row: number) => number,
): { readonly count: number; readonly squares: number } {
  const numbers = new Numbering<number>();
  const [sums, sizes] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  for (const row of rows) {
    const user = users[row]!;
    const number = numbers.of(user < 0 ? -1 - row : user);
    sums[number]! += residual(row);
    sizes[number]! += 1;
  }
  const count = numbers.values.length;
  const squares = sums.subarray(0, count).reduce((total, sum) => total + sum * sum, 0);
  return { count: effectiveUsers(sizes.subarray(0, count)), squares };
}

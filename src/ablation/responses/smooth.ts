/**
 * A smooth curve through the levels of an axis, over all runs. The value of level x with seed s is modelled as
 * seed(s) + curve(x) + noise: what a seed does to all levels alike cancels.
 */
import { mean } from "../../util/sums.js";

/** A fitted curve: its rise from the reference to any place, with the noise of that estimate. */
export interface SmoothFit {
  /** Of the rise from the reference to `x`. */
  at(x: number): { readonly mean: number; readonly deviation: number };
  /** Of the polynomial. */
  readonly degree: number;
  /** Degrees of freedom of the noise. */
  readonly df: number;
  /** Directions of the coefficients' noise at `x`, for simultaneous bands: `deviation` is their length. */
  direction(x: number): readonly number[];
  /** The rise by another set of values at the same levels, `[levels][seeds]`. */
  refit(values: readonly (readonly number[])[]): (x: number) => number;
}

/** Three or four levels: a parabola; from five on, a cubic. */
export function degreeFor(levels: number): number {
  return levels < 5 ? 2 : 3;
}

/** Fits the curve. @param xs ascending, one per level @param values [levels][seeds] */
export function fitSmooth(xs: readonly number[], values: readonly (readonly number[])[], reference: number): SmoothFit {
  const degree = degreeFor(xs.length);
  const seeds = values[0]!.length;
  const [centre, scale] = [mean(xs), Math.max(...xs) - Math.min(...xs)];
  const powers = (x: number): number[] => Array.from({ length: degree }, (_, k) => ((x - centre) / scale) ** (k + 1));
  const raw = xs.map(powers);
  const middles = raw[0]!.map((_, k) => mean(raw.map((row) => row[k]!)));
  const basis = raw.map((row) => row.map((value, k) => value - middles[k]!));
  const root = choleskyOf(gram(basis));
  const coefficients = (columns: readonly (readonly number[])[], seed: number): number[] =>
    solveBoth(
      root,
      basis[0]!.map((_, k) => basis.reduce((sum, row, level) => sum + row[k]! * columns[level]![seed]!, 0)),
    );
  const bySeed = Array.from({ length: seeds }, (_, seed) => coefficients(values, seed));
  const average = bySeed[0]!.map((_, k) => mean(bySeed.map((each) => each[k]!)));
  const noise = noiseOf(basis, values, bySeed, average);
  const rise = (x: number): number[] => powers(x).map((value, k) => value - powers(reference)[k]!);
  const spread = Math.sqrt(noise.variance / seeds);
  const direction = (x: number): number[] => solveLower(root, rise(x)).map((part) => part * spread);
  return {
    degree,
    df: noise.df,
    at: (x) => ({ mean: dot(rise(x), average), deviation: Math.hypot(...direction(x)) }),
    direction,
    refit(columns) {
      const all = Array.from({ length: columns[0]!.length }, (_, seed) => coefficients(columns, seed));
      const again = all[0]!.map((_, k) => mean(all.map((each) => each[k]!)));
      return (x) => dot(rise(x), again);
    },
  };
}

/**
 * The noise of one run. Residuals around the curve have most degrees of freedom, but if whole curves differ by seed,
 * they understate it; then the spread of the seeds' curves counts.
 */
function noiseOf(
  basis: readonly (readonly number[])[],
  values: readonly (readonly number[])[],
  bySeed: readonly (readonly number[])[],
  average: readonly number[],
): { variance: number; df: number } {
  const [levels, seeds, degree] = [values.length, bySeed.length, average.length];
  const byLevel = values.map((row) => mean(row));
  let [residuals, curves] = [0, 0];
  for (const [seed, curveOfSeed] of bySeed.entries()) {
    const offset = mean(values.map((row) => row[seed]!));
    for (const [level, row] of basis.entries()) {
      residuals += (values[level]![seed]! - offset - byLevel[level]! + mean(byLevel)) ** 2;
      curves +=
        dot(
          row,
          curveOfSeed.map((value, k) => value - average[k]!),
        ) ** 2;
    }
  }
  const [residualDf, curveDf] = [(levels - 1) * (seeds - 1), degree * (seeds - 1)];
  const [residual, curve] = [residuals / residualDf, curves / curveDf];
  return curve > residual ? { variance: curve, df: curveDf } : { variance: residual, df: residualDf };
}

function gram(basis: readonly (readonly number[])[]): number[][] {
  const size = basis[0]!.length;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => basis.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
}

/** The lower triangle whose square is the matrix. */
function choleskyOf(matrix: readonly (readonly number[])[]): number[][] {
  const lower = matrix.map((row) => row.map(() => 0));
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      const rest = row[j]! - dot(lower[i]!.slice(0, j), lower[j]!.slice(0, j));
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!;
    }
  }
  return lower;
}

function solveLower(lower: readonly (readonly number[])[], right: readonly number[]): number[] {
  const result: number[] = [];
  for (const [i, row] of lower.entries()) result.push((right[i]! - dot(row.slice(0, i), result)) / row[i]!);
  return result;
}

function solveBoth(lower: readonly (readonly number[])[], right: readonly number[]): number[] {
  const middle = solveLower(lower, right);
  const result = middle.map(() => 0);
  for (let i = lower.length - 1; i >= 0; i--) {
    let rest = middle[i]!;
    for (let j = i + 1; j < lower.length; j++) rest -= lower[j]![i]! * result[j]!;
    result[i] = rest / lower[i]![i]!;
  }
  return result;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

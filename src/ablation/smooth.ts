/**
 * A smooth curve or surface over the places of one or two settings, from all runs. The value at place x with seed s is
 * modelled as seed(s) + curve(x) + noise: what a seed does to all places alike cancels.
 */
import { mean } from "../util/turns.js";

export type Place = readonly number[];

/** A fitted curve or surface: its rise from the reference to any place, with the noise of that estimate. */
export interface SmoothFit {
  readonly degree: number;
  readonly df: number;
  readonly coefficients: readonly number[];
  /** The same for another set of values at the same places, `[places][seeds]`. */
  refit(values: readonly (readonly number[])[]): readonly number[];
  /** The polynomial's terms at a place minus those at the reference: times the coefficients, the rise. */
  rise(place: Place): readonly number[];
  /** Directions of the rise's noise, for simultaneous bands: its length is the standard deviation. */
  direction(rise: readonly number[]): readonly number[];
}

/** Three or four levels: a parabola; from five on, a cubic. */
export function degreeFor(levels: number): number {
  return levels < 5 ? 2 : 3;
}

/** Fits the polynomial; `null` if the places do not determine it. @param values [places][seeds] */
export function fitSmooth(
  places: readonly Place[],
  values: readonly (readonly number[])[],
  reference: Place,
  degree: number,
): SmoothFit | null {
  const terms = termsFor(places, degree);
  const raw = places.map(terms);
  const middles = raw[0]!.map((_, k) => mean(raw.map((row) => row[k]!)));
  const basis = raw.map((row) => row.map((value, k) => value - middles[k]!));
  const root = choleskyOf(gram(basis));
  if (root === null) return null;
  const seeds = values[0]!.length;
  const coefficients = (columns: readonly (readonly number[])[], seed: number): number[] =>
    solveBoth(
      root,
      basis[0]!.map((_, k) => basis.reduce((sum, row, place) => sum + row[k]! * columns[place]![seed]!, 0)),
    );
  const average = (all: readonly (readonly number[])[]): number[] =>
    all[0]!.map((_, k) => mean(all.map((each) => each[k]!)));
  const bySeed = Array.from({ length: seeds }, (_, seed) => coefficients(values, seed));
  const noise = noiseOf(basis, values, bySeed, average(bySeed));
  const [spread, base] = [Math.sqrt(noise.variance / seeds), terms(reference)];
  return {
    degree,
    df: noise.df,
    coefficients: average(bySeed),
    refit: (columns) => average(columns[0]!.map((_, seed) => coefficients(columns, seed))),
    rise: (place) => terms(place).map((value, k) => value - base[k]!),
    direction: (rise) => solveLower(root, rise).map((part) => part * spread),
  };
}

/** Products of powers up to the degree, of coordinates scaled to the places' range; without the constant. */
function termsFor(places: readonly Place[], degree: number): (place: Place) => number[] {
  const scales = places[0]!.map((_, axis) => {
    const all = places.map((place) => place[axis]!);
    return { centre: mean(all), width: Math.max(...all) - Math.min(...all) };
  });
  let powers: number[][] = [[]];
  for (const _ of scales) {
    powers = powers.flatMap((each) => Array.from({ length: degree + 1 }, (__, power) => [...each, power]));
  }
  const within = powers.filter((each) => {
    const total = each.reduce((sum, power) => sum + power, 0);
    return total > 0 && total <= degree;
  });
  return (place) => {
    const scaled = place.map((value, axis) => (value - scales[axis]!.centre) / scales[axis]!.width);
    return within.map((each) => each.reduce((product, power, axis) => product * scaled[axis]! ** power, 1));
  };
}

/** Residuals have the most degrees of freedom, but understate the noise if whole curves differ by seed. */
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

/** A pivot of this share of its diagonal is a rounding error. */
const leastPivot = 1e-9;

/** The lower triangle whose square is the matrix; `null` if the matrix is singular. */
function choleskyOf(matrix: readonly (readonly number[])[]): number[][] | null {
  const lower = matrix.map((row) => row.map(() => 0));
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      const rest = row[j]! - dot(lower[i]!.slice(0, j), lower[j]!.slice(0, j));
      if (i === j && rest <= leastPivot * matrix[i]![i]!) return null;
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

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

/** A score test of slopes: does a number have a different slope at different values of a column? */

import { dot, sum } from "../../core/util/numbers.js";
import type { Work } from "../../core/util/turns.js";
import { type Residuals, sumsBy } from "./cells.js";
import type { Clustering, GroupedField } from "./evidence.js";
import { type Field, ridge } from "./floor.js";
import { leftOut, type Moments, type QuadraticScore } from "./rao-scott.js";

const sweeps = 4;
const tiny = 1e-9;
/** Eigenvalues below this share of the largest are treated as 0, as are those that are only due to rounding. */
const leastEigenvalue = 1e-4;
const leastInformation = 1e-9;

/** A number within each value of a column, without main effects and without the slope that all values share. */
export interface SlopeBasis {
  readonly width: number;
  /** [rows, width] */
  readonly values: Float64Array;
}

/**
 * @param scores of the number: ranks as normal quantiles, so that neither its scale nor a few large values matter
 * @param mains whose main effects are removed
 * @param weights of the rows
 */
export function* slopeBasis(
  candidate: Field,
  scores: Float64Array,
  mains: readonly Field[],
  weights: Float64Array,
): Work<SlopeBasis> {
  const width = candidate.levels;
  const values = new Float64Array(scores.length * width);
  for (let row = 0; row < scores.length; row++) values[row * width + candidate.codes[row]!] = scores[row]!;
  yield* removeMainEffects(values, width, mains, weights);
  removeCommonSlope(values, width, weights);
  return { width, values };
}

/** [width, width]: the pseudo-inverse of the information that rows of these weights have on the slopes. */
export function slopeInverse({ width, values }: SlopeBasis, weights: Float64Array): Float64Array {
  const information = new Float64Array(width * width);
  for (let row = 0; row < weights.length; row++) {
    if (weights[row] !== 0) addProducts(information, width, values, row * width, weights[row]!);
  }
  mirror(information, width);
  return pseudoInverse(information, width, leastInformation * sum(weights));
}

function* removeMainEffects(
  values: Float64Array,
  width: number,
  mains: readonly Field[],
  weights: Float64Array,
): Work<void> {
  const totals = mains.map(({ codes, levels }) => sumsBy(codes, weights, levels));
  let sums = new Float64Array(mains[0]!.levels * width);
  addGroups(sums, values, width, mains[0]!.codes, weights);
  for (let step = 0; step < sweeps * mains.length; step++) {
    yield;
    const at = step % mains.length;
    const next = mains[(step + 1) % mains.length]!;
    const means = sums;
    for (let level = 0; level < totals[at]!.length; level++) {
      const total = Math.max(totals[at]![level]!, tiny);
      for (let k = 0; k < width; k++) means[level * width + k]! /= total;
    }
    sums = new Float64Array(next.levels * width);
    centre(values, width, mains[at]!.codes, means, { codes: next.codes, sums, weights });
  }
}

function addGroups(
  sums: Float64Array,
  values: Float64Array,
  width: number,
  codes: Int32Array,
  weights: Float64Array,
): void {
  for (let row = 0; row < codes.length; row++) {
    const [from, to, weight] = [row * width, codes[row]! * width, weights[row]!];
    for (let k = 0; k < width; k++) sums[to + k]! += weight * values[from + k]!;
  }
}

/** Subtracts the means of groups, and sums the remainders by the next groups, in one pass over the rows. */
function centre(
  values: Float64Array,
  width: number,
  codes: Int32Array,
  means: Float64Array,
  next: { readonly codes: Int32Array; readonly sums: Float64Array; readonly weights: Float64Array },
): void {
  const { codes: nextCodes, sums, weights } = next;
  for (let row = 0; row < codes.length; row++) {
    const [here, from, to] = [row * width, codes[row]! * width, nextCodes[row]! * width];
    const weight = weights[row]!;
    for (let k = 0; k < width; k++) {
      const value = values[here + k]! - means[from + k]!;
      values[here + k] = value;
      sums[to + k]! += weight * value;
    }
  }
}

/** Otherwise, the part of a skewed number's slope that the floor's tenths leave would look like a slope in every value. */
function removeCommonSlope(values: Float64Array, width: number, weights: Float64Array): void {
  const common = new Float64Array(weights.length);
  const products = new Float64Array(width);
  let square = 0;
  for (let row = 0; row < common.length; row++) {
    for (let k = 0; k < width; k++) common[row]! += values[row * width + k]!;
    const weighted = weights[row]! * common[row]!;
    square += weighted * common[row]!;
    for (let k = 0; k < width; k++) products[k]! += weighted * values[row * width + k]!;
  }
  for (let k = 0; k < width; k++) products[k]! /= Math.max(square, tiny);
  for (let row = 0; row < common.length; row++) {
    for (let k = 0; k < width; k++) values[row * width + k]! -= common[row]! * products[k]!;
  }
}

/** Adds weight · v vᵀ to the upper triangle. */
function addProducts(matrix: Float64Array, width: number, values: Float64Array, start: number, weight: number): void {
  for (let i = 0; i < width; i++) {
    const scaled = weight * values[start + i]!;
    if (scaled === 0) continue;
    for (let j = i; j < width; j++) matrix[i * width + j]! += scaled * values[start + j]!;
  }
}

function mirror(matrix: Float64Array, width: number): void {
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) matrix[i * width + j] = matrix[j * width + i]!;
}

/** Σ over rows of the basis times `by`. [width] */
export function basisSums({ width, values }: SlopeBasis, by: Float64Array): Float64Array {
  const sums = new Float64Array(width);
  for (let row = 0; row < by.length; row++) {
    if (by[row] === 0) continue;
    for (let k = 0; k < width; k++) sums[k]! += by[row]! * values[row * width + k]!;
  }
  return sums;
}

export function basisProduct({ width, values }: SlopeBasis, effect: Float64Array, row: number): number {
  let product = 0;
  for (let k = 0; k < width; k++) product += values[row * width + k]! * effect[k]!;
  return product;
}

export function matrixVector(matrix: Float64Array, vector: Float64Array): Float64Array {
  return vector.map((_, i) => vector.reduce((sum, each, j) => sum + matrix[i * vector.length + j]! * each, 0));
}

/** @param units whose effects are removed from the basis, and which the floor has fitted */
export function* slopeTest(
  basis: SlopeBasis,
  { residuals, weights }: Residuals,
  clusterings: readonly Clustering[],
  units: readonly Field[],
): Work<QuadraticScore> {
  const inverse = slopeInverse(basis, weights);
  yield;
  const total = basisSums(basis, residuals);
  const effect = matrixVector(inverse, total);
  const centred = residuals.map((residual, row) => residual - weights[row]! * basisProduct(basis, effect, row));
  const { width, values } = basis;
  const information = new Float64Array(width);
  for (let row = 0; row < weights.length; row++) {
    for (let k = 0; k < width; k++) information[k]! += weights[row]! * values[row * width + k]! ** 2;
  }
  const moments: Moments[] = [];
  for (const { unit, groups } of clusterings) {
    // The basis takes the effects of a cluster's own unit out of its sums.
    const others = units.filter(({ name }) => (unit !== "user" && unit !== "item") || name !== groups.name);
    const restored = withoutFit(centred, weights, others);
    const { middle, clusters } = yield* middleOf(basis, information, { residuals: restored, weights }, groups);
    const product = matrixProduct(inverse, middle, width);
    let [mean, squares] = [0, 0];
    for (let i = 0; i < width; i++) {
      mean += product[i * width + i]!;
      for (let j = 0; j < width; j++) squares += product[i * width + j]! * product[j * width + i]!;
    }
    moments.push({ mean, squares, clusters });
  }
  return { score: dot(total, effect), moments };
}

/** The size that residuals had before the floor fitted the effects of units to them. */
function withoutFit(residuals: Float64Array, weights: Float64Array, units: readonly Field[]): Float64Array {
  const fitted = new Float64Array(residuals.length);
  for (const { codes, levels } of units) {
    const totals = sumsBy(codes, weights, levels);
    for (let row = 0; row < fitted.length; row++) {
      const total = totals[codes[row]!]!;
      fitted[row]! += (weights[row]! / (total + ridge)) * (2 - total / (total + ridge));
    }
  }
  return residuals.map((residual, row) => residual / Math.sqrt(Math.max(1 - fitted[row]!, 0.1)));
}

/**
 * Σ over clusters of s sᵀ; a cluster's sums count as if the slopes had been estimated without it, level by level.
 * @param information of each level
 */
function* middleOf(
  { width, values }: SlopeBasis,
  information: Float64Array,
  { residuals, weights }: Residuals,
  { rows, starts, levels }: GroupedField,
): Work<{ readonly middle: Float64Array; readonly clusters: number }> {
  const middle = new Float64Array(width * width);
  const [sums, parts] = [new Float64Array(width), new Float64Array(width)];
  let concentration = 0;
  for (let group = 0; group < levels; group++) {
    if (group % groupsPerTurn === 0) yield;
    sums.fill(0);
    parts.fill(0);
    for (let at = starts[group]!; at < starts[group + 1]!; at++) {
      const row = rows[at]!;
      const [residual, weight] = [residuals[row]!, weights[row]!];
      for (let k = 0; k < width; k++) {
        const value = values[row * width + k]!;
        sums[k]! += residual * value;
        parts[k]! += weight * value * value;
      }
    }
    for (let k = 0; k < width; k++) {
      const share = parts[k]! / Math.max(information[k]!, 1e-30);
      sums[k]! *= leftOut(share);
      concentration += parts[k]! * share;
    }
    addProducts(middle, width, sums, 0, 1);
  }
  mirror(middle, width);
  // The harmonic mean over levels of the number of clusters that a level's slope rests on.
  return { middle, clusters: sum(information) / concentration };
}

const groupsPerTurn = 256;

function matrixProduct(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const product = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < width; k++) {
      const scale = a[i * width + k]!;
      for (let j = 0; j < width; j++) product[i * width + j]! += scale * b[k * width + j]!;
    }
  }
  return product;
}

const mostRounds = 60;

/** The pseudo-inverse of a symmetric matrix, by Jacobi's rotations (Golub and Van Loan, §8.5). @param smallest eigenvalue that is not 0 */
export function pseudoInverse(matrix: Float64Array, width: number, smallest = 0): Float64Array {
  const a = matrix.slice();
  const vectors = new Float64Array(width * width);
  for (let i = 0; i < width; i++) vectors[i * width + i] = 1;
  for (let round = 0; round < mostRounds && !isDiagonal(a, width); round++) {
    for (let p = 0; p < width; p++) for (let q = p + 1; q < width; q++) rotate(a, vectors, width, p, q);
  }
  const values = vectors.slice(0, width).map((_, i) => a[i * width + i]!);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const least = Math.max(leastEigenvalue * largest, smallest);
  const inverse = new Float64Array(width * width);
  for (let k = 0; k < width; k++) {
    if (Math.abs(values[k]!) <= least) continue;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        inverse[i * width + j]! += (vectors[i * width + k]! * vectors[j * width + k]!) / values[k]!;
      }
    }
  }
  return inverse;
}

function isDiagonal(a: Float64Array, width: number): boolean {
  let [beside, on] = [0, 0];
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      if (i === j) on += a[i * width + j]! ** 2;
      else beside += a[i * width + j]! ** 2;
    }
  }
  return beside <= 1e-28 * on;
}

/** Makes element (p, q) zero. */
function rotate(a: Float64Array, vectors: Float64Array, width: number, p: number, q: number): void {
  const between = a[p * width + q]!;
  if (between === 0) return;
  const tau = (a[q * width + q]! - a[p * width + p]!) / (2 * between);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau ** 2));
  const c = 1 / Math.sqrt(1 + t ** 2);
  const s = t * c;
  const turn = (matrix: Float64Array, one: number, other: number): void => {
    const [x, y] = [matrix[one]!, matrix[other]!];
    matrix[one] = c * x - s * y;
    matrix[other] = s * x + c * y;
  };
  for (let k = 0; k < width; k++) turn(a, k * width + p, k * width + q);
  for (let k = 0; k < width; k++) turn(a, p * width + k, q * width + k);
  for (let k = 0; k < width; k++) turn(vectors, k * width + p, k * width + q);
}

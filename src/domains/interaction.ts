/** Whether a column changes what another means: the floor's residuals by pair of values, without both main effects. */
import { chiSquareCdf, chiSquarePoints, chiSquareTail } from "../metrics/distributions.js";
import { sum, type Work } from "../util/turns.js";
import { type CrossFit, type Field, foldCount } from "./floor.js";

/** Prior variances of a cell's effect among which an inner cross-fit chooses. */
const priors = [0.003, 0.01, 0.03, 0.1, 0.3, 1];

interface Cells {
  /** The cell of each row. */
  readonly of: Int32Array;
  readonly candidate: Int32Array;
  readonly field: Int32Array;
  readonly levels: readonly [candidate: number, field: number];
}

/** The interaction of a candidate with a field. */
export interface Interaction {
  readonly field: Field;
  /** Chance of a score as high without an interaction. */
  readonly pValue: number;
  /** Its effect on each row's logit, from other folds. [rows] */
  readonly direction: Float64Array;
  /** The same, where the other folds say that it helps; else 0. [rows] */
  readonly effect: Float64Array;
  readonly freedom: readonly [squares: number, cubes: number];
}

function cellsOf(candidate: Field, field: Field): Cells {
  const numbers = new Int32Array(candidate.levels * field.levels).fill(-1);
  const filled: number[] = [];
  const of = candidate.codes.map((code, row) => {
    const cell = code * field.levels + field.codes[row]!;
    if (numbers[cell] === -1) numbers[cell] = filled.push(cell) - 1;
    return numbers[cell]!;
  });
  return {
    of,
    candidate: Int32Array.from(filled, (cell) => Math.floor(cell / field.levels)),
    field: Int32Array.from(filled, (cell) => cell % field.levels),
    levels: [candidate.levels, field.levels],
  };
}

/** Subtracts the weighted means of the candidate's and of the field's levels, in turn. Changes `values`. */
function withoutMainEffects(values: Float64Array, weights: Float64Array, cells: Cells, times: number): Float64Array {
  for (let time = 0; time < times; time++) {
    for (const [side, codes] of [cells.candidate, cells.field].entries()) {
      const sums = new Float64Array(cells.levels[side]!);
      const totals = new Float64Array(cells.levels[side]!);
      for (let cell = 0; cell < codes.length; cell++) {
        sums[codes[cell]!]! += values[cell]! * weights[cell]!;
        totals[codes[cell]!]! += weights[cell]!;
      }
      for (let level = 0; level < sums.length; level++) sums[level]! /= Math.max(totals[level]!, 1e-9);
      for (let cell = 0; cell < codes.length; cell++) values[cell]! -= sums[codes[cell]!]!;
    }
  }
  return values;
}

interface Sums {
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
}

function sumsWithout(folds: readonly Sums[], without: readonly number[]): Sums {
  const [residuals, weights] = [folds[0]!.residuals.map(() => 0), folds[0]!.weights.map(() => 0)];
  for (const [fold, each] of folds.entries()) {
    if (without.includes(fold)) continue;
    for (let cell = 0; cell < weights.length; cell++) {
      residuals[cell]! += each.residuals[cell]!;
      weights[cell]! += each.weights[cell]!;
    }
  }
  return { residuals, weights };
}

function deviations({ residuals, weights }: Sums, cells: Cells): Float64Array {
  const means = residuals.map((sum, cell) => (weights[cell]! > 0 ? sum / weights[cell]! : 0));
  return withoutMainEffects(means, weights, cells, 3);
}

/** Shrunk towards 0, and without main effects on the rows that it is read on. */
function shrunk(
  values: Float64Array,
  { weights }: Sums,
  prior: number,
  read: Float64Array,
  cells: Cells,
  times: number,
) {
  const effects = values.map((value, cell) => (value * weights[cell]!) / (weights[cell]! + 1 / prior));
  return withoutMainEffects(effects, read, cells, times);
}

/** The prior with the best score on folds left out in turn; `null`: none is above 0. */
function bestPrior(folds: readonly Sums[], fold: number, cells: Cells): number | null {
  const scores = priors.map(() => 0);
  for (const [other, { residuals, weights }] of folds.entries()) {
    if (other === fold) continue;
    const inner = sumsWithout(folds, [fold, other]);
    const values = deviations(inner, cells);
    for (const [at, prior] of priors.entries()) {
      const effect = shrunk(values, inner, prior, weights, cells, 2);
      let score = 0;
      for (let cell = 0; cell < effect.length; cell++) {
        score += residuals[cell]! * effect[cell]! - 0.5 * weights[cell]! * effect[cell]! ** 2;
      }
      scores[at]! += score;
    }
  }
  const best = Math.max(...scores);
  return best > 0 ? priors[scores.indexOf(best)]! : null;
}

export function* interaction(
  candidate: Field,
  field: Field,
  { folds, residuals }: Pick<CrossFit, "folds" | "residuals">,
  labels: Float32Array,
  clusters: readonly Field[],
): Work<Interaction> {
  const cells = cellsOf(candidate, field);
  const size = cells.candidate.length;
  const sums = Array.from({ length: foldCount }, () => ({
    residuals: new Float64Array(size),
    weights: new Float64Array(size),
  }));
  for (let row = 0; row < residuals.length; row++) {
    const [cell, of, p] = [cells.of[row]!, sums[folds[row]!]!, labels[row]! - residuals[row]!];
    of.residuals[cell]! += residuals[row]!;
    of.weights[cell]! += p * (1 - p);
  }
  yield;
  const [direction, effect] = [new Float64Array(labels.length), new Float64Array(labels.length)];
  let [squares, cubes] = [0, 0];
  for (let fold = 0; fold < foldCount; fold++) {
    const prior = bestPrior(sums, fold, cells);
    yield;
    const others = sumsWithout(sums, [fold]);
    const smooth = prior ?? priors[0]!;
    const values = shrunk(deviations(others, cells), others, smooth, sums[fold]!.weights, cells, 3);
    others.weights.forEach((weight) => {
      const share = weight / (weight + 1 / smooth);
      squares += share ** 2;
      cubes += share ** 3;
    });
    for (let row = 0; row < folds.length; row++) {
      if (folds[row] !== fold) continue;
      direction[row] = values[cells.of[row]!]!;
      if (prior !== null) effect[row] = direction[row]!;
    }
    yield;
  }
  const [a, b] = cells.levels;
  const scale = (Math.max(a - 1, 1) * Math.max(b - 1, 1)) / (a * b) / foldCount;
  const freedom = [squares * scale, cubes * scale] as const;
  return {
    field,
    direction,
    effect,
    freedom,
    pValue: chance(scoreOf(residuals, direction, clusters), freedom),
  };
}

/** The sum of the rows' scores in standard errors: the larger of those over rows, users, items, and both. */
export function scoreOf(residuals: Float64Array, direction: Float64Array, clusters: readonly Field[]): number {
  const scores = residuals.map((residual, row) => residual * direction[row]!);
  let [total, squares] = [0, 0];
  scores.forEach((score) => {
    total += score;
    squares += score ** 2;
  });
  const variances = clusters.map(({ codes, levels }) => {
    const sums = new Float64Array(levels);
    scores.forEach((score, row) => {
      sums[codes[row]!]! += score;
    });
    return sums.reduce((all, sum) => all + sum ** 2, 0);
  });
  const both = variances.reduce((all, each) => all + each, 0) - (clusters.length - 1) * squares;
  const variance = clusters.length === 0 ? squares : Math.max(...variances, both, squares / 2);
  return total / Math.sqrt(Math.max(variance, 1e-30));
}

/** Below it, its size decides nothing but an order, and the spread of Σ|X_k|² is left out. */
const tiny = 1e-9;
const points = 200;

/**
 * The chance of a cross-fitted score without an interaction: far from normal, since each part is scored by the others.
 * With X = Σ X_k normal in `ν` dimensions it is (|X|² − Σ|X_k|²) / √(Σ|X − X_k|² / K), where |X|² is chi-square, and so
 * is Σ|X_k|² around its mean, independent of it.
 * @param freedom sums of squares and of cubes of the cells' shrinkage
 */
export function chance(score: number, [squares, cubes]: readonly [number, number]): number {
  if (score <= 0) return 0.5;
  const freedom = Math.max(1, squares ** 3 / Math.max(cubes ** 2, 1e-12));
  const share = 1 - 1 / foldCount;
  const middle = 2 * freedom + score ** 2;
  const product = freedom ** 2 - (score ** 2 * freedom) / (foldCount * share);
  const rough = chiSquareTail((middle + Math.sqrt(Math.max(0, middle ** 2 - 4 * product))) / 2, freedom);
  if (rough < tiny) return rough;
  const ratio = score ** 2 / foldCount;
  const parts = chiSquarePoints(freedom, points, 1e-9, 1 - 1e-12).map(({ share: each, weight }) => {
    const size = each * freedom;
    const linear = 2 * share * size + ratio;
    const constant = (share * size) ** 2 - ratio * (foldCount - 2 + 1 / foldCount) * size;
    const most = (linear - Math.sqrt(linear ** 2 - 4 * constant)) / 2;
    return weight * chiSquareCdf(most * foldCount, (foldCount - 1) * freedom);
  });
  return Math.max(tiny, sum(parts));
}

/**
 * Platt scaling (1999): the line `slope · logit + shift` with the least log loss, for all rows and for parts of them. A
 * prior worth ten rows of the rarer class pulls a part's line towards that of all rows, and a prior worth one row pulls
 * that of all rows towards no change. A line then keeps the share of its change that chance does not explain (James and
 * Stein), so that it changes little if little is wrong.
 */

import { getOrMake, Numbering } from "../util/growing.js";
import { countPositives, logitLoss, sigmoid, sum } from "../util/numbers.js";
import { permutation, random } from "../util/random.js";

/** A row's logit becomes `slope · logit + shift`. */
export interface PlattLine {
  readonly slope: number;
  readonly shift: number;
}

/** `labels` are positive where > 0. */
export interface LabelledLogits {
  readonly logits: Float32Array;
  readonly labels: Float32Array;
}

const unchanged: PlattLine = { slope: 1, shift: 0 };

/** The number of rows of the rarer class that each prior is worth. */
const priorRows = { whole: 1, part: 10 } as const;
const folds = 5;

/** The line of all rows, then one per part. @param units by row number; rows of one unit are not independent */
export function plattLines(
  data: LabelledLogits,
  all: Int32Array,
  parts: readonly Int32Array[],
  units: ArrayLike<number> | null,
): PlattLine[] {
  const positives = countPositives(data.labels, all);
  const share = 1 / Math.max(1, Math.min(positives, all.length - positives));
  const best = fit(data, all, unchanged, weighted(derivatives(data, all, unchanged), priorRows.whole * share));
  const whole = towards(unchanged, best, shareOfSignal(moveOf(data, all, unchanged, best, units)));
  const prior = weighted(derivatives(data, all, whole), priorRows.part * share);
  const lines = parts.map((rows) => fit(data, rows, whole, prior));
  const moves = lines.map((line, part) => moveOf(data, parts[part]!, whole, line, units));
  const common = shareOfSignal({
    signal: sum(moves.map(({ signal }) => signal)),
    noise: sum(moves.map(({ noise }) => noise)),
  });
  return [whole, ...lines.map((line, part) => towards(whole, line, Math.max(common, shareOfSignal(moves[part]!))))];
}

/** The squared length of a line's change, measured by the information of its rows, and the length that chance alone is expected to give. */
interface Move {
  readonly signal: number;
  readonly noise: number;
}

/** The share of a move that is not chance (James and Stein, 1961, positive part). */
function shareOfSignal({ signal, noise }: Move): number {
  return signal > noise ? 1 - noise / signal : 0;
}

function towards(start: PlattLine, end: PlattLine, share: number): PlattLine {
  const between = (a: number, b: number): number => a + share * (b - a);
  return { slope: between(start.slope, end.slope), shift: between(start.shift, end.shift) };
}

function moveOf(
  data: LabelledLogits,
  rows: Int32Array,
  start: PlattLine,
  end: PlattLine,
  units: ArrayLike<number> | null,
): Move {
  const [, , , a, b, c] = derivatives(data, rows, end);
  const [shift, slope] = [end.shift - start.shift, end.slope - start.slope];
  const signal = a * shift ** 2 + 2 * b * shift * slope + c * slope ** 2;
  const determinant = a * c - b ** 2;
  if (!(determinant > 1e-9 * a * c)) return { signal, noise: 1 };
  const scores = new Map<number, [number, number]>();
  for (const row of rows) {
    const logit = data.logits[row]!;
    const error = sigmoid(onLine(end, logit)) - (data.labels[row]! > 0 ? 1 : 0);
    const unit = units?.[row] ?? row;
    const score = getOrMake(scores, unit, (): [number, number] => [0, 0]);
    score[0] += error;
    score[1] += error * logit;
  }
  let noise = 0;
  for (const [byShift, bySlope] of scores.values()) {
    noise += (c * byShift ** 2 - 2 * b * byShift * bySlope + a * bySlope ** 2) / determinant;
  }
  return { signal, noise };
}

/**
 * The logits from lines fitted to other rows: each fifth of the units (users, or rows) is predicted by lines of the other four fifths.
 * @param units by row number
 */
export function crossPlatt(
  data: LabelledLogits,
  all: Int32Array,
  parts: readonly Int32Array[],
  units: ArrayLike<number> | null,
  seed: number,
): Float32Array {
  const numbers = new Numbering<number>();
  const unitOf = all.map((row) => numbers.of(units?.[row] ?? row));
  const order = permutation(numbers.values.length, random(seed).fork("recalibration"));
  const foldOf = new Int8Array(data.logits.length).fill(-1);
  for (const [at, row] of all.entries()) foldOf[row] = order[unitOf[at]!]! % folds;
  const logits = Float32Array.from(data.logits);
  for (let fold = 0; fold < folds; fold++) {
    const others = (rows: Int32Array): Int32Array => rows.filter((row) => foldOf[row] !== fold);
    const lines = plattLines(data, others(all), parts.map(others), units);
    for (const [part, rows] of [all, ...parts].entries()) {
      for (const row of rows) if (foldOf[row] === fold) logits[row] = onLine(lines[part]!, data.logits[row]!);
    }
  }
  return logits;
}

function onLine({ slope, shift }: PlattLine, logit: number): number {
  return slope * logit + shift;
}

/** The log loss, its derivatives by shift and slope, and its second derivatives: shift, shift and slope, slope. */
type Derivatives = readonly [number, number, number, number, number, number];

function derivatives({ logits, labels }: LabelledLogits, rows: Int32Array, line: PlattLine): Derivatives {
  let [loss, byShift, bySlope, shifts, both, slopes] = [0, 0, 0, 0, 0, 0];
  for (const row of rows) {
    const logit = logits[row]!;
    const scaled = onLine(line, logit);
    const label = labels[row]! > 0 ? 1 : 0;
    const probability = sigmoid(scaled);
    const weight = probability * (1 - probability);
    loss += logitLoss(scaled, label > 0);
    byShift += probability - label;
    bySlope += (probability - label) * logit;
    shifts += weight;
    both += weight * logit;
    slopes += weight * logit * logit;
  }
  return [loss, byShift, bySlope, shifts, both, slopes];
}

type Prior = readonly [shifts: number, both: number, slopes: number];

function weighted([, , , shifts, both, slopes]: Derivatives, weight: number): Prior {
  // If all logits are equal, the slope is undetermined.
  return [weight * shifts, weight * both, weight * slopes + 1e-9];
}

/**
 * Fits a line by Newton's method with halved steps; the loss is convex. A slope below 0, which would reverse the order,
 * is not taken.
 */
function fit(data: LabelledLogits, rows: Int32Array, start: PlattLine, [shifts, both, slopes]: Prior): PlattLine {
  const at = (line: PlattLine): Derivatives => {
    const [shift, slope] = [line.shift - start.shift, line.slope - start.slope];
    const [byShift, bySlope] = [shifts * shift + both * slope, both * shift + slopes * slope];
    const prior = [(byShift * shift + bySlope * slope) / 2, byShift, bySlope, shifts, both, slopes];
    return derivatives(data, rows, line).map((value, at) => value + prior[at]!) as unknown as Derivatives;
  };
  let line = start;
  let here = at(line);
  for (let step = 0; step < 50; step++) {
    const [loss, byShift, bySlope, a, b, c] = here;
    const determinant = a * c - b ** 2;
    const [shift, slope] = [(c * byShift - b * bySlope) / determinant, (a * bySlope - b * byShift) / determinant];
    if (!(determinant > 0) || Math.abs(shift) + Math.abs(slope) < 1e-7) break;
    for (let size = 1; size > 1e-6; size /= 2) {
      const next = { slope: line.slope - size * slope, shift: line.shift - size * shift };
      const derivative = at(next);
      if (!(derivative[0] <= loss)) continue;
      [line, here] = [next, derivative];
      break;
    }
  }
  return line.slope > 0 ? line : fit(data, rows, start, [shifts, both, 1e12 * (1 + slopes)]);
}

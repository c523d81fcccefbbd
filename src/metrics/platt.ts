/**
 * Platt scaling (1999): the line `slope · logit + shift` with the least log loss, for all rows and for parts of them. A
 * part's line is drawn towards that of all rows as by ten more positive rows (negative ones, if these are rarer), and that
 * of all rows towards no change as by one.
 */

import { Numbering } from "../util/growing.js";
import { permutation, random } from "../util/random.js";

/** A row's logit becomes `slope · logit + shift`. */
export interface PlattLine {
  readonly slope: number;
  readonly shift: number;
}

export interface LabelledLogits {
  readonly logits: Float32Array;
  /** Positive where > 0. */
  readonly labels: Float32Array;
}

const unchanged: PlattLine = { slope: 1, shift: 0 };

/** Rows of the rarer class that the start of a line counts as. */
const priorRows = { whole: 1, part: 10 } as const;
const folds = 5;

/** The line of all rows, then one per part. */
export function plattLines(data: LabelledLogits, all: Int32Array, parts: readonly Int32Array[]): PlattLine[] {
  const positives = all.reduce((sum, row) => sum + (data.labels[row]! > 0 ? 1 : 0), 0);
  const share = 1 / Math.max(1, Math.min(positives, all.length - positives));
  const whole = fit(data, all, unchanged, weighted(derivatives(data, all, unchanged), priorRows.whole * share));
  const prior = weighted(derivatives(data, all, whole), priorRows.part * share);
  return [whole, ...parts.map((rows) => fit(data, rows, whole, prior))];
}

/**
 * The logits by lines of other rows: each fifth of the units (users, or rows) by lines of the other four fifths.
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
  const unitOf = Int32Array.from(all, (row) => numbers.of(units?.[row] ?? row));
  const order = permutation(numbers.values.length, random(seed).fork("recalibration"));
  const foldOf = new Int8Array(data.logits.length).fill(-1);
  for (const [at, row] of all.entries()) foldOf[row] = order[unitOf[at]!]! % folds;
  const logits = Float32Array.from(data.logits);
  for (let fold = 0; fold < folds; fold++) {
    const others = (rows: Int32Array): Int32Array => rows.filter((row) => foldOf[row] !== fold);
    const lines = plattLines(data, others(all), parts.map(others));
    for (const [part, rows] of [all, ...parts].entries()) {
      for (const row of rows) if (foldOf[row] === fold) logits[row] = onLine(lines[part]!, data.logits[row]!);
    }
  }
  return logits;
}

function onLine({ slope, shift }: PlattLine, logit: number): number {
  return slope * logit + shift;
}

/** The sums of p − y, and of p (1 − p), times 1, the logit, and its square. */
interface Derivatives {
  readonly loss: number;
  readonly byShift: number;
  readonly bySlope: number;
  readonly shifts: number;
  readonly both: number;
  readonly slopes: number;
}

function derivatives({ logits, labels }: LabelledLogits, rows: Int32Array, line: PlattLine): Derivatives {
  let [loss, byShift, bySlope, shifts, both, slopes] = [0, 0, 0, 0, 0, 0];
  for (const row of rows) {
    const logit = logits[row]!;
    const scaled = onLine(line, logit);
    const label = labels[row]! > 0 ? 1 : 0;
    const probability = 1 / (1 + Math.exp(-scaled));
    loss += Math.max(scaled, 0) - label * scaled + Math.log1p(Math.exp(-Math.abs(scaled)));
    byShift += probability - label;
    bySlope += (probability - label) * logit;
    const weight = probability * (1 - probability);
    shifts += weight;
    both += weight * logit;
    slopes += weight * logit * logit;
  }
  return { loss, byShift, bySlope, shifts, both, slopes };
}

type Prior = Pick<Derivatives, "shifts" | "both" | "slopes">;

function weighted({ shifts, both, slopes }: Prior, weight: number): Prior {
  // Logits that are all equal say nothing of a slope.
  return { shifts: weight * shifts, both: weight * both, slopes: weight * slopes + 1e-9 };
}

/** Newton's method with halved steps; the sum is convex. Slopes that would turn the order around keep the start's. */
function fit(data: LabelledLogits, rows: Int32Array, start: PlattLine, prior: Prior): PlattLine {
  const at = (line: PlattLine): Derivatives => {
    const [slope, shift] = [line.slope - start.slope, line.shift - start.shift];
    const { loss, byShift, bySlope, ...second } = derivatives(data, rows, line);
    const away = (prior.shifts * shift ** 2 + 2 * prior.both * shift * slope + prior.slopes * slope ** 2) / 2;
    return {
      loss: loss + away,
      byShift: byShift + prior.shifts * shift + prior.both * slope,
      bySlope: bySlope + prior.both * shift + prior.slopes * slope,
      shifts: second.shifts + prior.shifts,
      both: second.both + prior.both,
      slopes: second.slopes + prior.slopes,
    };
  };
  let line = start;
  let here = at(line);
  for (let step = 0; step < 50; step++) {
    const { byShift, bySlope, shifts, both, slopes } = here;
    const determinant = shifts * slopes - both ** 2;
    const shift = (slopes * byShift - both * bySlope) / determinant;
    const slope = (shifts * bySlope - both * byShift) / determinant;
    if (!(determinant > 0) || Math.abs(shift) + Math.abs(slope) < 1e-7) break;
    for (let size = 1, { loss } = here; size > 1e-6; size /= 2) {
      const next = { slope: line.slope - size * slope, shift: line.shift - size * shift };
      const derivative = at(next);
      if (!(derivative.loss <= loss)) continue;
      [line, here] = [next, derivative];
      break;
    }
  }
  return line.slope > 0 ? line : fit(data, rows, start, { ...prior, slopes: 1e12 * (1 + prior.slopes) });
}

/** An additive logistic model of categories: what columns say without changing each other's meaning. */
import { random } from "../util/random.js";
import { logOdds, mean, sigmoid, type Work } from "../util/turns.js";

/** A column as categories, `codes[row]` < `levels`. */
export interface Field {
  readonly name: string;
  readonly codes: Int32Array;
  readonly levels: number;
}

export const foldCount = 4;
/** The penalty of a level's effect, in units of p (1 − p). */
const ridge = 3;
const mostSweeps = 12;
/** Nats of the penalised likelihood, over all rows, that a further sweep must gain. */
const leastGain = 1;
const largestStep = 1;

/** Each row's logit and residual without the row's own fold. */
export interface CrossFit {
  /** The fold of each row: rows of one unit have the same. */
  readonly folds: Uint8Array;
  readonly logits: Float64Array;
  readonly residuals: Float64Array;
}

/** Folds of whole units (users, items, sessions). @param units the unit of each row, from 0 */
export function foldsOf(units: Field, seed: number): Uint8Array {
  const source = random(seed).fork(`folds ${units.name}`);
  const ofUnit = Uint8Array.from({ length: units.levels }, () => source.integer(foldCount));
  return new Uint8Array(units.codes.length).map((_, row) => ofUnit[units.codes[row]!]!);
}

export function* crossFit(fields: readonly Field[], labels: Float32Array, folds: Uint8Array): Work<CrossFit> {
  const logits = new Float64Array(labels.length);
  for (let fold = 0; fold < foldCount; fold++) {
    yield* fitOutside(fields, labels, folds, fold, logits);
  }
  return { folds, logits, residuals: residualsOf(logits, labels) };
}

/** Fits level by level (cyclic Newton steps) on the other folds' rows; sets the logits of the fold's rows. */
function* fitOutside(
  fields: readonly Field[],
  labels: Float32Array,
  folds: Uint8Array,
  fold: number,
  logits: Float64Array,
): Work<void> {
  const all = new Int32Array(labels.length).map((_, row) => row);
  const rows = all.filter((row) => folds[row] !== fold);
  const truth = labels.filter((_, row) => folds[row] !== fold);
  const prior = logOdds(mean(truth));
  const odds = new Float64Array(rows.length).fill(Math.exp(prior));
  const parts = fields.map(({ codes, levels }) => ({
    codes: rows.map((row) => codes[row]!),
    effect: new Float64Array(levels),
  }));
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let gain = 0;
    for (const part of parts) {
      gain += fitLevels(part, truth, odds);
      yield;
    }
    if (gain < leastGain) break;
  }
  for (const row of all) if (folds[row] === fold) logits[row] = prior;
  for (const [at, { effect }] of parts.entries()) {
    const { codes } = fields[at]!;
    for (const row of all) if (folds[row] === fold) logits[row]! += effect[codes[row]!]!;
  }
}

/** A Newton step of every level; changes the effect and the odds. Returns its gain of the penalised likelihood. */
function fitLevels(
  { codes, effect }: { readonly codes: Int32Array; readonly effect: Float64Array },
  truth: Float32Array,
  odds: Float64Array,
): number {
  const [slopes, curves] = [new Float64Array(effect.length), new Float64Array(effect.length).fill(ridge)];
  for (let row = 0; row < odds.length; row++) {
    const p = odds[row]! / (1 + odds[row]!);
    slopes[codes[row]!]! += truth[row]! - p;
    curves[codes[row]!]! += p * (1 - p);
  }
  let gain = 0;
  const factors = slopes.map((slope, level) => {
    const step = (slope - ridge * effect[level]!) / curves[level]!;
    const cut = Math.max(-largestStep, Math.min(largestStep, step));
    effect[level]! += cut;
    gain += (cut ** 2 * curves[level]!) / 2;
    return Math.exp(cut);
  });
  for (let row = 0; row < odds.length; row++) odds[row]! *= factors[codes[row]!]!;
  return gain;
}

/** What a fit leaves of the labels. [rows] */
export function residualsOf(logits: Float64Array, labels: Float32Array): Float64Array {
  return logits.map((logit, row) => labels[row]! - sigmoid(logit));
}

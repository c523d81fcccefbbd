/** An additive logistic model of categories: the information of columns that do not change each other's meaning. */

import { logOdds, mean } from "../../core/util/numbers.js";
import type { Work } from "../../core/util/turns.js";

/** A column as categories, `codes[row]` < `levels`. */
export interface Field {
  readonly name: string;
  readonly codes: Int32Array;
  readonly levels: number;
}

/** The penalty of a level's effect, in units of p (1 − p). */
export const ridge = 3;
const mostSweeps = 20;
const largestStep = 1;

/**
 * Fits level by level (cyclic Newton steps).
 * @param options `rows` that it is fitted to (default: all); a level without a row has no effect. `leastGain`: nats of the
 * penalised likelihood, over all rows, that a further sweep must gain.
 * @returns each row's logit, including rows that it was not fitted to [rows]
 */
export function* fitFloor(
  fields: readonly Field[],
  labels: Float32Array,
  { rows, leastGain = 0.1 }: { readonly rows?: Int32Array; readonly leastGain?: number } = {},
): Work<Float64Array> {
  const truth = rows === undefined ? labels : Float32Array.from(rows, (row) => labels[row]!);
  const prior = logOdds(mean(truth));
  const odds = new Float64Array(truth.length).fill(Math.exp(prior));
  const parts = fields.map(({ codes, levels }): Part => {
    const effect = new Float64Array(levels);
    return { codes: rows === undefined ? codes : rows.map((row) => codes[row]!), effect, factors: effect.map(() => 1) };
  });
  let before = parts.at(-1)!;
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let gain = 0;
    for (const part of parts) {
      gain += fitLevels(part, before, truth, odds);
      before = part;
      yield;
    }
    if (gain < leastGain) break;
  }
  const logits = new Float64Array(labels.length).fill(prior);
  for (const [at, { effect }] of parts.entries()) {
    const { codes } = fields[at]!;
    for (let row = 0; row < logits.length; row++) logits[row]! += effect[codes[row]!]!;
  }
  return logits;
}

interface Part {
  readonly codes: Int32Array;
  readonly effect: Float64Array;
  /** Of the odds, by the last step. */
  readonly factors: Float64Array;
}

/** A Newton step of every level, once the odds have the step of `before`. Returns its gain of the penalised likelihood. */
function fitLevels({ codes, effect, factors }: Part, before: Part, truth: Float32Array, odds: Float64Array): number {
  const [slopes, curves] = [new Float64Array(effect.length), new Float64Array(effect.length).fill(ridge)];
  const { codes: codesBefore, factors: factorsBefore } = before;
  for (let row = 0; row < odds.length; row++) {
    const odd = odds[row]! * factorsBefore[codesBefore[row]!]!;
    odds[row] = odd;
    const p = odd / (1 + odd);
    const code = codes[row]!;
    slopes[code]! += truth[row]! - p;
    curves[code]! += p * (1 - p);
  }
  let gain = 0;
  for (let level = 0; level < effect.length; level++) {
    const step = (slopes[level]! - ridge * effect[level]!) / curves[level]!;
    const cut = Math.max(-largestStep, Math.min(largestStep, step));
    effect[level]! += cut;
    gain += (cut ** 2 * curves[level]!) / 2;
    factors[level] = Math.exp(cut);
  }
  return gain;
}

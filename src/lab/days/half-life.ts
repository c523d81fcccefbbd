/** The half-life of models' losses with age: loss(k) = L · (1 − 2^(−k / h)), where L is at most the model's whole advantage. */
import { studentTails } from "../../core/metrics/distributions.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import type { DayContrast, DayMeans } from "./over-days.js";

/** With fewer ages, a curve cannot be told from a line. */
const fewestAges = 2;
const steps = 200;

interface Fit {
  readonly halfLife: number;
  readonly squares: number;
}

/**
 * In periods: the half-lives that a score test does not reject. For each, the losses must follow its curve (a contrast
 * that is 0 on the curve and grows fastest away from it), and L must not exceed a fresh model's advantage over chance.
 * @param means losses at the ages 1, 2, …, and last the AUC beyond 0.5 of a fresh model
 */
export function halfLife(means: DayMeans, level = 0.95): Interval {
  const none = { value: null, low: null, high: null };
  const ages = means.means.length - 1;
  if (ages < fewestAges) return none;
  const all = means.means[ages]!;
  const weights = means.counts.slice(0, ages);
  let best: Fit | null = null;
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  const [shortest, longest] = [0.2, 50 * ages];
  for (let step = 0; step <= steps; step++) {
    const h = shortest * (longest / shortest) ** (step / steps);
    const curve = weights.map((_, at) => 1 - 2 ** (-(at + 1) / h));
    const slope = weights.map((_, at) => (-Math.LN2 * (at + 1) * 2 ** (-(at + 1) / h)) / h);
    const inner = (a: readonly number[], b: readonly number[]): number =>
      weights.reduce((sum, weight, at) => sum + weight * a[at]! * b[at]!, 0);
    const norm = inner(curve, curve);
    const off = inner(curve, slope) / norm;
    const across = means.contrast([...weights.map((weight, at) => weight * (slope[at]! - off * curve[at]!)), 0]);
    const scale = weights.map((weight, at) => (weight * curve[at]!) / norm);
    const size = means.contrast([...scale, 0]);
    const beyond = means.contrast([...scale, -1]);
    // Each of the two tests has half of the error probability.
    const isCurve = isWithin(across, (1 - level) / 2);
    const isPossible = (beyond.value <= 0 || isWithin(beyond, 1 - level)) && size.value > 0;
    if (isCurve && isPossible) [low, high] = [Math.min(low, h), Math.max(high, h)];
    const fitted = Math.min(Math.max(size.value, 0), Math.max(all, 0));
    const squares = weights.reduce(
      (sum, weight, at) => sum + weight * (means.means[at]! - fitted * curve[at]!) ** 2,
      0,
    );
    if (best === null || squares < best.squares) best = { halfLife: h, squares };
  }
  if (best === null || high === 0) return none;
  return { value: Math.min(high, Math.max(low, best.halfLife)), low, high };
}

/** Whether a contrast is 0 within its noise. @param tails the probability of both */
function isWithin({ value, variance, df }: DayContrast, tails: number): boolean {
  return value === 0 || studentTails(Math.abs(value) / Math.sqrt(variance), df) >= tails;
}

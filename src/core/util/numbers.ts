/** Sums, means and other arithmetic on arrays of numbers, and the logistic function. */

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}

export function everyRow(count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

/** The number of rows whose label is above 0. */
export function countPositives(labels: ArrayLike<number>, rows: Int32Array): number {
  let positives = 0;
  for (const row of rows) if (labels[row]! > 0) positives++;
  return positives;
}

/** Whether two arrays exist and have the same numbers; −0 differs from 0, NaN equals NaN. */
export function sameNumbers(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The log loss of a logit, in nats. */
export function logitLoss(logit: number, isPositive: boolean): number {
  return Math.max(0, isPositive ? -logit : logit) + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** The inverse of the sigmoid; finite for 0 and 1, which become the nearest other float32 probabilities. */
export function logOdds(probability: number): number {
  const inside = Math.min(1 - 2 ** -25, Math.max(2 ** -150, probability));
  return Math.log(inside / (1 - inside));
}

/** The mean; NaN for an empty list. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** The variance, n − 1 in the denominator; 0 for fewer than two values. */
export function sampleVariance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1);
}

/** The mean weighted by `weight`; NaN for an empty list. */
export function weightedMean<Item>(
  items: readonly Item[],
  weight: (item: Item) => number,
  value: (item: Item) => number,
): number {
  let [total, weights] = [0, 0];
  for (const item of items) {
    total += weight(item) * value(item);
    weights += weight(item);
  }
  return total / weights;
}

/** The number of values per bin if at most `most` bins hold the whole numbers from `min` to `max`. */
export function wholeWidth(min: number, max: number, most: number): number {
  return Math.ceil((max - min + 1) / most);
}

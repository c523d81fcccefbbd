/** The plain bootstrap, as the reference of intervals. */
import {
  type Interval,
  quantile,
  rowWeights,
  type WeightedMetric,
} from "../../../src/core/metrics/intervals/bootstrap.js";

interface Draws {
  readonly draws?: number;
  /** [rows]: draws whole users. */
  readonly users?: ArrayLike<number> | null;
}

/** 95% intervals of several metrics over the same draws. */
export function bootstrap(
  rows: number,
  metrics: readonly WeightedMetric[],
  { draws = 300, users = null }: Draws = {},
): Interval[] {
  const drawn = metrics.map((): number[] => []);
  for (const weights of rowWeights(rows, users, draws, 1)) {
    for (const [at, metric] of metrics.entries()) drawn[at]!.push(metric(weights)!);
  }
  return metrics.map((metric, at) => {
    const sorted = Float64Array.from(drawn[at]!).sort();
    return {
      value: metric(new Uint16Array(rows).fill(1)),
      low: quantile(sorted, 0.025),
      high: quantile(sorted, 0.975),
    };
  });
}

/** The difference of two metrics on the same draws. */
export function difference(a: WeightedMetric, b: WeightedMetric): WeightedMetric {
  return (weights) => a(weights)! - b(weights)!;
}

/** The mean of values. */
export function weightedMean(values: ArrayLike<number>): WeightedMetric {
  return (weights) => {
    let [top, bottom] = [0, 0];
    for (let row = 0; row < values.length; row++) {
      top += weights[row]! * values[row]!;
      bottom += weights[row]!;
    }
    return top / bottom;
  };
}

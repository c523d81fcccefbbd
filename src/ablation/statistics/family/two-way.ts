/**
 * A second estimate of a difference's variance, from the table of models × seeds. Seeds move all models alike, and each
 * model has noise of its own. Without the seeds' part, the variance of each model follows from its residuals (Grubbs,
 * 1948). The sum of two models' variances has up to twice the degrees of freedom of their paired differences.
 */
import { mean } from "../../../util/sums.js";
import type { SampleVariance } from "./moderated.js";

/** Of row `row` minus the first row (the model), [models][seeds]; `null` for fewer than three models or two seeds. */
export function twoWayVariance(table: readonly (readonly number[])[], row: number): SampleVariance | null {
  const [model] = table;
  const seeds = model?.length ?? 0;
  if (table.length < 3 || seeds < 2) return null;
  const squares = residualSquares(table);
  const df = seeds - 1;
  const share = squares.reduce((sum, each) => sum + each, 0) / (df * (table.length - 1)) / table.length;
  const varianceOf = (at: number): number =>
    Math.max(0, (table.length / (table.length - 2)) * (squares[at]! / df - share));
  const [variant, base] = [varianceOf(row), varianceOf(0)];
  const total = variant + base;
  // Satterthwaite's rule for a sum of two.
  const effective = total === 0 ? df : (df * total ** 2) / (variant ** 2 + base ** 2);
  return { variance: total, df: Math.min(2 * df, Math.max(df, effective)) };
}

function residualSquares(table: readonly (readonly number[])[]): number[] {
  const bySeed = table[0]!.map((_, seed) => mean(table.map((row) => row[seed]!)));
  const centre = mean(bySeed);
  return table.map((row) => {
    const level = mean(row);
    return row.reduce((sum, value, seed) => sum + (value - level - (bySeed[seed]! - centre)) ** 2, 0);
  });
}

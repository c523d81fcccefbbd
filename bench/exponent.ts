/** The exponent of a cost that grows with a size. */
import { mean } from "../src/core/util/numbers.js";
import type { Report } from "./figure.js";

/** Reports the slope of the logarithms, over all sizes and the steepest between neighbours. */
export function reportExponent(
  name: string,
  costs: readonly (readonly [size: number, cost: number])[],
  report: Report,
): void {
  const points = costs.map(([size, cost]) => [Math.log(size), Math.log(Math.max(1, cost))] as const);
  report(`${name}.exponent`, slope(points), "ratio");
  const neighbours = points.slice(1).map((point, at) => slope([points[at]!, point]));
  report(`${name}.steepest`, Math.max(...neighbours), "ratio");
}

/** The slope of the line of least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const squares = points.reduce((sum, [each]) => sum + (each - x) ** 2, 0);
  return points.reduce((sum, [eachX, eachY]) => sum + (eachX - x) * (eachY - y), 0) / squares;
}

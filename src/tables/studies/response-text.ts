/** What curves and surfaces of a study say, in sentences. */
import type { StudyReport, StudyResponse, StudySurface } from "../../ablation/index.js";

/** One sentence per numeric setting or pair of settings, and task, over all rows. */
export function responseConclusions({ responses, surfaces }: StudyReport): string[] {
  const overall = <Shape extends { readonly domain: number | null }>(shapes: readonly Shape[]): Shape[] =>
    shapes.filter(({ domain }) => domain === null);
  return [...overall(responses).map(responseText), ...overall(surfaces).map(surfaceText)];
}

/** Where the best value of a setting is: `about 2.6; 1.4 to 5.1 may be the best`. */
export function bestText({ best, bound }: StudyResponse): string {
  if (best === null) return `flat within ±${digits(bound)}: no best value shown`;
  return `best at about ${digits(best.value)}; ${digits(best.low)} to ${digits(best.high)} may be the best`;
}

/** Where the best pair of values is. */
export function bestPairText({ best, bound }: StudySurface): string {
  if (best === null) return `flat within ±${digits(bound)}: no best values shown`;
  const [x, y] = best.values.map(digits);
  const [xs, ys] = ([0, 1] as const).map((axis) => `${digits(best.low[axis])} to ${digits(best.high[axis])}`);
  return `best at about ${x} and ${y}; pairs within ${xs} and ${ys} may be the best`;
}

/** `epnet.gamma and ppnet.gamma`. */
export function pairName({ paths }: StudySurface): string {
  return paths.join(" and ");
}

function responseText(response: StudyResponse): string {
  const { path, tower, points, best, bound } = response;
  const range = `${digits(points[0]!.value)} to ${digits(points.at(-1)!.value)}`;
  if (best === null) {
    return `From ${range}, ${path} changes ${tower} by at most ±${digits(bound)}: the curve is flat, and no best value is shown.`;
  }
  const able = `${digits(best.low)} to ${digits(best.high)}`;
  return `The best ${path} for ${tower} is about ${digits(best.value)}; ${able} may be the best of ${range}.`;
}

function surfaceText(surface: StudySurface): string {
  const { tower, best, bound } = surface;
  if (best === null) {
    return `Together, ${pairName(surface)} change ${tower} by at most ±${digits(bound)}: the surface is flat, and no best values are shown.`;
  }
  return `${pairName(surface)} together, for ${tower}: ${bestPairText(surface)}.`;
}

function digits(value: number): number {
  return Number(value.toPrecision(2));
}

/**
 * The quantile of the largest |t| of several comparisons with one model (Dunnett, 1955). The comparisons share the
 * model's runs, so they err together, and the quantile is below Bonferroni's. By numeric integration over the shared
 * part and over the variance.
 */
import {
  chiSquareDensity,
  chiSquareQuantile,
  normalCdf,
  studentQuantile,
} from "../../../metrics/distributions/index.js";

export interface Simultaneous {
  readonly error: number;
  readonly comparisons: number;
  readonly df: number;
  readonly correlation: number;
}

const quantiles = new Map<string, number>();

/** The critical value. Degrees of freedom and correlation are rounded, so that few values are computed. */
export function simultaneousQuantile({ error, comparisons, df, correlation }: Simultaneous): number {
  const [nearDf, near] = [roundedDf(df), Math.max(0, Math.round(correlation * 20) / 20)];
  const key = `${error} ${comparisons} ${nearDf} ${near}`;
  const before = quantiles.get(key);
  if (before !== undefined) return before;
  const value = solved(error, comparisons, nearDf, near);
  quantiles.set(key, value);
  return value;
}

function roundedDf(df: number): number {
  if (df < 10) return Math.max(1, Math.round(df * 4) / 4);
  return df < 30 ? Math.round(df * 2) / 2 : Math.min(200, Math.round(df / 5) * 5);
}

function solved(error: number, comparisons: number, df: number, correlation: number): number {
  const bonferroni = studentQuantile(error / comparisons, df);
  if (comparisons === 1) return bonferroni;
  const scales = variancePoints(df);
  const inside = (limit: number): number =>
    scales.reduce((sum, { scale, weight }) => sum + weight * allWithin(limit * scale, comparisons, correlation), 0);
  let [low, high] = [0, bonferroni];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (1 - inside(middle) > error) low = middle;
    else high = middle;
  }
  return high;
}

const variances = 32;

function variancePoints(df: number): { scale: number; weight: number }[] {
  const [from, to] = [Math.log(chiSquareQuantile(1e-6, df)), Math.log(chiSquareQuantile(1 - 1e-8, df))];
  const width = (to - from) / variances;
  const points = Array.from({ length: variances }, (_, at) => {
    const x = Math.exp(from + (at + 0.5) * width);
    return { scale: Math.sqrt(x / df), weight: chiSquareDensity(x, df) * x * width };
  });
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.map(({ scale, weight }) => ({ scale, weight: weight / total }));
}

const step = 0.25;
const reach = 6;

/** P(all |z| ≤ limit) of equally correlated normals, over their shared part. */
function allWithin(limit: number, comparisons: number, correlation: number): number {
  const [shared, rest] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
  let sum = 0;
  for (let z = -reach; z <= reach; z += step) {
    const within = normalCdf((shared * z + limit) / rest) - normalCdf((shared * z - limit) / rest);
    sum += Math.exp((-z * z) / 2) * within ** comparisons;
  }
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

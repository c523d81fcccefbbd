import { dot, sum, type Work } from "../util/turns.js";

export interface PrincipalComponents {
  /** [rows][2]; a component without variance is 0. */
  readonly points: readonly (readonly [number, number])[];
  /** The share of the total variance that each explains; 0 without variance. */
  readonly explained: readonly [number, number];
}

const mostIterations = 500;
const tolerance = 1e-14;

/** Exact enough to draw, quadratic in columns. Each component's largest coordinate is positive. Values [rows, dim]. */
export function* principalComponents(values: Float32Array, dim: number): Work<PrincipalComponents> {
  const rows = dim === 0 ? 0 : values.length / dim;
  const { centered, covariance } = yield* covarianceMatrix(values, rows, dim);
  const total = sum(covariance.filter((_, at) => at % (dim + 1) === 0));
  const first = yield* largestDirection(covariance, dim, null);
  const second = yield* largestDirection(covariance, dim, first.direction);
  const along = (direction: Float64Array, row: number): number =>
    dot(centered.subarray(row * dim, (row + 1) * dim), direction);
  return {
    points: Array.from({ length: rows }, (_, row) => [along(first.direction, row), along(second.direction, row)]),
    explained: total > 0 ? [first.variance / total, second.variance / total] : [0, 0],
  };
}

function* covarianceMatrix(values: Float32Array, rows: number, dim: number) {
  const mean = new Float64Array(dim);
  for (let at = 0; at < values.length; at++) mean[at % dim] = mean[at % dim]! + values[at]! / rows;
  const centered = Float64Array.from(values, (value, at) => value - mean[at % dim]!);
  const covariance = new Float64Array(dim * dim);
  for (let row = 0; row < rows; row++) {
    const vector = centered.subarray(row * dim, (row + 1) * dim);
    for (let i = 0; i < dim; i++) {
      const scaled = vector[i]! / rows;
      for (let j = 0; j < dim; j++) covariance[i * dim + j] = covariance[i * dim + j]! + scaled * vector[j]!;
    }
    if (row % 16 === 0) yield;
  }
  return { centered, covariance };
}

function* largestDirection(covariance: Float64Array, dim: number, before: Float64Array | null) {
  // A fixed start that is not orthogonal to the answer.
  let direction = Float64Array.from({ length: dim }, (_, at) => 1 + Math.sin(at + 1) / 2);
  let variance = 0;
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const next = direction.map((_, i) => dot(covariance.subarray(i * dim, (i + 1) * dim), direction));
    if (before !== null) removePart(next, before);
    variance = Math.sqrt(dot(next, next)) / Math.sqrt(dot(direction, direction));
    if (!(variance > 0)) return { direction: new Float64Array(dim), variance: 0 };
    const length = Math.sqrt(dot(next, next));
    for (let at = 0; at < dim; at++) next[at] = next[at]! / length;
    const turned = 1 - Math.abs(dot(next, direction)) / Math.sqrt(dot(direction, direction));
    direction = next;
    if (turned < tolerance) break;
    yield;
  }
  const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return { direction: largest < 0 ? direction.map((value) => -value) : direction, variance };
}

function removePart(vector: Float64Array, of: Float64Array): void {
  const share = dot(vector, of);
  for (let at = 0; at < vector.length; at++) vector[at] = vector[at]! - share * of[at]!;
}

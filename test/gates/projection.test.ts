/** Principal components and silhouettes, against the plainest way to compute each. */
import { describe, expect, it } from "vitest";
import { principalComponents } from "../../src/gates/projection.js";
import { silhouettes } from "../../src/gates/report.js";
import { random } from "../../src/util/random.js";
import { inTurns } from "../../src/util/turns.js";

const rows = 60;
const dim = 5;
const source = random(9);
/** Correlated columns, far from 0. */
const values = Array.from({ length: rows }, () => {
  const [strong, weak] = [source.normal(), source.normal()];
  return [3 + 2 * strong, 7 - strong + weak, weak, 0.1 * source.normal(), 4];
}).flat();
const matrix = Float32Array.from(values);
const domains = Int32Array.from({ length: rows }, (_, row) => row % 3);

/** Eigenvalues of a symmetric matrix by Jacobi's rotations. */
function eigenvalues(symmetric: number[][]): number[] {
  const a = symmetric.map((row) => [...row]);
  const size = a.length;
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(a[p]![q]!) < 1e-14) continue;
        const angle = Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < size; k++)
          [a[k]![p], a[k]![q]] = [c * a[k]![p]! - s * a[k]![q]!, s * a[k]![p]! + c * a[k]![q]!];
        for (let k = 0; k < size; k++)
          [a[p]![k], a[q]![k]] = [c * a[p]![k]! - s * a[q]![k]!, s * a[p]![k]! + c * a[q]![k]!];
      }
    }
  }
  return a.map((row, at) => row[at]!).sort((x, y) => y - x);
}

const column = (at: number): number[] => Array.from({ length: rows }, (_, row) => matrix[row * dim + at]!);
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const covariance = (a: readonly number[], b: readonly number[]): number =>
  mean(a.map((value, at) => (value - mean(a)) * (b[at]! - mean(b))));

describe("principal components", () => {
  it("have the variances of the covariance's largest eigenvalues, and are uncorrelated", async () => {
    const { points, explained } = await inTurns(principalComponents(matrix, dim));
    const table = Array.from({ length: dim }, (_, i) =>
      Array.from({ length: dim }, (_, j) => covariance(column(i), column(j))),
    );
    const exact = eigenvalues(table);
    const total = exact.reduce((sum, value) => sum + value, 0);
    expect(explained[0]).toBeCloseTo(exact[0]! / total, 8);
    expect(explained[1]).toBeCloseTo(exact[1]! / total, 8);
    const [first, second] = [0, 1].map((at) => points.map((point) => point[at]!));
    expect(covariance(first!, first!)).toBeCloseTo(exact[0]!, 6);
    expect(covariance(second!, second!)).toBeCloseTo(exact[1]!, 6);
    expect(covariance(first!, second!)).toBeCloseTo(0, 6);
    expect(await inTurns(principalComponents(matrix, dim))).toEqual({ points, explained });
  });

  it("are 0 where nothing varies, of one row and of none", async () => {
    const still = await inTurns(principalComponents(new Float32Array(6).fill(2), 3));
    expect(still).toEqual({
      points: [
        [0, 0],
        [0, 0],
      ],
      explained: [0, 0],
    });
    const line = await inTurns(principalComponents(Float32Array.of(0, 1, 2), 1));
    expect(line.explained).toEqual([1, 0]);
    expect((await inTurns(principalComponents(new Float32Array(), 3))).points).toEqual([]);
  });
});

describe("silhouettes", () => {
  it("are what Rousseeuw's formula gives", async () => {
    const distance = (a: number, b: number): number =>
      Math.hypot(...Array.from({ length: dim }, (_, at) => matrix[a * dim + at]! - matrix[b * dim + at]!));
    const of = (row: number): number => {
      const to = (domain: number): number =>
        mean(
          Array.from(domains.keys())
            .filter((other) => other !== row && domains[other] === domain)
            .map((other) => distance(row, other)),
        );
      const [near, ...others] = [0, 1, 2].map((step) => to((domains[row]! + step) % 3));
      const far = Math.min(...others);
      return (far - near!) / Math.max(far, near!);
    };
    const all = Array.from(domains.keys(), of);
    const got = await inTurns(silhouettes(matrix, dim, domains, 4));
    expect(got.overall).toBeCloseTo(mean(all), 6);
    expect(got.domains[1]).toBeCloseTo(mean(all.filter((_, row) => domains[row] === 1)), 6);
    expect(got.domains[3]).toBeNull();
  });

  it("are near 1 for domains far apart, and gaps for one domain or domains of one row", async () => {
    const apart = Float32Array.of(0, 0.1, 9, 9.1, 4);
    const { overall, domains: by } = await inTurns(silhouettes(apart, 1, Int32Array.of(0, 0, 1, 1, 2), 3));
    expect(overall).toBeGreaterThan(0.95);
    expect(by[2]).toBeNull();
    expect((await inTurns(silhouettes(apart, 1, Int32Array.of(0, 0, 0, 0, 1), 2))).overall).toBeNull();
  });
});

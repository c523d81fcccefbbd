import { describe, expect, test } from "vitest";
import {
  chiSquareCdf,
  chiSquareQuantile,
  normalQuantile,
  normalScore,
  normalTails,
  studentQuantile,
  studentTails,
} from "../../../src/core/metrics/distributions.js";

describe("quantiles are those of printed tables", () => {
  // Two-sided tails; NIST/SEMATECH e-Handbook §1.3.6.7.2, more digits from R's qt.
  test.each([
    [1, 0.05, 12.706204736],
    [2, 0.05, 4.302652729695],
    [4, 0.05, 2.776445105198],
    [9, 0.01, 3.249835541592],
    [30, 0.05, 2.042272456301],
    [120, 0.001, 3.373453764],
    [1, 0.002, 318.3088389855],
  ])("Student's t, %i degrees of freedom, tails %f", (df, tails, t) => {
    expect(studentQuantile(tails, df)).toBeCloseTo(t, 6);
    expect(studentTails(studentQuantile(tails, df), df)).toBeCloseTo(tails, 12);
  });

  test.each([
    [0.05, 1.959963984540054],
    [0.01, 2.575829303548901],
    [0.4, 0.8416212335729142],
    [1e-6, 4.891638475698],
  ])("normal, tails %f", (tails, z) => {
    expect(normalQuantile(tails)).toBeCloseTo(z, 9);
    expect(normalTails(z)).toBeCloseTo(tails, 10);
  });

  test.each([
    [1, 0.95, 3.841458820694],
    [4, 0.025, 0.484418557087],
    [10, 0.975, 20.483177350807],
    [99, 0.5, 98.334],
  ])("chi-square, %i degrees of freedom, share %f", (df, share, x) => {
    expect(chiSquareQuantile(share, df)).toBeCloseTo(x, df === 99 ? 3 : 8);
    expect(chiSquareCdf(x, df)).toBeCloseTo(share, df === 99 ? 4 : 10);
  });
});

test("Student's t agrees with its closed forms for one, two and four degrees of freedom, and becomes normal", () => {
  for (const t of [0.1, 1, 5, 300]) {
    expect(studentTails(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12);
    expect(studentTails(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
    const u = t / Math.sqrt(4 + t * t);
    expect(studentTails(t, 4)).toBeCloseTo(1 - 1.5 * u + u ** 3 / 2, 12);
  }
  expect(studentQuantile(0.05, 1e7)).toBeCloseTo(normalQuantile(0.05), 6);
});

test.each([
  [1e-10, -6.361340902404],
  [1e-6, -4.753424308823],
  [0.001, -3.090232306168],
  [0.05, -1.644853626951],
  [0.075, -1.439531470938],
  [0.3, -0.524400512708],
])("the score of a share of %f, and of the rest, is the normal's", (share, z) => {
  expect(normalScore(share)).toBeCloseTo(z, 6);
  expect(normalScore(1 - share)).toBeCloseTo(-z, share < 1e-8 ? 4 : 6);
});

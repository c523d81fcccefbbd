/** Drift between two samples: known distances, and a floor that two samples of one distribution rarely exceed. */
import { describe, expect, test } from "vitest";
import { chiSquareTail, fisherTail, fisherTailQuantile } from "../../../src/core/metrics/distributions.js";
import { type BinnedSamples, driftTests, populationStability, type RatePair } from "../../../src/core/metrics/drift.js";
import { random } from "../../../src/core/util/random.js";

const drifts = (columns: readonly BinnedSamples[]) => driftTests(columns, []).columns;
const rateDrifts = (pairs: readonly RatePair[]) => driftTests([], pairs).rates;

describe("distances of histograms", () => {
  test("are those computed by hand", () => {
    const byHand = -0.1 * Math.log(0.5 / 0.6) + 0.1 * Math.log(0.5 / 0.4);
    expect(populationStability([50_000, 50_000], [60_000, 40_000])).toBeCloseTo(byHand, 4);
    expect(populationStability([50, 50], [500, 500])).toBe(0);
  });

  test("are finite where a bin is empty", () => {
    expect(Number.isFinite(populationStability([100, 0], [0, 100]))).toBe(true);
  });
});

test("chi-squared probabilities are those of the tables", () => {
  expect(chiSquareTail(3.841459, 1)).toBeCloseTo(0.05, 6);
  expect(chiSquareTail(16.918978, 9)).toBeCloseTo(0.05, 6);
  expect(chiSquareTail(74.745, 100)).toBeCloseTo(0.972, 3);
  // With an even number of degrees of freedom it is a sum: e^(−x/2) Σ (x/2)^k / k!.
  const closed = Math.exp(-25) * (1 + 25 + 25 ** 2 / 2 + 25 ** 3 / 6 + 25 ** 4 / 24);
  expect(chiSquareTail(50, 10) / closed).toBeCloseTo(1, 9);
  const quantile = (tail: number, df: number) => df * fisherTailQuantile(tail, df, Number.POSITIVE_INFINITY);
  expect(quantile(0.01, 4)).toBeCloseTo(13.2767, 4);
  expect(quantile(0.05, 0)).toBe(0);
  expect(fisherTail(3.32583, 5, 10)).toBeCloseTo(0.05, 6);
  expect(fisherTailQuantile(0.01, 3, 20)).toBeCloseTo(4.93819, 4);
});

/** Rows of a sample by bin. */
function sample(rows: number, shares: readonly number[], uniform: () => number): number[] {
  const counts = shares.map(() => 0);
  for (let row = 0; row < rows; row++) {
    let [bin, left] = [0, uniform()];
    while (bin < shares.length - 1 && left >= shares[bin]!) left -= shares[bin++]!;
    counts[bin]!++;
  }
  return counts;
}

describe("drift", () => {
  const even = Array.from({ length: 10 }, () => 0.1);

  test.each([
    [400, 100],
    [100, 60],
    [2000, 500],
  ])("of samples of %d and %d rows without drift is found in at most 5% of tables of 20 columns", (n, m) => {
    const source = random(7);
    const tables = 300;
    let cries = 0;
    for (let table = 0; table < tables; table++) {
      const columns = even.concat(even).map(() => ({
        training: sample(n, even, source.uniform),
        here: sample(m, even, source.uniform),
      }));
      if (drifts(columns).some(({ isBeyondNoise }) => isBeyondNoise)) cries++;
    }
    expect(cries / tables).toBeLessThan(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / tables));
  });

  test("that was planted is found, and only in its column", () => {
    const source = random(3);
    const moved = even.map((share, bin) => share + (bin < 5 ? 0.03 : -0.03));
    const found = drifts(
      [even, moved, even].map((shares) => ({
        training: sample(5000, even, source.uniform),
        here: sample(2000, shares, source.uniform),
      })),
    );
    expect(found.map(({ isBeyondNoise }) => isBeyondNoise)).toEqual([false, true, false]);
    expect(found[1]!.psi).toBeCloseTo(0.15 * (Math.log(0.13 / 0.1) + Math.log(0.1 / 0.07)), 1);
  });

  test("is above both floors exactly if it is beyond noise", () => {
    const columns = Array.from({ length: 12 }, (_, step) => ({
      training: [500, 500],
      here: [250 + 6 * step, 250 - 6 * step],
    }));
    for (const { psi, psiFloor, isBeyondNoise } of drifts(columns)) expect(psi! > psiFloor!).toBe(isBeyondNoise);
  });

  test("is 0 for a constant column and not defined without rows", () => {
    const [constant, none] = drifts([
      { training: [7], here: [9] },
      { training: [4, 4], here: [0, 0] },
    ]);
    expect(constant).toMatchObject({ psi: 0, isBeyondNoise: false, adjustedPValue: null });
    expect(none).toMatchObject({ psi: null, isBeyondNoise: false });
  });
});

describe("a difference of rates", () => {
  test("has Newcombe's interval", () => {
    // Newcombe 1998, Statistics in Medicine 17, table II (a): 56/70 − 48/80, 0.0524 to 0.3339.
    const [rate] = rateDrifts([{ training: { rows: 80, positives: 48 }, here: { rows: 70, positives: 56 } }]);
    expect(rate).toMatchObject({ value: expect.closeTo(0.2, 10) });
    expect(rate!.low).toBeCloseTo(0.0524, 4);
    expect(rate!.high).toBeCloseTo(0.3339, 4);
  });

  test("is corrected for the number of rates, and missing without rows", () => {
    const one = { training: { rows: 1000, positives: 100 }, here: { rows: 1000, positives: 130 } };
    expect(rateDrifts([one])[0]!.isBeyondNoise).toBe(true);
    expect(rateDrifts(Array.from({ length: 20 }, () => one))[0]!.isBeyondNoise).toBe(false);
    const [none] = rateDrifts([{ training: { rows: 0, positives: 0 }, here: { rows: 5, positives: 1 } }]);
    expect(none).toMatchObject({ value: null, low: null, isBeyondNoise: false });
  });
});

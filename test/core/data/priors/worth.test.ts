/** Parts of what priors are worth, against counts by hand. */
import { expect, test } from "vitest";
import { coverageOf, judgedGains, ratesOf, type TestedGain } from "../../../../src/core/data/priors/worth.js";

const gain = (value: number | null, pValue: number | null): TestedGain => {
  return { label: "click", key: "user_id", delay: "0s", without: 0.6, gain: value, low: value, high: value, pValue };
};

test("what gains say is corrected for all of them, and gaps are not counted", () => {
  const judged = judgedGains([gain(0.01, 0.02), gain(0.02, 0.004), gain(-0.03, 0.0001), gain(null, null)]);
  // Holm by hand: 0.0001 × 3, 0.004 × 2, 0.02 × 1
  expect(judged.map(({ adjustedP }) => adjustedP)).toEqual([0.02, 0.008, expect.closeTo(0.0003, 10), null]);
  expect(judged.map(({ says }) => says)).toEqual(["helps", "helps", "harms", "cannot be told"]);
  expect(judgedGains([gain(0.01, 0.03), gain(0.01, 0.03)]).map(({ says }) => says)).toEqual([
    "cannot be told",
    "cannot be told",
  ]);
  expect(Object.keys(judged[0]!)).not.toContain("pValue");
});

test("coverage is counted over all rows and in each domain, one without rows too", () => {
  const at = { key: "user_id", delay: "1h" };
  const training = { counts: [0, 1, 5, 0], domains: ["a", "a", "b", "b"] };
  const cells = coverageOf(at, training, { counts: [3, 0, 2], domains: ["a", "b", "b"] }, ["a", "b", "c"]);
  expect(cells).toEqual([
    {
      ...at,
      domain: null,
      trainingRows: 4,
      testRows: 3,
      training: 0.5,
      test: 2 / 3,
      trainingHistory: 1,
      testHistory: 2,
    },
    { ...at, domain: "a", trainingRows: 2, testRows: 1, training: 0.5, test: 1, trainingHistory: 1, testHistory: 3 },
    { ...at, domain: "b", trainingRows: 2, testRows: 2, training: 0.5, test: 0.5, trainingHistory: 5, testHistory: 2 },
    {
      ...at,
      domain: "c",
      trainingRows: 0,
      testRows: 0,
      training: null,
      test: null,
      trainingHistory: null,
      testHistory: null,
    },
  ]);
});

test("rates are of known rows with a label, in bins that share no rate", () => {
  const rows = 900;
  const counts = Array.from({ length: rows }, (_, row) => row % 9); // 100 rows are new
  const rates = Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 0.1 : (row % 300) / 300));
  const labels = Array.from({ length: rows }, (_, row) => (row % 10 === 0 ? null : Number(row % 4 === 0)));
  const bins = ratesOf({ label: "click", key: "user_id" }, counts, rates, labels);
  const known = [...counts.keys()].filter((row) => counts[row]! > 0 && labels[row] !== null);
  expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(known.length);
  // A third of all rows have the rate 0.1: they are one bin.
  expect(bins.some((bin) => bin.rows >= known.filter((row) => rates[row] === 0.1).length)).toBe(true);
  for (const [at, bin] of bins.entries()) {
    expect(bin.prior).toBeGreaterThan(at === 0 ? -1 : bins[at - 1]!.prior);
    expect(bin.low).toBeLessThanOrEqual(bin.observed);
    expect(bin.high).toBeGreaterThanOrEqual(bin.observed);
  }
  const positives = known.filter((row) => labels[row] === 1).length;
  expect(bins.reduce((sum, bin) => sum + bin.rows * bin.observed, 0)).toBeCloseTo(positives, 6);
  expect(ratesOf({ label: "click", key: "user_id" }, [1, 2], [0.1, 0.2], [0, 1])).toEqual([]);
});

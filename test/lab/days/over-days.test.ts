/** Means over days: their errors in simulations, and the sentences that follow from them. */
import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { type DayEstimate, DayMeans, dayDifference, meanOverDays } from "../../../src/lab/days/over-days.js";
import { comparisonSays } from "../../../src/lab/days/sentences.js";

/** Means of rows with a value of the user and of the item on every day, of the day, and noise. */
function simulated(truth: number, seed: number, spread: { user: number; item: number; day: number }): DayEstimate[] {
  const source = random(seed).fork("days");
  const [users, items] = [80, 40].map((count) => Float64Array.from({ length: count }, () => source.normal()));
  return Array.from({ length: 10 }, (_, day): DayEstimate => {
    const ofDay = spread.day * source.normal();
    const units = {
      day,
      users: { of: Int32Array.from({ length: 200 }, () => source.integer(80)), count: 80 },
      items: { of: Int32Array.from({ length: 200 }, () => source.integer(40)), count: 40 },
    };
    const values = Float64Array.from(units.users.of, (user, row) => {
      const known = spread.user * users![user]! + spread.item * items![units.items.of[row]!]!;
      return truth + known + ofDay + 0.01 * source.normal();
    });
    const value = values.reduce((sum, each) => sum + each, 0) / 200;
    return { units, value, influence: values.map((each) => (each - value) / 200) };
  });
}

const spreads = {
  "rows alone": { user: 0, item: 0, day: 0 },
  "users who return": { user: 0.01, item: 0, day: 0 },
  "items who return": { user: 0, item: 0.01, day: 0 },
  "days that differ": { user: 0, item: 0, day: 0.003 },
  "all of them": { user: 0.006, item: 0.006, day: 0.002 },
};
const runs = 300;

describe.each(Object.entries(spreads))("%s", (_, spread) => {
  it("intervals contain the truth in at least 92% of simulations", () => {
    let inside = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const { low, high } = meanOverDays(simulated(0.002, seed, spread));
      inside += Number(low! <= 0.002 && 0.002 <= high!);
    }
    expect(inside / runs).toBeGreaterThanOrEqual(0.92);
  });

  it("a variant that is worse by what matters is called as good in at most 5%, an equal one better in at most 5%", () => {
    let [good, better] = [0, 0];
    for (let seed = 1; seed <= runs; seed++) {
      good += Number(
        comparisonSays(meanOverDays(simulated(-0.004, seed, spread)), "auc", 0.004, "x").verdict === "as good",
      );
      better += Number(
        comparisonSays(meanOverDays(simulated(0, seed, spread)), "auc", 0.004, "x").verdict === "better",
      );
    }
    expect(good / runs).toBeLessThanOrEqual(0.05);
    expect(better / runs).toBeLessThanOrEqual(0.05);
  });
});

it("without items, their noise is not seen, which is why a note says so", () => {
  let inside = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const days = simulated(0, seed, spreads["items who return"]).map((day) => ({
      ...day,
      units: { ...day.units, items: null },
    }));
    const { low, high } = meanOverDays(days);
    inside += Number(low! <= 0 && 0 <= high!);
  }
  expect(inside / runs).toBeLessThan(0.9);
});

it("a contrast of two series has the variance of their difference", () => {
  const [a, b] = [1, 2].map((seed) => simulated(0, seed, spreads["all of them"]));
  const shared = a!.map(({ units }, day) => ({ ...b![day]!, units }));
  const both = new DayMeans([a!, shared]).contrast([1, -1]);
  const alone = new DayMeans([a!.map((each, day) => dayDifference(each, shared[day]!))]).contrast([1]);
  expect(both.value).toBeCloseTo(alone.value, 12);
  expect(both.variance).toBeCloseTo(alone.variance, 12);
});

it("says only what an interval shows", () => {
  const says = (low: number, high: number) => comparisonSays({ value: 0, low, high }, "auc", 0.001, "x").verdict;
  expect(says(-0.0009, 0.0009)).toBe("as good");
  expect(says(0.0001, 0.002)).toBe("better");
  expect(says(-0.002, -0.0001)).toBe("worse");
  expect(says(-0.0005, 0.002)).toBe("not worse");
  expect(says(-0.002, 0.0005)).toBe("not better");
  expect(says(-0.002, 0.002)).toBe("undecided");
  expect(comparisonSays({ value: 0, low: 0.0001, high: 0.002 }, "logLoss", 0.001, "x").verdict).toBe("worse");
  expect(comparisonSays({ value: 0, low: null, high: null }, "auc", 0.001, "x").verdict).toBe("undecided");
  expect(comparisonSays({ value: null, low: null, high: null }, "auc", 0.001, "x").verdict).toBe("undefined");
});

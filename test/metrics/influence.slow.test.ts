/** Intervals by influence, against the bootstrap and against what they promise. */
import { describe, expect, it } from "vitest";
import { simultaneousIntervals } from "../../src/metrics/influence.js";
import { random } from "../../src/util/random.js";
import { inTurns } from "../../src/util/turns.js";

describe("simultaneous intervals", () => {
  /** Means of columns of noise around 0. */
  const means = (seed: number, columns: number, rows = 300) => {
    const source = random(seed);
    return Array.from({ length: columns }, () => {
      const noise = Float64Array.from({ length: rows }, () => source.normal());
      const value = noise.reduce((sum, each) => sum + each, 0) / rows;
      return { value, influence: noise.map((each) => (each - value) / rows) };
    });
  };

  it("all hold at once about as often as they promise, where single ones would fail two times in three", async () => {
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const intervals = await inTurns(simultaneousIntervals(means(seed, 20), null, { seed }));
      if (intervals.every(({ low, high }) => low! <= 0 && high! >= 0)) held++;
    }
    expect(held).toBeGreaterThanOrEqual(51);
  });
});

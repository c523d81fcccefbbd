/** Intervals by influence, against the bootstrap and against what they promise. */
import { describe, expect, it } from "vitest";
import { simultaneousIntervals } from "../../../src/core/metrics/influence.js";
import { inTurns } from "../../../src/core/util/turns.js";
import { means } from "./noise-means.js";

describe("simultaneous intervals", () => {
  it("all hold at once about as often as they promise, where single ones would fail two times in three", async () => {
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const intervals = await inTurns(simultaneousIntervals(means(seed, 20), null, { seed }));
      if (intervals.every(({ low, high }) => low! <= 0 && high! >= 0)) held++;
    }
    expect(held).toBeGreaterThanOrEqual(51);
  });
});

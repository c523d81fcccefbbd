/** How often comparisons of equal models find a difference. */
import { describe, expect, it } from "vitest";
import { expectRates } from "../../rates.js";
import { equalModels, equalPairs } from "./equal-models.js";

describe("a comparison", () => {
  it("wrongly finds a difference anywhere in few of many pairs of equal models", async () => {
    expectRates([await equalPairs()]);
  });
});

describe("several trainings of each model", () => {
  it("of one model rarely differ, while pairs of its trainings often do, of which nothing is said about models", async () => {
    const { models, pairs } = await equalModels();
    expectRates([models]);
    expect(pairs).toBeGreaterThan(15);
  });
});

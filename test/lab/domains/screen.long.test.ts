/** Rates of the screen: about eight CPU minutes. */
import { expect, test } from "vitest";
import { expectRates, triedRates } from "../../rates.js";
import { foundIn, isFalselyClear, nullKinds } from "./screen-rates.js";

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

test("a column is named in at most 5% of logs without a domain", { timeout: 3_600_000 }, async () => {
  const rule = { name: "a column beyond noise", of: 200, atMost: 17 };
  expectRates(await triedRates([rule], (at) => [isFalselyClear(nullKinds[at % nullKinds.length]!, 5000 + at)]));
});

test("small changes of slopes, tables and items are found", { timeout: 3_600_000 }, () => {
  // At the stated share (0.75, 0.95, …) each bound fails in about one series of a hundred.
  const slopes = foundIn("slope", 0.15, seeds(5001, 40));
  expect(slopes.gain).toBeCloseTo(0.0017, 3);
  expect(slopes.named).toBeGreaterThanOrEqual(24);
  for (const heavy of [false, true]) {
    const larger = foundIn("slope", 0.26, seeds(5001, 60), heavy);
    expect(larger.gain).toBeCloseTo(0.005, 2);
    expect(larger.named).toBeGreaterThanOrEqual(53);
    expect(larger.wrong).toBeLessThanOrEqual(4);
  }
  expect(foundIn("table", 0.2, seeds(5001, 20)).named).toBeGreaterThanOrEqual(11);
  expect(foundIn("item", 0.35, seeds(5001, 20)).named).toBeGreaterThanOrEqual(14);
});

/** Forecasts beside trainings: about four CPU minutes. */
import { expect, test } from "vitest";
import { type ForecastRates, forecastRates } from "./transfer-worlds.js";

const seeds = Array.from({ length: 8 }, (_, at) => 101 + at);

/** Right in at least 90% of the pairs that trainings resolve, where it speaks: which is not seldom. */
function expectRight({ resolvable, said, rightSaid }: ForecastRates): void {
  expect(rightSaid).toBeGreaterThanOrEqual(0.9 * said);
  expect(said).toBeGreaterThan(0.4 * resolvable);
}

test("where domains differ in main effects it is right", { timeout: 900_000 }, async () => {
  const rates = await forecastRates("main effects", seeds);
  expect(rates.declined).toBe(0);
  expectRight(rates);
});

test("it is right about a small interaction, and declines where it is most", { timeout: 900_000 }, async () => {
  expectRight(await forecastRates("interaction", seeds));
  const most = await forecastRates("mostly an interaction", seeds.slice(0, 4));
  expect(most.declined).toBe(most.pairs);
});

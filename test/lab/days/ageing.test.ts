/** Ageing and half-lives on generated logs whose drift is known, with models that count. */
import { expect, it } from "vitest";
import { cellAgeing } from "../../../src/lab/days/ageing.js";
import { countedDays } from "./counted.js";

const seeds = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

it("a planted half-life is within its interval in at least 18 of 20 logs", async () => {
  let covered = 0;
  for (const seed of seeds(1, 20)) {
    const { fresh, aged } = await countedDays(
      { days: 20, rowsPerDay: 1000, halfLife: 4, seed },
      { start: 7, window: 7, ages: 6 },
    );
    const { halfLife, losses } = cellAgeing(fresh, aged, 1, 1);
    expect(losses.at(-1)!.low).toBeGreaterThan(0);
    covered += Number(halfLife.low! <= 4 && 4 <= halfLife.high!);
  }
  expect(covered).toBeGreaterThanOrEqual(18);
});

it("without drift, at most 5 of 100 logs have ageing", async () => {
  let claims = 0;
  for (const seed of seeds(101, 100)) {
    const { fresh, aged } = await countedDays(
      { days: 9, rowsPerDay: 400, halfLife: null, users: 200, items: 30, seed },
      { start: 3, window: 3, ages: 3 },
    );
    claims += Number(cellAgeing(fresh, aged, 1, 1).losses.at(-1)!.low! > 0);
  }
  expect(claims).toBeLessThanOrEqual(5);
});

it("losses of log loss are positive where older models are worse", async () => {
  const { fresh, aged } = await countedDays(
    { days: 9, rowsPerDay: 400, halfLife: 1, seed: 3 },
    { start: 3, window: 3, ages: 2 },
    "logLoss",
  );
  const { losses, halfLife } = cellAgeing(fresh, aged, -1, 1);
  expect(losses.every(({ value }) => value! > 0)).toBe(true);
  expect(halfLife.value).toBeNull();
});

it("too few days have no interval", async () => {
  const { fresh, aged } = await countedDays(
    { days: 5, rowsPerDay: 200, halfLife: 1, seed: 3 },
    { start: 3, window: 3, ages: 1 },
  );
  const [loss] = cellAgeing(fresh, aged, 1, 1).losses;
  expect([loss!.days, loss!.low, loss!.high]).toEqual([1, null, null]);
});

/** Runs that end in two states: how often they are named, and how often by chance. */
import { expect, test } from "vitest";
import { type Random, random } from "../../../src/core/util/random.js";
import { statesNote, twoStates } from "../../../src/lab/ablation/statistics/two-states.js";
import { expectRates, triedRates } from "../../rates.js";

const steady = {
  normal: (source: Random) => source.normal(),
  "heavy tails": (source: Random) => {
    let squares = 0;
    for (let at = 0; at < 5; at++) squares += source.normal() ** 2;
    return source.normal() / Math.sqrt(squares / 5);
  },
};
const bistable = (source: Random) => (source.uniform() < 0.3 ? -1.5 : 0.64) + 0.2 * source.normal();
const runs = (of: (source: Random) => number, source: Random, seeds: number) =>
  Array.from({ length: seeds }, () => of(source));

test.each(Object.entries(steady))(
  "at most 5%% of studies of nine steady models name one: %s noise",
  async (name, of) => {
    for (const seeds of [7, 8, 10, 12, 16]) {
      const rule = { name: `${name}, ${seeds} seeds`, of: 1000, atMost: 73 };
      const study = (seed: number) => {
        const source = random(seed).fork(name);
        return [Array.from({ length: 9 }, () => runs(of, source, seeds)).some((values) => twoStates(values) !== null)];
      };
      expectRates(await triedRates([rule], study));
    }
  },
);

test.each([
  [8, 0.35],
  [10, 0.65],
  [12, 0.82],
])("of models in two states, %i seeds name at least %d", (seeds, least) => {
  const source = random(3);
  let named = 0;
  for (let at = 0; at < 400; at++) if (twoStates(runs(bistable, source, seeds)) !== null) named++;
  expect(named / 400).toBeGreaterThan(least);
});

test("fewer than seven runs, and equal ones, are no states", () => {
  expect(twoStates([0, 0, 0, 1, 1, 1])).toBeNull();
  expect(twoStates([1, 1, 1, 1, 1, 1, 1])).toBeNull();
  expect(twoStates([0, 1, 1.01, 1.02, 1.03, 1.04, 1.05])).toBeNull(); // one run alone may have collapsed
});

test("names the states with their runs", () => {
  const values = [0.7, 0.61, 0.701, 0.702, 0.611, 0.703, 0.612, 0.699];
  expect(twoStates(values)).toEqual({ lower: [1, 4, 6], upper: [7, 0, 2, 3, 5] });
  expect(statesNote("gamma 4", "ctr", values)).toContain(
    "ctr: the runs of gamma 4 end in two states, 3 near 0.611 and 5 near 0.701",
  );
});

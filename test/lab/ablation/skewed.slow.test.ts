/** Noise to one side: verdicts err no more often than stated, and runs that collapsed are named, but rarely by chance. */
import { describe, expect, test } from "vitest";
import { powerIn, simulatedIntervals } from "../../../bench/studies/simulate.js";
import { repeatedWithLooks } from "../../../bench/studies/stopping.js";
import {
  noiseWorld,
  nullWorlds,
  type SimulatedStudy,
  skewedWorlds,
  type World,
} from "../../../bench/studies/worlds.js";
import type { Random } from "../../../src/core/util/random.js";
import { collapsedRuns, groupNoise } from "../../../src/lab/ablation/statistics/group-noise.js";
import { shownKind } from "../../../src/lab/ablation/statistics/verdict.js";
import { expectRates, triedRates } from "../../rates.js";
import { falseVerdicts } from "./studies.js";

/** 50 expected of 1,000 at 5%, and 3.3 standard deviations of chance. */
const [studies, mostFalse] = [1000, 73];
const exponential = (source: Random) => 1 + Math.log(source.uniform() + 1e-12);

describe.each([
  ["eight variants, five seeds", { variants: 8, seeds: 5 }],
  ["three variants, eight seeds", { variants: 3, seeds: 8 }],
  ["three variants, four seeds", { variants: 3, seeds: 4 }],
  ["four variants, five seeds, two tasks", { variants: 4, seeds: 5, tasks: 2 }],
  ["two variants, five seeds, two tasks", { variants: 2, seeds: 5, tasks: 2 }],
  ["one variant, five seeds, two tasks", { variants: 1, seeds: 5, tasks: 2 }],
] as const)("1,000 studies of variants that make no difference, noise to one side, %s", (_, size) => {
  test.each(Object.entries(skewedWorlds(size)))("at most 73 report a difference: %s", async (_, world) => {
    expectRates([(await falseVerdicts(world, { of: studies, atMost: mostFalse })).rate]);
  });
});

const five = skewedWorlds({ variants: 8, seeds: 5 });

test.each(["variants skewed, a steady model", "the model skewed, steady variants"])(
  "with looks at the runs, too: %s",
  async (name) => {
    const rule = { name, of: studies, atMost: mostFalse };
    expectRates(await triedRates([rule], (study) => [repeatedWithLooks(() => five[name]!(study), {}, 1).wrong > 0]));
  },
);

function withEffect(study: SimulatedStudy, effect: number): SimulatedStudy {
  return study.map(([model, ...variants]) => [
    model!,
    ...variants.map((runs) => runs.map(({ value }) => ({ value: value + effect }))),
  ]);
}

test.each([
  ["variants skewed, a steady model", 3],
  ["the model skewed, steady variants", 2],
])("variants at the border of what matters are called equivalent in at most 7.3%% of studies: %s", (name, matters) => {
  for (const effect of [matters, -matters]) {
    let wrong = 0;
    for (let study = 1; study <= studies / 2; study++) {
      const intervals = simulatedIntervals(withEffect(five[name]!(study), effect));
      if (intervals.some((each) => shownKind(each, { higherIsBetter: true, matters }) === "equivalent")) wrong++;
    }
    expect(wrong).toBeLessThanOrEqual((mostFalse + 15) / 2);
  }
});

test("an interval reaches further where runs fall, and where the model is off from all of its variants", () => {
  const bySeed = (values: readonly number[]) => new Map(values.map((value, seed) => [seed, value]));
  const level = bySeed([0, 0.1, -0.1, 0.05, -0.05]);
  const falls = [0, 1, 2].map((shift) => bySeed([0.1, 0, -0.1, 0.05, shift - 9]));
  expect(groupNoise({ model: level, variants: falls })[0]!.skewness).toBeLessThan(-0.5);
  const apart = [3, 3.1, 2.9].map((shift) => bySeed([shift, shift + 0.1, shift - 0.1, shift, shift]));
  expect(groupNoise({ model: level, variants: apart })[0]!.offset).toBeCloseTo(2.95, 6);
  const few = groupNoise({ model: level, variants: [...apart, level, level, level, level] });
  expect(few[6]!.offset).toBeCloseTo(0, 1);
  expect(few[0]!.offset).toBeCloseTo(2.95 / 16, 1); // it may be the odd one itself
});

describe("a model with extra seeds", () => {
  const size = { variants: 8, seeds: 5, modelSeeds: 13 };

  test.each(Object.entries({ ...nullWorlds(size), ...skewedWorlds(size) }))("at most 73 err: %s", async (_, world) => {
    expectRates([(await falseVerdicts(world, { of: studies / 2, atMost: Math.floor(mostFalse / 2 + 8) })).rate]);
  });

  test("eight more runs of the model make a difference of two deviations easier to find", () => {
    const power = (of: typeof size | Omit<typeof size, "modelSeeds">) =>
      powerIn(nullWorlds(of)["equal variances"]!, 2, studies);
    expect(power(size)).toBeGreaterThan(power({ variants: 8, seeds: 5 }) + 0.1);
  });

  test("its mean is that of all of its runs; what seeds share is not lost", () => {
    const bySeed = (values: readonly number[]) => new Map(values.map((value, seed) => [seed, value]));
    const model = [1, 2, 3, 4, 10, 10, 10];
    const noise = (variants: readonly (readonly number[])[]) =>
      groupNoise({ model: bySeed(model), variants: variants.map(bySeed) });
    const apart = [3, 3.1, 2.9, 3].map((value, at) => value + 0.01 * at);
    // 2.5 is the mean of the paired runs, 40 / 7 that of all.
    expect(noise([apart])[0]!.shift).toBeCloseTo(2.5 - 40 / 7, 1);
    expect(noise([[1, 2, 3, 4].map((value) => value + 5)])[0]!.shift).toBeCloseTo(0, 6);
    expect(noise([[1, 2, 3, 4, 5, 6, 7]])[0]!.shift).toBe(0);
  });
});

describe("collapsed runs", () => {
  const heavy = (source: Random) => {
    const squares = Array.from({ length: 5 }, () => source.normal() ** 2).reduce((sum, each) => sum + each);
    return (source.normal() / Math.sqrt(squares / 5)) * Math.sqrt(3 / 5);
  };
  /** Skewed by -1. */
  const mild = (source: Random) => Array.from({ length: 4 }, () => exponential(source)).reduce((a, b) => a + b) / 2;
  const naming = (world: World, count: number) => {
    let named = 0;
    for (let study = 1; study <= count; study++) {
      const [models] = world(study) as [SimulatedStudy[number]];
      if (
        collapsedRuns(
          models.map((runs) => runs.map(({ value }) => value)),
          true,
        ).flat().length > 0
      )
        named++;
    }
    return named;
  };

  describe.each([
    { variants: 8, seeds: 5 },
    { variants: 3, seeds: 8 },
    { variants: 1, seeds: 5 },
  ])("are named by chance in at most 5% of studies, $variants variants and $seeds seeds", (size) => {
    test.each<[string, World]>([
      ["normal noise", noiseWorld(size)],
      ["heavy tails", noiseWorld(size, { shape: heavy })],
      ["mild skew", noiseWorld(size, { shape: mild })],
      ["one variant 4 x as noisy", nullWorlds(size)["one variant 4 x as noisy"]!],
      ["log-normal spread", nullWorlds(size)["log-normal spread of .5"]!],
    ])("%s", (_, world) => {
      expect(naming(world, studies / 2)).toBeLessThanOrEqual(studies / 40);
    });
  });

  test("are found where a run is far below its siblings, also two of five, in the metric's direction", () => {
    const fine = [0.741, 0.743, 0.742, 0.7405, 0.7425];
    const low = [0.742, 0.503, 0.741, 0.511, 0.7415];
    expect(collapsedRuns([fine, low], true).map((places) => [...places].sort())).toEqual([[], [1, 3]]);
    const losses = [fine, low].map((values) => values.map((value) => 1 - value));
    expect(collapsedRuns(losses, false).map((places) => [...places].sort())).toEqual([[], [1, 3]]);
    expect(collapsedRuns([fine, low], false)).toEqual([[], []]);
    expect(collapsedRuns([[0.7, 0.71, 0.5], fine], true)).toEqual([[], []]);
  });
});

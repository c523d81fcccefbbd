/** Verdicts that can be believed: how often they are wrong, and how often they come, in studies whose truth is known. */
import { describe, expect, test } from "vitest";
import {
  powerIn,
  quantileOf,
  repeated,
  simulatedComparisons,
  simulatedIntervals,
} from "../../../bench/studies/simulate.js";
import { noiseWorld, nullWorlds, otherWorlds, type SimulatedRun } from "../../../bench/studies/worlds.js";
import { studentQuantile } from "../../../src/core/metrics/distributions.js";
import { random } from "../../../src/core/util/random.js";
import { pairedShare, seedsMargins, simultaneousQuantile } from "../../../src/lab/ablation/statistics/group-noise.js";
import {
  type Confidence,
  detectable,
  deviationInterval,
  floorOf,
  powerOf,
  rowsFactor,
  seedsFor,
} from "../../../src/lab/ablation/statistics/power.js";
import {
  compared,
  differenceNoise,
  noiseLevel,
  type PairedDifferences,
} from "../../../src/lab/ablation/statistics/verdict.js";
import { expectRates } from "../../rates.js";
import { falseVerdicts, simulated } from "./studies.js";

/** One comparison alone: a group of one variant. */
function differenceOf(
  paired: PairedDifferences,
  confidence: Confidence,
  higherIsBetter = true,
  matters: number | null = null,
) {
  const zeros = new Map(paired.values.map((_, seed) => [seed, 0]));
  const runs = new Map(paired.values.map((value, seed) => [seed, value]));
  return compared({ model: zeros, variants: [{ runs, paired }] }, { confidence, higherIsBetter, matters })[0]!;
}

const studies = 1000;
/** 50 expected of 1,000 at 5%, and 3.3 standard deviations of chance. */
const mostFalse = 73;

describe.each([
  ["two seeds", { variants: 4, seeds: 2 }],
  ["three seeds", { variants: 8, seeds: 3 }],
  ["five seeds", { variants: 8, seeds: 5 }],
  ["five seeds, two tasks", { variants: 4, seeds: 5, tasks: 2 }],
  ["few variants", { variants: 3, seeds: 5 }],
] as const)("1,000 studies of variants that make no difference, at 5%, %s", (_, size) => {
  test.each(Object.entries({ ...nullWorlds(size), ...otherWorlds(size) }))(
    "at most 73 report a difference, and intervals cover: %s",
    async (_, world) => {
      const { rate, covered } = await falseVerdicts(world, { of: studies, atMost: mostFalse });
      expectRates([rate]);
      expect(covered).toBeGreaterThanOrEqual(1 - mostFalse / studies);
    },
  );
});

describe("what the comparisons of a study tell each other", () => {
  const size = { variants: 8, seeds: 5 };
  const equal = nullWorlds(size)["equal variances"]!;

  test("makes intervals 30% narrower than each comparison's runs alone, with 5 seeds and 8 variants", () => {
    const alone = Array.from({ length: studies }, (_, study) => simulatedComparisons(equal(study + 1))).flat();
    const halves = alone.map(({ noise }) => studentQuantile(0.05 / 8, 4) * Math.sqrt(noise.seedVariance! / 5));
    expect(repeated(equal, studies).halfWidth / quantileOf(halves, 0.5)).toBeLessThan(0.7);
  });

  test("detects a difference of two standard deviations of a run in 43% of the studies; alone in a fifth", () => {
    expect(powerIn(equal, 2, 2 * studies)).toBeGreaterThanOrEqual(0.43);
  });

  test("never makes an interval narrower than λ times the interval of its runs alone", () => {
    const world = nullWorlds(size)["one variant 4 x as noisy"]!;
    for (let seed = 1; seed <= 50; seed++) {
      const intervals = simulatedIntervals(world(seed));
      for (const [at, { noise }] of simulatedComparisons(world(seed)).entries()) {
        const alone = simultaneousQuantile({ error: 0.05, comparisons: 8, df: 4, correlation: 0 });
        const least = floorOf(5, 8, 0.05) * pairedShare * alone * Math.sqrt(noise.seedVariance! / 5);
        const { low, high } = intervals[at]!;
        expect((high - low) / 2).toBeGreaterThanOrEqual(least * (1 - 1e-9));
      }
    }
  });
});

test("without the correction, sixteen variants would err far more often", () => {
  const world = nullWorlds({ variants: 16, seeds: 4 })["equal variances"]!;
  let wrong = 0;
  for (let study = 0; study < studies; study++) {
    const comparisons = simulatedComparisons(world(study + 1));
    const beyond = comparisons.some(({ noise, seeds }) => {
      const { below, above } = seedsMargins(seeds, 1, 0.05, 0, 1);
      return noise.mean > below || -noise.mean > above;
    });
    if (beyond) wrong++;
  }
  expect(wrong).toBeGreaterThan(2 * mostFalse);
});

describe("power", () => {
  test.each([
    ["seeds alone", { seed: 1, rows: 0 }, 2.5, 4, 1],
    ["four comparisons, each of a task", { seed: 1, rows: 0 }, 3, 6, 4],
    ["rows too", { seed: 1, rows: 0.7 }, 3, 6, 2],
    ["rows above all", { seed: 0.2, rows: 1 }, 3, 3, 1],
  ] as const)("of 2,000 studies with a known effect, as many say so as stated: %s", (_, noise, effect, seeds, m) => {
    const confidence = { level: 0.95, comparisons: m, groups: m };
    const stated = powerOf(effect, noise, seeds, confidence);
    // A difference of two runs: each has half of the variance.
    const world = { seed: noise.seed / Math.SQRT2, rows: noise.rows / Math.SQRT2, both: 0 };
    const many = 2000;
    let found = 0;
    for (let study = 0; study < many; study++) {
      const [paired] = simulated(world, [effect], seeds, random(study + 1).fork(`power ${m}`));
      if (differenceOf(paired!, confidence).low! > 0) found++;
    }
    expect(stated).toBeGreaterThan(0.2);
    expect(stated).toBeLessThan(0.99);
    // Four standard deviations of the share; the rows' variance comes from 60 draws, hence .01.
    expect(Math.abs(found / many - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / many) + 0.01);
  });

  test("what a study states from its own noise holds the true power in its interval, 19 times in 20", () => {
    const [effect, seeds, confidence] = [2, 5, { level: 0.95, comparisons: 1, groups: 1 }] as const;
    const truth = powerOf(effect, { seed: 1, rows: 0 }, seeds, confidence);
    let held = 0;
    for (let study = 0; study < studies; study++) {
      const world = { seed: Math.SQRT1_2, rows: 0, both: 0 };
      const [paired] = simulated(world, [effect], seeds, random(study + 1).fork("stated"));
      const level = noiseLevel(differenceOf(paired!, confidence).noise)!;
      const [low, high] = deviationInterval(level.seed, seeds - 1);
      const [most, least] = [low, high].map((seed) => powerOf(effect, { ...level, seed }, seeds, confidence));
      if (least! <= truth && truth <= most!) held++;
    }
    expect(held).toBeGreaterThanOrEqual(930);
    expect(held).toBeLessThanOrEqual(970);
  });

  test("seeds for a verdict, the detectable difference and power agree", () => {
    const [noise, confidence] = [
      { seed: 1, rows: 0.1 },
      { level: 0.95, comparisons: 6, groups: 1 },
    ] as const;
    const seeds = seedsFor(0.8, noise, confidence)!;
    expect(powerOf(0.8, noise, seeds, confidence)).toBeGreaterThanOrEqual(0.8);
    expect(powerOf(0.8, noise, seeds - 1, confidence)).toBeLessThan(0.8);
    expect(detectable(noise, seeds, confidence)).toBeLessThanOrEqual(0.8);
    expect(powerOf(detectable(noise, 7, confidence)!, noise, 7, confidence)).toBeCloseTo(0.8, 6);
  });

  test("where the rows alone hide a difference, no number of seeds is enough, and it says how many rows are", () => {
    const [noise, confidence] = [
      { seed: 1, rows: 1 },
      { level: 0.95, comparisons: 1, groups: 1 },
    ] as const;
    expect(seedsFor(1, noise, confidence)).toBeNull();
    const factor = rowsFactor(1, noise, confidence);
    expect(factor).toBeCloseTo((1.959964 + 0.841621) ** 2, 4);
    const withMore = { seed: 0, rows: 1 / Math.sqrt(factor) };
    expect(powerOf(1, withMore, 1000, confidence)).toBeCloseTo(0.8, 3);
  });
});

describe("a verdict in words", () => {
  const confidence = { level: 0.95, comparisons: 2, groups: 1 };
  const still = (values: readonly number[]) => ({ values, draws: values.map((value) => [value, value, value]) });

  test("better and worse follow the metric's direction", () => {
    const lower = still([-0.01, -0.0101, -0.0099, -0.01]);
    expect(differenceOf(lower, confidence, true).verdict.text).toBe("worse");
    expect(differenceOf(lower, confidence, false).verdict.text).toBe("better");
  });

  test("no difference beyond noise says about how many seeds would settle it", () => {
    const { verdict, low, high } = differenceOf(still([0.001, -0.002, 0.004, 0.002]), confidence, true);
    expect(verdict.kind).toBe("no difference beyond noise");
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
    expect(verdict.text).toBe(
      `no difference beyond noise, at most ±0.0065; about ${verdict.seedsNeeded} seeds would settle it`,
    );
    expect(verdict.bound).toBeCloseTo(Math.max(-low!, high!), 12);
    expect(verdict.seedsNeeded).toBeGreaterThan(4);
  });

  test("where rows are too few it says so, and where there is next to nothing, too", () => {
    const noisy = [0.9, 1.1, 1].map((value) => [value - 2, value + 2, value]);
    expect(differenceOf({ values: [0.9, 1.1, 1], draws: noisy }, confidence, true).verdict.text).toMatch(
      /seeds alone cannot settle it: it takes more than \d+ times the evaluation rows/,
    );
    expect(differenceOf(still([0.001, -0.001]), confidence, true).verdict.text).toMatch(/too small to settle/);
  });

  test("with a difference that matters, what is smaller either way is equivalent, even if it is a difference", () => {
    const { verdict } = differenceOf(still([0.0004, -0.0002, 0.0003, -0.0003]), confidence, true, 0.002);
    expect(verdict).toMatchObject({ kind: "equivalent", text: "equivalent: less than 0.002 either way" });
    const small = differenceOf(still([0.0004, 0.00041, 0.00039, 0.0004]), confidence, true, 0.002);
    expect(small.low).toBeGreaterThan(0);
    expect(small.verdict.kind).toBe("equivalent");
    expect(differenceOf(still([0.01, 0.0101, 0.0099, 0.01]), confidence, true, 0.002).verdict.kind).toBe("better");
  });

  test("what is neither is undecided, and more seeds may settle it either way", () => {
    const values = [0.001, -0.0022, 0.0019, -0.0008];
    const { verdict } = differenceOf(still(values), confidence, true, 0.002);
    expect(verdict.kind).toBe("undecided");
    expect(verdict.text).toBe(
      `undecided, at most ±${Number(verdict.bound!.toPrecision(2))}; about ${verdict.seedsNeeded} seeds would settle it`,
    );
    // Without it, only a difference would: the observed one is next to nothing.
    expect(differenceOf(still(values), confidence).verdict.seedsNeeded).toBeNull();
  });

  test("variants at the border of what matters are called equivalent in at most 5% of studies", () => {
    const world = noiseWorld({ variants: 4, seeds: 5 });
    let wrong = 0;
    for (let study = 0; study < studies; study++) {
      const [[model, ...variants]] = world(study + 1) as [SimulatedRun[][]];
      const bySeed = (runs: readonly SimulatedRun[], effect = 0) =>
        new Map(runs.map(({ value }, seed) => [seed, value + effect]));
      const group = {
        model: bySeed(model!),
        variants: variants.map((runs) => {
          const values = runs.map(({ value }, seed) => value + 4 - model![seed]!.value);
          return { runs: bySeed(runs, 4), paired: { values, draws: values.map(() => []) } };
        }),
      };
      const judgement = { confidence: { level: 0.95, comparisons: 4, groups: 1 }, higherIsBetter: true, matters: 4 };
      if (compared(group, judgement).some(({ verdict }) => verdict.kind === "equivalent")) wrong++;
    }
    expect(wrong).toBeLessThanOrEqual(mostFalse);
    expect(wrong).toBeGreaterThan(0);
  });

  test("one seed decides nothing", () => {
    const { verdict, low } = differenceOf(still([0.3]), confidence, true);
    expect(verdict.kind).toBe("undecided");
    expect(low).toBeNull();
  });
});

describe("the parts of the noise", () => {
  test("are found again from many seeds and draws: the rows' part is not counted twice", () => {
    const world = { seed: 1, rows: 0.8, both: 0.5 };
    const parts = Array.from({ length: 300 }, (_, study) =>
      differenceNoise(simulated(world, [0], 6, random(study + 1))[0]!),
    );
    const mean = (of: (noise: (typeof parts)[number]) => number) =>
      parts.reduce((sum, noise) => sum + of(noise), 0) / parts.length;
    expect(mean((noise) => noise.seedVariance!)).toBeCloseTo(2 * (1 + 0.25), 0);
    expect(mean((noise) => noise.rowsVariance)).toBeGreaterThan(2 * 0.64 * 0.95);
    expect(mean((noise) => noise.rowsVariance)).toBeLessThan(2 * 0.64 * 1.05);
  });

  test("a draw on which a metric is not defined for one seed counts for none", () => {
    const values = [1, 3];
    const draws = [
      [0, Number.NaN, 2],
      [2, 100, 4],
    ];
    expect(differenceNoise({ values, draws }).rowsVariance).toBe(2);
  });
});

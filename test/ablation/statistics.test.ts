/** Verdicts that can be believed: how often they are wrong, and how often they come, in studies whose truth is known. */
import { describe, expect, test } from "vitest";
import { halfWidth } from "../../src/ablation/statistics/interval.js";
import { differenceNoise } from "../../src/ablation/statistics/noise.js";
import { detectable, deviationInterval, powerOf, rowsFactor, seedsFor } from "../../src/ablation/statistics/power.js";
import { compared, noiseLevel, verdictKind } from "../../src/ablation/statistics/verdict.js";
import { random } from "../../src/util/random.js";
import { simulated, type World } from "./studies.js";

const studies = 1000;
/** 50 expected of 1,000 at 5%, and 3.3 standard deviations of chance. */
const mostFalse = 73;

function wrongStudies(world: World | ((study: number) => World), variants: number, seeds: number): number {
  let wrong = 0;
  for (let study = 0; study < studies; study++) {
    const source = random(study + 1).fork(`${variants} ${seeds}`);
    const own = typeof world === "function" ? world(study) : world;
    const told = simulated(own, Array<number>(variants).fill(0), seeds, source).map((paired) => {
      const noise = differenceNoise(paired);
      return verdictKind(noise.mean, halfWidth(noise, { level: 0.95, comparisons: variants }), true);
    });
    if (told.includes("better") || told.includes("worse")) wrong++;
  }
  return wrong;
}

describe("1,000 studies of variants that make no difference, at 5%: at most 73 say that one does", () => {
  test.each([
    ["seeds alone", { seed: 1, rows: 0, both: 0 }, 1, 5],
    ["seeds alone, two of them", { seed: 1, rows: 0, both: 0 }, 4, 2],
    ["seeds alone, eight variants", { seed: 1, rows: 0, both: 0 }, 8, 3],
    ["rows matter a little", { seed: 1, rows: 0.2, both: 0.3 }, 8, 3],
    ["rows matter as much", { seed: 1, rows: 0.6, both: 1 }, 4, 3],
    ["rows matter more", { seed: 0.3, rows: 1, both: 0.3 }, 4, 5],
    ["rows alone", { seed: 0, rows: 1, both: 0 }, 4, 3],
  ] as const)("%s", (_, world, variants, seeds) => {
    expect(wrongStudies(world, variants, seeds)).toBeLessThanOrEqual(mostFalse);
  });

  test("of no use were it not for the correction: uncorrected, eight variants would err far more often", () => {
    let wrong = 0;
    for (let study = 0; study < studies; study++) {
      const told = simulated({ seed: 1, rows: 0, both: 0 }, Array<number>(8).fill(0), 3, random(study + 1));
      const halves = told.map((paired) => {
        const noise = differenceNoise(paired);
        return Math.abs(noise.mean) > (halfWidth(noise, { level: 0.95, comparisons: 1 }) ?? 0);
      });
      if (halves.includes(true)) wrong++;
    }
    expect(wrong).toBeGreaterThan(2 * mostFalse);
  });
});

describe("power", () => {
  test.each([
    ["seeds alone", { seed: 1, rows: 0 }, 2.5, 4, 1],
    ["four comparisons", { seed: 1, rows: 0 }, 3, 6, 4],
    ["rows too", { seed: 1, rows: 0.7 }, 3, 6, 2],
    ["rows above all", { seed: 0.2, rows: 1 }, 3, 3, 1],
  ] as const)("of 2,000 studies with a known effect, as many say so as stated: %s", (_, noise, effect, seeds, m) => {
    const confidence = { level: 0.95, comparisons: m };
    const stated = powerOf(effect, noise, seeds, confidence);
    // A difference of two runs: each has half of the variance.
    const world = { seed: noise.seed / Math.SQRT2, rows: noise.rows / Math.SQRT2, both: 0 };
    const many = 2000;
    let found = 0;
    for (let study = 0; study < many; study++) {
      const [paired] = simulated(world, [effect], seeds, random(study + 1).fork(`power ${m}`));
      const measured = differenceNoise(paired!);
      if (verdictKind(measured.mean, halfWidth(measured, confidence), true) === "better") found++;
    }
    expect(stated).toBeGreaterThan(0.2);
    expect(stated).toBeLessThan(0.99);
    // Four standard deviations of the share; the rows' variance comes from 60 draws, hence .01.
    expect(Math.abs(found / many - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / many) + 0.01);
  });

  test("what a study states from its own noise holds the true power in its interval, 19 times in 20", () => {
    const [effect, seeds, confidence] = [2, 5, { level: 0.95, comparisons: 1 }] as const;
    const truth = powerOf(effect, { seed: 1, rows: 0 }, seeds, confidence);
    let held = 0;
    for (let study = 0; study < studies; study++) {
      const world = { seed: Math.SQRT1_2, rows: 0, both: 0 };
      const [paired] = simulated(world, [effect], seeds, random(study + 1).fork("stated"));
      const level = noiseLevel(differenceNoise(paired!))!;
      const [low, high] = deviationInterval(level.seed, seeds);
      const [most, least] = [low, high].map((seed) => powerOf(effect, { ...level, seed }, seeds, confidence));
      if (least! <= truth && truth <= most!) held++;
    }
    expect(held).toBeGreaterThanOrEqual(930);
    expect(held).toBeLessThanOrEqual(970);
  });

  test("seeds for a verdict, the detectable difference and power agree", () => {
    const [noise, confidence] = [
      { seed: 1, rows: 0.1 },
      { level: 0.95, comparisons: 6 },
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
      { level: 0.95, comparisons: 1 },
    ] as const;
    expect(seedsFor(1, noise, confidence)).toBeNull();
    const factor = rowsFactor(1, noise, confidence);
    expect(factor).toBeCloseTo((1.959964 + 0.841621) ** 2, 4);
    const withMore = { seed: 0, rows: 1 / Math.sqrt(factor) };
    expect(powerOf(1, withMore, 1000, confidence)).toBeCloseTo(0.8, 3);
  });
});

describe("a verdict in words", () => {
  const confidence = { level: 0.95, comparisons: 2 };
  const still = (values: readonly number[]) => ({ values, draws: values.map((value) => [value, value, value]) });

  test("better and worse follow the metric's direction", () => {
    const lower = still([-0.01, -0.0101, -0.0099, -0.01]);
    expect(compared(lower, confidence, true).verdict.text).toBe("worse");
    expect(compared(lower, confidence, false).verdict.text).toBe("better");
  });

  test("no difference beyond noise says about how many seeds would settle it", () => {
    const { verdict, low, high } = compared(still([0.001, -0.002, 0.004, 0.002]), confidence, true);
    expect(verdict.kind).toBe("no difference beyond noise");
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
    expect(verdict.text).toBe(`no difference beyond noise; about ${verdict.seedsNeeded} seeds would settle it`);
    expect(verdict.seedsNeeded).toBeGreaterThan(4);
  });

  test("where rows are too few it says so, and where there is next to nothing, too", () => {
    const noisy = [0.9, 1.1, 1].map((value) => [value - 2, value + 2, value]);
    expect(compared({ values: [0.9, 1.1, 1], draws: noisy }, confidence, true).verdict.text).toMatch(
      /seeds alone cannot settle it: it takes more than \d+ times the evaluation rows/,
    );
    expect(compared(still([0.001, -0.001]), confidence, true).verdict.text).toMatch(/too small to settle/);
  });

  test("one seed decides nothing", () => {
    const { verdict, low } = compared(still([0.3]), confidence, true);
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

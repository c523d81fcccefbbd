/** The parts of a launch without trainings: rows, noise in simulations, crossings, and sentences. */
import { describe, expect, it } from "vitest";
import type { Interval } from "../../../src/core/metrics/intervals/bootstrap.js";
import { everyRow, mean } from "../../../src/core/util/numbers.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { estimateInterval, type LaunchEstimate, weightedSum } from "../../../src/lab/launch/estimates.js";
import type { LaunchReport } from "../../../src/lab/launch/facts.js";
import { crossing, rising } from "../../../src/lab/launch/pays.js";
import { drawnRows, type LaunchPlan, launchSizes } from "../../../src/lab/launch/plan.js";
import { launchSentences, paysSays, startSays } from "../../../src/lab/launch/sentences.js";
import { launchReport } from "../charts/launch-results.js";

describe("rows", () => {
  it("are 0, 300, 1,000, 3,000 … and all, unless that is close", () => {
    expect(launchSizes(100)).toEqual([0, 100]);
    expect(launchSizes(420)).toEqual([0, 300]);
    expect(launchSizes(450)).toEqual([0, 300, 450]);
    expect(launchSizes(12_000)).toEqual([0, 300, 1000, 3000, 10_000]);
    expect(launchSizes(50_000)).toEqual([0, 300, 1000, 3000, 10_000, 30_000, 50_000]);
  });

  const rows = Int32Array.from({ length: 3000 }, (_, row) => row);
  const users = rows.map((row) => row % 1000);
  const plan = { base: rows.subarray(0, 2000), first: rows.subarray(2000).slice().reverse(), users, seed: 5 };
  const drawn = (draw: number) => drawnRows(plan as unknown as LaunchPlan, draw);

  it("of a draw are whole users, as often in the other domains as in the new one", () => {
    const { base, first } = drawn(1);
    const times = (all: Int32Array, row: number): number => all.filter((each) => each === row).length;
    for (const user of [0, 1, 2, 3, 500, 999]) {
      expect(times(base, user)).toBe(times(base, 1000 + user));
      expect(times(base, user)).toBe(times(first, 2000 + user));
    }
    expect(base).toEqual(base.slice().sort());
    expect(first).toEqual(first.slice().sort().reverse());
    expect(base.length).toBeGreaterThan(1800);
    expect(base.length).toBeLessThan(2200);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(2)).not.toEqual(drawn(1));
    expect(drawn(0)).toEqual({ base: plan.base, first: plan.first });
  });
});

/** Rows of users, whose sizes differ. */
function userRows(source: Random, heavy: boolean): Int32Array {
  const rows: number[] = [];
  for (let user = 0; user < 150; user++) {
    const size = heavy ? Math.ceil(Math.exp(1.2 * source.normal())) : 3;
    for (let row = 0; row < size; row++) rows.push(user);
  }
  return Int32Array.from(rows);
}

/** An estimate of `truth` with noise of users and of trainings. */
function estimated(truth: number, users: Int32Array, source: Random, spread: number): LaunchEstimate {
  const effects = Float64Array.from({ length: 150 }, () => source.normal());
  const values = Float64Array.from(users, (user) => effects[user]! + source.normal());
  const centre = mean(values);
  const training = (): number => spread * source.normal();
  const value = truth + centre + training();
  return {
    value,
    rows: everyRow(values.length),
    influence: values.map((each) => (each - centre) / values.length),
    draws: Array.from({ length: 6 }, () => value + training()),
  };
}

it.each([
  [false, 0.02],
  [false, 0.3],
  [true, 0.1],
])("intervals cover the truth in 95%% of simulations (heavy users: %s, spread of trainings %s)", (heavy, spread) => {
  let covered = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const source = random(seed).fork("launch");
    const users = userRows(source, heavy);
    const { low, high } = estimateInterval(estimated(0.5, users, source, spread), users);
    covered += Number(low! <= 0.5 && 0.5 <= high!);
  }
  expect(covered).toBeGreaterThanOrEqual(930);
});

it("without users or trainings enough, there is no interval", () => {
  const source = random(1);
  const users = userRows(source, false);
  const whole = estimated(0.5, users, source, 0.1);
  expect(estimateInterval({ ...whole, draws: [0.4] }, users).low).toBeNull();
  expect(
    estimateInterval(
      whole,
      users.map(() => 1),
    ).low,
  ).toBeNull();
  expect(estimateInterval(null, users).value).toBeNull();
  expect(
    weightedSum([
      [1, whole],
      [-1, null],
    ]),
  ).toBeNull();
  expect(
    weightedSum([
      [1, whole],
      [-1, whole],
    ])?.draws.every((each) => each === 0),
  ).toBe(true);
});

describe("crossings", () => {
  it("a rising curve pools what falls", () => {
    expect(rising([1, 3, 2, 4], [1, 1, 1, 1])).toEqual([1, 2.5, 2.5, 4]);
    expect(rising([3, 2, 1], [1, 1, 2])).toEqual([1.75, 1.75, 1.75]);
    expect(rising([0.1, 0.2], [5, 1])).toEqual([0.1, 0.2]);
  });

  const sizes = [300, 1000, 3000, 10_000];
  const still = (values: number[]): LaunchEstimate[] =>
    values.map((value) => ({
      value,
      rows: everyRow(20),
      influence: new Float64Array(20),
      draws: [value, value, value],
    }));
  const users = Int32Array.from({ length: 20 }, (_, row) => row);

  it("are where the curve reaches the level", () => {
    const at = (values: number[]) => crossing(sizes, still(values), users, 0.01);
    expect(at([0, 0.005, 0.015, 0.02]).value).toBeCloseTo(Math.sqrt(1000 * 3000), 6);
    expect(at([0.02, 0.03, 0.03, 0.03])).toEqual({ value: 150, low: 150, high: 150 });
    expect(at([0, 0.001, 0.002, 0.003])).toEqual({ value: null, low: null, high: null });
  });

  it("are covered by their intervals in 95% of simulations", () => {
    let covered = 0;
    const truth = [0.002, 0.008, 0.02, 0.03];
    const place = 1000 * 3 ** ((0.01 - 0.008) / (0.02 - 0.008));
    for (let seed = 1; seed <= 200; seed++) {
      const source = random(seed).fork("crossing");
      const rows = Int32Array.from({ length: 200 }, (_, row) => row);
      const gains = truth.map((value): LaunchEstimate => {
        const values = Float64Array.from(rows, () => 0.04 * source.normal());
        const training = (): number => 0.003 * source.normal();
        const noisy = value + mean(values) + training();
        const influence = values.map((each) => (each - mean(values)) / rows.length);
        return { value: noisy, rows, influence, draws: Array.from({ length: 6 }, () => noisy + training()) };
      });
      const { low, high } = crossing(sizes, gains, rows, 0.01);
      covered += Number(low! <= place && (high === null || place <= high));
    }
    expect(covered).toBeGreaterThanOrEqual(184);
  });
});

describe("sentences", () => {
  const report = launchReport(["feed", "shop", "live"]);
  const written = (changes: Partial<LaunchReport>): string[] => launchSentences({ ...report, ...changes });
  const undecided = { low: -0.01, high: 0.03, verdict: "undecided" } as const;

  it("name the best domain beside the next, and from when its own tower pays", () => {
    expect(written({})).toMatchInlineSnapshot(`
      [
        "ctr: start live from feed: its mean AUC after 0, 300, 1,000 rows is +0.0222 (+0.0122 to +0.0322) above that from shop (over other users and trainings)",
        "ctr: starting from feed, live's own tower pays from about 800 rows (300 to 990), where it gains 0.002 AUC over the tower of feed (AUC +0.0110 (+0.0070 to +0.0150) after 1,000 rows; over other users and trainings)",
      ]
    `);
    const [shop, nothing] = report.comparisons;
    expect(written({ comparisons: [shop!, { ...nothing!, ...undecided }] })[0]).toMatchInlineSnapshot(
      `"ctr: start live from feed: its mean AUC after 0, 300, 1,000 rows is +0.0222 (+0.0122 to +0.0322) above that from shop (over other users and trainings); starting from nothing may be as good"`,
    );
  });

  it("say so where no start is best, or another one is", () => {
    const none = { ...report.best[0]!, start: null };
    const comparisons = report.comparisons.map((each) => ({ ...each, ...undecided }));
    expect(written({ comparisons, best: [none] })[0]).toMatchInlineSnapshot(
      `"ctr: which start is best for live cannot be told with these rows: from feed and from shop may differ by noise only"`,
    );
    expect(written({ comparisons, best: [none], draws: 0, user: null })[0]).toMatchInlineSnapshot(
      `"ctr: which start is best for live cannot be told without draws of other users: from feed and from shop may differ by noise only"`,
    );
    const better = { ...report.comparisons[1]!, value: -0.02, low: -0.03, high: -0.01, verdict: "better" } as const;
    const nothing = { ...none, start: "nothing" };
    expect(written({ comparisons: [report.comparisons[0]!, better], best: [nothing] })[0]).toMatchInlineSnapshot(
      `"ctr: start live from nothing: its mean AUC after 0, 300, 1,000 rows is +0.0200 (+0.0100 to +0.0300) above that from feed (over other users and trainings)"`,
    );
    expect(written({ comparisons: [], best: [none] })).toMatchInlineSnapshot(`
      [
        "ctr: which start is best for live cannot be told: no AUC of two starts",
      ]
    `);
  });

  const gain = (low: number, high: number): { trained: number; gain: Interval }[] => [
    { trained: 300, gain: { value: 0, low: -0.01, high: 0.01 } },
    { trained: 1000, gain: { value: (low + high) / 2, low, high } },
  ];
  it("say from how many rows it pays only where the interval ends", () => {
    const says = (low: number, high: number, from: Interval) => {
      const { verdict, says: text } = paysSays(gain(low, high), from, 0.002);
      return `${verdict}: ${text}`;
    };
    expect([
      says(0.01, 0.03, { value: 612, low: 345, high: 990 }),
      says(0.01, 0.03, { value: 612, low: 45, high: 990 }),
      says(0.01, 0.03, { value: 45, low: 12, high: 990 }),
      says(0.01, 0.03, { value: 45, low: 12, high: 90 }),
      says(0.01, 0.03, { value: 612, low: 345, high: null }),
      says(-0.01, 0.03, { value: 612, low: 345, high: 990 }),
      says(-0.002, 0.001, { value: null, low: null, high: null }),
    ]).toMatchInlineSnapshot(`
      [
        "pays: its own tower pays from about 610 rows (350 to 990)",
        "pays: its own tower pays from about 610 rows (fewer than 300 to 990)",
        "pays: its own tower pays from fewer than 300 rows (fewer than 300 to 990)",
        "pays: its own tower pays from fewer than 300 rows on",
        "undecided: cannot be told with these rows",
        "undecided: cannot be told with these rows",
        "does not pay: its own tower does not gain 0.002 within 1,000 rows",
      ]
    `);
    expect(paysSays([], { value: null, low: null, high: null }, 0.002).verdict).toBe("undefined");
  });

  it("name each start's place beside the best domain", () => {
    const says = (low: number, high: number) => startSays({ value: (low + high) / 2, low, high }, "from feed").says;
    expect([says(0.01, 0.02), says(-0.02, -0.01), says(-0.01, 0.02)]).toEqual([
      "worse than from feed",
      "better than from feed",
      "cannot be told with these rows",
    ]);
  });
});

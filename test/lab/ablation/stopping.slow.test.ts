/** Studies that stop variants when they are settled: when they look, what they stop, and how often they are wrong. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { repeatedWithLooks, stoppedStudy } from "../../../bench/studies/stopping.js";
import { nullWorlds, otherWorlds } from "../../../bench/studies/worlds.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import type { Study } from "../../../src/api/study/study.js";
import type { AblationOptions } from "../../../src/api/study/variants.js";
import { normalQuantile, normalTails } from "../../../src/core/metrics/distributions.js";
import { emptySpec } from "../../../src/core/spec/model.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { studyReport } from "../../../src/lab/ablation/ablate.js";
import type { FinishedRun } from "../../../src/lab/ablation/budget.js";
import type { Design, Variant } from "../../../src/lab/ablation/design.js";
import { Looks, lookShares } from "../../../src/lab/ablation/looks.js";
import { lookCounts, spentAfter } from "../../../src/lab/ablation/study-look.js";
import { expectRates, triedRates } from "../../rates.js";
import { model as planted, rows } from "../gates/planted.js";

test("looks come at growing numbers of seeds, and end at the last", () => {
  expect([1, 2, 3, 4, 5, 8, 10, 20].map((atMost) => lookCounts(atMost).join())).toEqual([
    "1",
    "2",
    "3",
    "3,4",
    "3,5",
    "3,5,8",
    "3,5,10",
    "3,5,8,13,20",
  ]);
  const shares = lookCounts(20).map((seeds) => spentAfter(seeds / 20));
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect([spentAfter(0), shares.at(-1), spentAfter(1.1)]).toEqual([0, 1, 1]);
});

/** Critical values of five equally spaced looks at 5%, as published for these spending functions (Lan & DeMets, 1983). */
test.each([
  ["Pocock's", (part: number) => Math.log(1 + (Math.E - 1) * part), [2.438, 2.427, 2.41, 2.397, 2.386]],
  [
    "O'Brien and Fleming's",
    (part: number) => (2 * normalTails(normalQuantile(0.025) / Math.sqrt(part))) / 0.05,
    [4.877, 3.357, 2.68, 2.29, 2.031],
  ],
] as const)("shares of the error are those of the boundaries: %s spending", (_, spent, published) => {
  const looks = [2, 4, 6, 8, 10].map((seeds) => ({ seeds, spent: spent(seeds / 10) }));
  const critical = lookShares(looks, 0.05).map((share) => normalQuantile(0.05 * share));
  for (const [look, z] of critical.entries()) expect(z).toBeCloseTo(published[look]!, 2);
});

test("one look has the whole error, and a look at the same runs adds what it may spend", () => {
  expect(lookShares([{ seeds: 5, spent: 1 }], 0.01)[0]).toBeCloseTo(1, 4);
  const [first, again] = lookShares(
    [
      { seeds: 5, spent: 0.3 },
      { seeds: 5, spent: 1 },
    ],
    0.01,
  );
  expect([first, again]).toEqual([expect.closeTo(0.3, 4), expect.closeTo(1, 4)]);
});

/** 50 expected of 1,000 at 5%, and 3.3 standard deviations of chance. */
const [studies, mostFalse] = [1000, 73];

describe.each([
  ["equal variances", { variants: 8, seeds: 8 }],
  ["two variants 3 x as noisy", { variants: 8, seeds: 8 }],
  ["rows matter as much", { variants: 4, seeds: 5 }],
  ["rows alone", { variants: 3, seeds: 10, tasks: 2 }],
] as const)("1,000 studies with looks, at 5%, %s", (name, size) => {
  const world = { ...nullWorlds(size), ...otherWorlds(size) }[name]!;

  const rule = { name, of: studies, atMost: mostFalse };

  test("at most 73 report a difference where there is none", async () => {
    expectRates(await triedRates([rule], (study) => [repeatedWithLooks(() => world(study), {}, 1).wrong > 0]));
  });

  test("at most 73 err in any way where some differ, one by just what matters, and intervals cover", async () => {
    const rates = await triedRates([rule, { ...rule, name: `${name}, intervals` }], (study) => {
      const { wrong, missed } = repeatedWithLooks(() => world(study), { matters: 2.5, effects: [0, 4, 2.5] }, 1);
      return [wrong > 0, missed > 0];
    });
    expectRates(rates);
  });
});

test("variants that are settled early save most of their runs", () => {
  const world = nullWorlds({ variants: 3, seeds: 20 })["equal variances"]!;
  const { runs } = repeatedWithLooks(world, { matters: 4, effects: [9, 9] }, 100);
  expect(runs).toBeLessThan(0.37 * 80);
  const { comparisons } = stoppedStudy(world(1), { matters: 4, effects: [9, 9] });
  expect(comparisons.map(({ kind }) => kind).sort()).toEqual(["better", "better", "equivalent"]);
});

const model = (planted as AnyModel).train({ batchSize: 256, epochs: 3 });
const [train, validation] = [rows(8000, 1, true), rows(3000, 2, true)];
const variants = {
  blind: (m: AnyModel) => m.group("all", ["item", "mood"]).switches({ sharedTowers: true, epnet: false }),
  "epnet.gamma": [2.0001, 4],
};
let cache: string;
const before = process.env["PEPNET_CACHE"];
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-stopping-"));
});
afterAll(() => {
  process.env["PEPNET_CACHE"] = before;
  rmSync(cache, { recursive: true });
});
let place = 0;
beforeEach(() => {
  process.env["PEPNET_CACHE"] = path.join(cache, String(place++));
});

const study = (options: AblationOptions = {}): Promise<Study> =>
  model.ablate(train, { variants, validation, draws: 30, quiet: true, matters: 0.05, ...options });
const seedsByName = ({ variants }: Study) => Object.fromEntries(variants.map(({ name, runs }) => [name, runs.length]));
const facts = ({ facts }: Study) => {
  return { ...facts, variants: facts.variants.map(({ runs, ...variant }) => ({ ...variant, runs: runs.length })) };
};

let wholeStudy: Promise<Study> | undefined;

/** Of up to 8 seeds, with nothing kept from another; trained once for all tests. */
function undisturbed(): Promise<Study> {
  process.env["PEPNET_CACHE"] = path.join(cache, "undisturbed");
  wholeStudy ??= study({ matters: 0.002 });
  return wholeStudy;
}

describe("a study without a number of seeds", () => {
  test("stops what is different or equivalent, gives others more seeds, and says so", async () => {
    const made = await undisturbed();
    const counts = seedsByName(made);
    expect(counts["blind"]).toBe(3);
    expect(made.looks[0]).toMatchObject({ seeds: [1, 2, 3], stopped: [{ variant: "blind", why: "worse in ctr" }] });
    expect(made.difference("blind", "ctr")!.verdict.kind).toBe("worse");
    expect(counts["the model"]).toBe(8);
    expect(counts["epnet.gamma 4"]).toBe(8);
    const shares = made.looks.map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share)).toBeGreaterThan(1);
    expect(Math.max(...shares)).toBeLessThan(1);
    expect(made.notes).toContain("looked after 3, 5 and 8 seeds; the intervals hold for all looks together");
    expect(made.toMarkdown()).toContain("stopped after 3 seeds: blind (worse in ctr)");
  });

  test("of a limit ends when all is settled, with the verdicts for which it stopped", async () => {
    const done: number[] = [];
    const made = await study({ seeds: { atMost: 20 }, onRun: ({ planned }) => void done.push(planned) });
    expect(Object.values(seedsByName(made)).every((seeds) => seeds < 20)).toBe(true);
    for (const { stopped } of made.looks) {
      for (const { variant, why } of stopped) {
        expect(`${made.difference(variant, "ctr")!.verdict.kind} in ctr`).toBe(why);
      }
    }
    expect(made.looks.flatMap(({ stopped }) => stopped)).toHaveLength(3);
    expect(done[0]).toBe(80);
    expect(done.at(-1)!).toBeLessThan(80);
  });

  test("that is interrupted and resumed is the same as one that was not", async () => {
    const whole = await undisturbed();
    process.env["PEPNET_CACHE"] = path.join(cache, String(place++));
    const seeds = { atMost: 8 };
    const stop = new AbortController();
    const onRun: AblationOptions["onRun"] = ({ done }) => {
      if (done === 14) stop.abort();
    };
    const part = await study({ seeds, matters: 0.002, parallel: 1, signal: stop.signal, onRun });
    expect(part.interrupted).toBe(true);
    expect(part.looks.length).toBeGreaterThan(1);
    expect(facts(await study({ seeds, matters: 0.002 }))).toEqual(facts(whole));
  });

  test("with a budget stops as well, and a finished one is the same when it runs again", async () => {
    const made = await study({ budget: "60s", seeds: [1, 2, 3, 4, 5] });
    expect(made.looks.flatMap(({ stopped }) => stopped).map(({ variant }) => variant)).toContain("blind");
    expect(made.notes.join("\n")).toMatch(/stopped after 3 seeds: .*blind \(worse in ctr\)/);
    expect(facts(await study({ budget: "60s", seeds: [1, 2, 3, 4, 5] }))).toEqual(facts(made));
  });

  test("stops a variant whose runs all diverged", async () => {
    const made = await study({ variants: { "train.dense.lr": [1e30] } } as AblationOptions);
    expect(made.looks[0]!.stopped).toEqual([{ variant: "train.dense.lr 1e+30", why: "no run finished" }]);
    expect(made.seeds).toEqual([1, 2, 3]);
  });
});

test.each([
  [{ seeds: { atMost: 0 } }, /ablate\.seeds\.atMost[\s\S]*an integer ≥ 1 and ≤ 10000/],
  [{ seeds: { most: 5 } }, /ablate\.seeds[\s\S]*\{ atMost: 20 \}/],
  [{ design: "halving" }, /ablate\.design: unknown design[\s\S]*"grid" or "one-at-a-time"[\s\S]*atMost: 20/],
])("%j is refused", async (options, message) => {
  await expect(study(options as AblationOptions)).rejects.toThrow(message);
});

/** A finished run of a task whose metric is drawn around a value. */
function finishedRun(variant: Variant, seed: number, effect = 0): FinishedRun {
  const value = 0.7 + 0.01 * seed + effect;
  const auc = { value, draws: Float32Array.from({ length: 60 }, (_, draw) => value + 0.01 * Math.sin(draw * seed)) };
  const history = { points: [], evaluations: [], bestStep: null };
  const rest = { user: null, evaluationRows: 100, domainNames: [], within: { ctr: null }, gates: null };
  const result = {
    seed,
    tasks: [{ tower: "ctr", overall: { auc }, domains: [] }],
    history,
    rowsPerSecond: 1,
    seconds: 1,
  };
  return { variant, seed, kept: false, result: { ...rest, ...result } };
}

test("a look stops a variant that always failed, and not one that the budget has not begun", () => {
  const [base, failed, later] = ["the model", "failed", "later"].map((name) => ({
    name,
    settings: {},
    spec: emptySpec,
  }));
  const design = { model: base!, variants: [failed!, later!], factors: [] } as unknown as Design;
  const looks = new Looks({ design, level: 0.95, tasks: undefined, metric: undefined, matters: undefined });
  const runs = [1, 2, 3].map((seed) => finishedRun(base!, seed));
  expect(looks.look(runs, [1, 2, 3], 0.5, [later!]).map(({ name }) => name)).toEqual(["failed"]);
  expect(looks.all[0]!.stopped).toEqual([{ variant: "failed", why: "no run finished" }]);
});

function shuffled<T>(values: readonly T[], source: Random): T[] {
  const keyed = values.map((value) => [source.uniform(), value] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, value]) => value);
}

test("the order in which runs finish changes no digit of a study, nor what stops", () => {
  const spec = (gamma: number) => ({ ...emptySpec, epnet: { gamma } }) as Variant["spec"];
  const [base, ...others] = [2, 0.5, 1, 4, 8].map((gamma): Variant => {
    const settings = { "epnet.gamma": String(gamma) };
    return { name: `epnet.gamma ${gamma}`, settings, spec: spec(gamma) };
  });
  const design: Design = { model: base!, variants: others, notes: [] };
  const source = random(4);
  const seeds = [1, 2, 3, 4, 5, 6, 7];
  const runs = seeds.flatMap((seed) =>
    [base!, ...others].map((variant) => finishedRun(variant, seed, 0.003 * source.normal())),
  );
  const report = (order: readonly FinishedRun[]) => {
    const looks = new Looks({ design, level: 0.95, tasks: undefined, metric: undefined, matters: undefined });
    looks.look(order, seeds, 0.5);
    return { looks: looks.all, report: studyReport({ ...design, runs: order, level: 0.95, interrupted: false }) };
  };
  const expected = report(runs);
  expect(expected.report.responses).toHaveLength(1);
  for (let round = 0; round < 20; round++) expect(report(shuffled(runs, source))).toEqual(expected);
});

/** Studies by the clock, under a clock of their own: they end in time, whatever runs were estimated to take. */
import { describe, expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { BudgetSchedule, budgetSeconds, fewestSeeds, Pace, workOf } from "../../../src/lab/ablation/budget.js";
import { designOf, type Variant } from "../../../src/lab/ablation/design.js";
import { model } from "../gates/planted.js";

const design = (variants: number) =>
  designOf(
    model.spec,
    Array.from({ length: variants }, (_, at) => ({ settings: { "epnet.gamma": 3 + at } })),
  );

interface Simulated {
  readonly variants: number;
  readonly budget: number;
  /** Seconds that a run takes, more or less. */
  readonly run: number;
  /** The first estimate over the truth. */
  readonly estimate: number;
  readonly lanes: number;
  readonly seeds: readonly number[] | null;
  /** The variants, by place, that the look at three seeds stops. */
  readonly stopped?: readonly number[];
}

/** Lanes that take runs until there is none; time passes as runs do. */
function simulate({ variants, budget, run, estimate, lanes, seeds, stopped = [] }: Simulated) {
  const source = random(5);
  const pace = new Pace(1000);
  const planned = design(variants);
  pace.learn(planned.model, run * estimate);
  let now = 0;
  const schedule = new BudgetSchedule({
    design: planned,
    lanes,
    seeds,
    left: () => budget - now,
    secondsOf: (variant) => pace.secondsOf(variant)!,
  });
  const stops = (begun: number) => (begun === 3 ? stopped.map((at) => planned.variants[at]!) : []);
  const counts = new Map<Variant, number[]>();
  const ends: { at: number; done: () => void }[] = [];
  for (;;) {
    for (
      let next = ends.length < lanes ? schedule.next() : null;
      next !== null;
      next = ends.length < lanes ? schedule.next() : null
    ) {
      const { variant, seed } = next;
      const seconds = run * (0.8 + 0.4 * source.uniform());
      ends.push({
        at: now + seconds,
        done: () => {
          counts.set(variant, [...(counts.get(variant) ?? []), seed]);
          pace.learn(variant, seconds);
        },
      });
    }
    ends.sort((a, b) => a.at - b.at);
    const first = ends.shift();
    if (first === undefined && schedule.looksNow) {
      schedule.looked(stops(schedule.begun.length));
      continue;
    }
    if (first === undefined) return { now, counts, leftOut: schedule.leftOut.length };
    now = first.at;
    first.done();
  }
}

describe("a study of 600 seconds", () => {
  const usual: Simulated = { variants: 8, budget: 600, run: 5, estimate: 1, lanes: 2, seeds: null };

  test.each([
    ["as estimated", usual],
    ["estimated twice too slow", { ...usual, estimate: 2 }],
    ["estimated twice too fast", { ...usual, estimate: 0.5 }],
    ["with many variants", { ...usual, variants: 60, run: 8 }],
    ["with many variants, estimated three times too slow", { ...usual, variants: 60, run: 8, estimate: 3 }],
    ["of long runs", { ...usual, run: 40 }],
    ["one run at a time", { ...usual, lanes: 1 }],
    ["on eight cores", { ...usual, lanes: 8, run: 20 }],
  ] as const)("takes 480 to 720 seconds, %s", (_, simulated) => {
    const { now, counts, leftOut } = simulate(simulated);
    expect(now).toBeGreaterThan(480);
    expect(now).toBeLessThan(720);
    expect(counts.size + leftOut).toBe(simulated.variants + 1);
    for (const seeds of counts.values()) expect(seeds.length).toBeGreaterThanOrEqual(Math.min(2, fewestSeeds));
  });

  test("has as many seeds as fit where all variants do, the same for each but for the last", () => {
    const { counts, leftOut } = simulate(usual);
    const lengths = [...counts.values()].map((seeds) => seeds.length);
    expect(leftOut).toBe(0);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    expect(Math.min(...lengths)).toBeGreaterThan(20);
  });

  test("takes variants in later that a slow start left out, with the seeds that the others had", () => {
    const { counts, leftOut } = simulate({ ...usual, variants: 40, estimate: 3 });
    expect(leftOut).toBeLessThan(simulate({ ...usual, variants: 40, estimate: 1 }).leftOut + 5);
    for (const seeds of counts.values()) expect([...seeds].sort((a, b) => a - b)).toEqual(seeds.map((_, at) => at + 1));
  });

  test("gives the time of stopped variants to the others, and to those that were left out", () => {
    const most = (counts: ReadonlyMap<Variant, readonly number[]>) =>
      Math.max(...[...counts.values()].map(({ length }) => length));
    const { counts } = simulate({ ...usual, stopped: [0, 1, 2, 3, 4] });
    const lengths = [...counts.values()].map(({ length }) => length);
    expect(lengths.filter((length) => length === 3)).toHaveLength(5);
    expect(most(counts)).toBeGreaterThan(1.8 * most(simulate(usual).counts));
    const crowded = { ...usual, variants: 60, run: 8 };
    expect(simulate({ ...crowded, stopped: [0, 1, 2, 3, 4] }).leftOut).toBeLessThan(simulate(crowded).leftOut);
    const all = simulate({ ...usual, stopped: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(all.now).toBeLessThan(150);
  });

  test("ends before its time where the seeds asked for are done", () => {
    const { now, counts } = simulate({ ...usual, seeds: [3, 5] });
    expect(now).toBeLessThan(120);
    for (const seeds of counts.values()) expect(seeds).toEqual([3, 5]);
  });

  test("trains one variant with two seeds whatever it takes", () => {
    const { counts, leftOut } = simulate({ ...usual, run: 1000 });
    expect([...counts.values()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(leftOut).toBe(7);
  });
});

test("a budget is a time with its unit, or seconds", () => {
  expect(["90s", "10m", "1.5h", " 2 m ", 30].map(budgetSeconds)).toEqual([90, 600, 5400, 120, 30]);
  for (const wrong of ["10", "m", "10 minutes", -1, Number.NaN])
    expect(() => budgetSeconds(wrong)).toThrow(/ablate\.budget/);
});

test("work grows with rows, epochs and layers, so that one variant's pace says another's", () => {
  const { spec } = model.train({ epochs: 1 });
  const wider = { ...spec, ppnet: { ...spec.ppnet, hidden: [512, 512] } };
  const longer = { ...spec, training: { ...spec.training, epochs: 3 } };
  expect(workOf(wider, 1000)).toBeGreaterThan(workOf(spec, 1000) * 2);
  expect(workOf(longer, 1000)).toBe(3 * workOf(spec, 1000));
  expect(workOf(spec, 2000)).toBeGreaterThan(1.9 * workOf(spec, 1000));
});

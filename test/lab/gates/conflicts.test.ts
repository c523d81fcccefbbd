/** Cosines of gradients: how often they err, and models whose tasks and domains pull apart, or as one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelFromSpec } from "../../../src/api/model/model.js";
import { laterRows } from "../../../src/api/training/conflict-look.js";
import { batches } from "../../../src/core/data/encoded/batches.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { excludesZero } from "../../../src/core/metrics/intervals/bootstrap.js";
import { random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  adagrad,
  adam,
  dataset,
  idFeature,
  loadRun,
  mmoe,
  pepnet,
  type Run,
} from "../../../src/index.js";
import { type BlockProducts, blockCosines, lookPlan } from "../../../src/lab/gates/conflicts.js";
import { correctedIntervals } from "../../../src/lab/gates/counterfactual.js";
import type { Conflicts } from "../../../src/types.js";
import { expectRates, triedRates } from "../../rates.js";
import { wholeTitle } from "../../whole-title.js";
import { edited } from "./audited.js";

type Vector = readonly number[];
const dot = (a: Vector, b: Vector): number => a.reduce((total, value, at) => total + value * b[at]!, 0);
const plus = (all: readonly Vector[]): Vector => all[0]!.map((_, at) => all.reduce((sum, each) => sum + each[at]!, 0));

/** [side][block] of vectors, as their products. */
function productsOf(sides: readonly (readonly Vector[])[]): BlockProducts {
  const sums = sides.map(plus);
  const blocks = sides[0]!.map((_, block) => sides.map((side) => side[block]!));
  return {
    inside: blocks.map((own) => own.map((a) => own.map((b) => dot(a, b)))),
    against: blocks.map((own) => own.map((a) => sums.map((b) => dot(a, b)))),
  };
}

const dims = 60;

/** Gradients of two losses in 32 blocks: means of a cosine, and noise that they share. */
function simulated(seed: number, world: { size: number; cosine: number; shared: number }, count = 32) {
  const { size, cosine, shared } = world;
  const source = random(seed);
  const sizes = Array.from({ length: count }, () => 100 + source.integer(400));
  const blocks = sizes.map((rows) => {
    const both = Array.from({ length: dims }, () => source.normal());
    const noise = (at: number): number =>
      (shared * both[at]! + Math.sqrt(1 - shared ** 2) * source.normal()) * Math.sqrt(rows);
    const first = Array.from({ length: dims }, (_, at) => rows * (at === 0 ? size : 0) + noise(at));
    const second = Array.from({ length: dims }, (_, at) => {
      return rows * size * (at === 0 ? cosine : at === 1 ? Math.sqrt(1 - cosine ** 2) : 0) + noise(at);
    });
    return [first, second] as const;
  });
  const sides = [0, 1].map((side) => blocks.map((block) => block[side]!));
  const { norms, cosines } = blockCosines(productsOf(sides), [sizes, sizes]);
  return { norms, cosine: correctedIntervals([cosines[0]!.cosine])[0]! };
}

describe("a cosine of noisy gradients", () => {
  const worlds = [
    ["no gradients, shared noise", { size: 0, cosine: 0, shared: 0.9 }],
    ["no gradients", { size: 0, cosine: 0, shared: 0 }],
    ["weak gradients at right angles", { size: 0.05, cosine: 0, shared: 0.9 }],
    ["gradients at right angles, shared noise", { size: 0.1, cosine: 0, shared: 0.9 }],
    ["at right angles, noise to the other side", { size: 0.2, cosine: 0, shared: -0.9 }],
    ["strong gradients at right angles", { size: 1, cosine: 0, shared: 0.9 }],
  ] as const;

  it("is said to differ from 0 in at most 5% of the worlds where it is 0", async () => {
    for (const [name, world] of worlds) {
      for (const blocks of [8, 16, 32]) {
        const rule = { name: `${name}, ${blocks} blocks`, of: 600, atMost: 43 };
        expectRates(await triedRates([rule], (seed) => [excludesZero(simulated(seed, world, blocks).cosine)]));
      }
    }
  });

  it("has an interval that holds it in about 95% of the worlds, and is found where it is large", () => {
    for (const [world, least] of [
      [{ size: 0.15, cosine: -0.6, shared: 0.9 }, 0.9],
      [{ size: 0.3, cosine: -0.3, shared: 0.9 }, 0.99],
      [{ size: 1, cosine: 0.8, shared: 0 }, 0.99],
    ] as const) {
      const all = Array.from({ length: 300 }, (_, seed) => simulated(seed + 1, world));
      const told = all.flatMap(({ cosine }) => (cosine.low === null ? [] : [cosine]));
      const held = told.filter(({ low, high }) => low! <= world.cosine && world.cosine <= high!);
      expect(held.length / told.length).toBeGreaterThan(0.92);
      const right = told.filter(({ value, low, high }) => value! * world.cosine > 0 && excludesZero({ low, high }));
      expect(right.length / all.length).toBeGreaterThanOrEqual(least);
      const norms = all.flatMap((each) => each.norms[0] ?? []);
      expect(norms.reduce((sum, norm) => sum + norm, 0) / norms.length / world.size).toBeGreaterThan(0.95);
      expect(norms.reduce((sum, norm) => sum + norm, 0) / norms.length / world.size).toBeLessThan(1.08);
    }
  });
});

type Row = Record<string, number>;

/** Items are liked or not; in the last scene the other way round; the second label agrees with the first, or not. */
function rows(count: number, seed: number, agrees: boolean): Row[] {
  const source = random(seed);
  return Array.from({ length: count }, () => {
    const [user, item, scene] = [source.integer(80), source.integer(20), source.integer(3)] as [number, number, number];
    const liked = (item % 2 === 0) !== (scene === 2);
    const draw = (likes: boolean): number => (source.uniform() < (likes ? 0.8 : 0.2) ? 1 : 0);
    return { user, item, scene, clk: draw(liked), fin: draw(liked === agrees) };
  });
}

const model = pepnet()
  .features(
    idFeature("user").buckets(80).embedding(4),
    idFeature("item").buckets(20).embedding(8),
    idFeature("scene").buckets(3).embedding(4),
  )
  .labels("clk", "fin", "scene")
  .group("all", ["user", "item"])
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet()
  .ppnet({ hidden: [16] })
  .domains("scene", ["feed", "<b>live</b>", "search"])
  .tower("ctr", (t) => t.label("clk").mlp(16).bce())
  .tower("finish", (t) => t.label("fin").mlp(16).bce())
  .train({ batchSize: 256, seed: 3, dense: adam(2e-3), sparse: adagrad(0.05) }) as unknown as AnyModel;

const cosineOf = ({ pairs }: Conflicts, first: string, second: string, part: string) =>
  pairs.find((pair) => pair.first === first && pair.second === second && pair.part === part)!.cosine;

/** The run with the weights of its first task's own layers in its second task too. */
function withEqualTasks(run: Run): Promise<Run> {
  return edited(run, (weights) => {
    for (const [name, { data }] of weights) {
      const own = /^(.*(?:_task_tower|linears|gate_nus)\.)(\d+)(\..*)$/.exec(name);
      const perTask = own?.[1]?.endsWith("_task_tower.") ? 3 : 1;
      if (own !== null && Number(own[2]) < perTask)
        weights.get(`${own[1]}${Number(own[2]) + perTask}${own[3]}`)!.data.set(data);
    }
  });
}

describe("the look at gradients early in a training", () => {
  const { spec } = model;
  const at = (epochSteps: number, totalSteps: number, trainRows: number, of = spec) =>
    lookPlan(of, { stepsPerEpoch: epochSteps, totalSteps }, trainRows);

  it("costs at most a tenth of the steps and 3% of the rows' gradients", () => {
    expect(at(100, 1000, 1_000_000)).toEqual({ step: 6, rows: 8192, blocks: 16, of: ["tasks", "domains"] });
    expect(at(80, 400, 41_000)).toEqual({ step: 5, rows: 2050, blocks: 8, of: ["tasks", "domains"] });
    for (const [epoch, total, trained] of [
      [100, 1000, 60_000],
      [50, 500, 200_000],
      [3, 160, 500_000],
    ] as const) {
      const plan = at(epoch, total, trained)!;
      const passes = plan.of.length + 1; // one for each task, and one for all domains
      expect(plan.blocks * (plan.of.length === 2 ? 5 : 2)).toBeLessThanOrEqual(0.1 * total);
      expect(plan.rows * passes).toBeLessThanOrEqual(0.03 * trained * (total / epoch));
    }
  });

  it("is of tasks alone where training is short, and none where it is shorter, or there is nothing to compare", () => {
    expect(at(80, 399, 1_000_000)!.of).toEqual(["tasks"]);
    expect(at(80, 160, 1_000_000)).toEqual({ step: 5, rows: 8192, blocks: 8, of: ["tasks"] });
    expect(at(80, 159, 1_000_000)).toBeNull();
    expect(at(100, 1000, 10_000)).toBeNull();
    const [one] = spec.towers;
    expect(at(100, 1000, 1_000_000, { ...spec, towers: [one!] })!.of).toEqual(["domains"]);
    expect(at(100, 1000, 1_000_000, { ...spec, towers: [one!], domains: null })).toBeNull();
    expect(at(4, 400, 1_000_000)!.step).toBe(1);
  });

  it("takes rows that no step has seen", async () => {
    const encoded = (await (await dataset(rows(3000, 1, true))).encode(spec)) as EncodedData;
    const seen = new Set<number>();
    const plan = { batchSize: 256, shuffle: spec.training.shuffle, seed: spec.training.seed, epoch: 0 };
    let step = 0;
    for (const batch of batches(encoded, plan)) if (step++ < 5) for (const row of batch.rows) seen.add(row);
    const later = laterRows(spec, encoded, 5, 10_000);
    expect(later.length).toBe(3000 - seen.size);
    expect(later.some((row) => seen.has(row))).toBe(false);
    expect(laterRows(spec, encoded, 5, 100)).toHaveLength(100);
  });
});

describe("run.conflicts", () => {
  const runs: Run[] = [];
  const fit = async (of: AnyModel, agrees: boolean, options = {}): Promise<Run> => {
    const run = await of.fit(rows(6000, 1, agrees), {
      steps: 12,
      validation: rows(8000, 2, agrees),
      quiet: true,
      ...options,
    });
    runs.push(run);
    return run;
  };
  let run: Run;
  let found: Conflicts;
  beforeAll(async () => {
    run = await fit(model, false, { gates: { conflicts: true }, evaluationsPerEpoch: 6 });
    found = (await run.conflicts()).facts;
  });
  afterAll(async () => {
    for (const each of runs) await each.dispose();
  });

  it("names tasks whose equal towers have opposite labels, and says that equal labels pull as one", async () => {
    const opposite = await withEqualTasks(run);
    const against = await opposite.conflicts(rows(8000, 2, false), { user: "user" });
    for (const part of ["embeddings", "EPNet, gate"]) {
      expect(cosineOf(against.facts, "ctr", "finish", part).high).toBeLessThan(-0.5);
    }
    expect(wholeTitle(await against.chart())).toMatch(
      /^ctr and finish pull apart \(cosine −[01]\.\d\d\); in \S+.*, and \d+ more of \d+ cosines/,
    );
    const as = await opposite.conflicts(rows(8000, 2, true));
    for (const part of ["embeddings", "EPNet, gate"]) {
      expect(cosineOf(as.facts, "ctr", "finish", part).low).toBeGreaterThan(0.5);
    }
    expect(as.rows()[0]).toMatchObject({ of: "tasks", first: "ctr", second: "finish", says: "pull together" });
    runs.push(opposite);
  });

  it("names the domain that is the other way round, where domains share a tower and have no gates", async () => {
    const shared = await fit(model.switches({ epnet: false, ppnet: false, sharedTowers: true }), true);
    const { facts } = await shared.conflicts();
    for (const part of ["embeddings", "tower ctr, layer 1"]) {
      expect(cosineOf(facts, "feed", "search", part).high).toBeLessThan(0);
      expect(cosineOf(facts, "<b>live</b>", "search", part).high).toBeLessThan(0);
      expect(cosineOf(facts, "feed", "<b>live</b>", part).low).toBeGreaterThan(0);
    }
  });

  it("compares only parts that both train: towers of a domain, and PPNet of a task, are one loss's alone", () => {
    const parts = (of: string) => new Set(found.pairs.filter((pair) => pair.of === of).map(({ part }) => part));
    expect([...parts("tasks")].sort()).toEqual(["EPNet, gate", "embeddings"]);
    expect([...parts("domains")].some((part) => part.startsWith("tower"))).toBe(false);
    expect([...parts("domains")].filter((part) => part.startsWith("PPNet")).length).toBeGreaterThan(3);
    for (const { cosine, norms } of found.pairs) {
      if (cosine.value === null) continue;
      expect(Math.abs(cosine.value)).toBeLessThanOrEqual(1);
      expect(cosine.low!).toBeLessThanOrEqual(cosine.value);
      expect(Math.min(norms[0]!, norms[1]!)).toBeGreaterThan(0);
    }
  });

  it("shows a table and a chart that say it", async () => {
    const result = await run.conflicts(null, { user: "user" });
    const chart = await result.chart();
    expect(chart.title).toMatch(/pull apart|No two tasks/);
    const table = result.rows();
    expect(table[0]).toMatchObject({ of: "tasks", first: "ctr", second: "finish" });
    expect(result.user).toBe("user");
    expect((await run.conflicts(null, { user: "user" })).facts).toEqual(result.facts);
  });

  it("is measured early in a usual training, on rows not yet seen, and leaves the weights as they are", async () => {
    const options = { epochs: 5, steps: undefined as never, validation: rows(600, 2, false), quiet: true, threads: 1 };
    const many = rows(41_000, 1, false);
    const wide = model.train({ batchSize: 512 });
    const usual = await wide.fit(many, options);
    const without = await wide.fit(many, { ...options, gates: false });
    runs.push(usual, without);
    expect(without.trainingConflicts).toBeNull();
    for (const [name, { data }] of await usual.weights())
      expect(data).toEqual((await without.weights()).get(name)!.data);
    const early = await usual.conflicts();
    expect(early.toJSON().caption).toContain("after 5 steps of training, on 2,050 training rows that it had not seen");
    expect(
      early.facts.pairs.filter(({ cosine }) => cosine.low !== null && excludesZero(cosine)).length,
    ).toBeGreaterThan(3);
    expect(wholeTitle(await early.chart())).toContain("after 5 steps");
    expect((await usual.conflicts(null)).facts.step).toBeUndefined();
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-conflicts-"));
    try {
      await usual.save(folder);
      const loaded = await loadRun(folder);
      runs.push(loaded);
      expect((await loaded.conflicts()).facts).toEqual(early.facts);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("follows training, is saved with the run, and is drawn", async () => {
    const followed = run.gatesHistory.map(({ conflicts }) => conflicts!);
    expect(followed.length).toBeGreaterThan(1);
    const chart = await run.chart("conflicts");
    expect(chart.title).toMatch(/^Cosines of gradients at \d evaluations/);
    const plain = await fit(model, true, { steps: 2 });
    expect(wholeTitle(await plain.chart("conflicts"))).toMatch(
      /not recorded; use fit\(data, { gates: { conflicts: true } }\)/,
    );
  });

  it("does not compare what is not finite", async () => {
    const broken = await edited(run, (weights) => {
      for (const [name, { data }] of weights) if (name.includes("_task_tower.0.linear.weight")) data[0] = Number.NaN;
    });
    runs.push(broken);
    const { pairs, notes } = await broken.conflicts(rows(2000, 2, false));
    expect(notes).toContain("not compared: embeddings: a gradient is not finite");
    expect(pairs.filter(({ part }) => part === "embeddings")).toEqual([]);
  });

  it("measures shared experts, and leaves labelled gaps where there is nothing to compare", async () => {
    const experts = await fit(modelFromSpec(mmoe({ experts: 2 })(model).spec as AnyModel["spec"]), false);
    const parts = (await experts.conflicts()).facts.pairs.map(({ of, part }) => `${of}: ${part}`);
    expect(parts.some((part) => part.startsWith("tasks: MMoE"))).toBe(true);
    const single = pepnet()
      .features(idFeature("user").buckets(80).embedding(4), idFeature("item").buckets(20).embedding(8))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(16).bce())
      .train({ batchSize: 256 }) as unknown as AnyModel;
    const alone = await (await fit(single, true)).conflicts();
    expect(alone.pairs).toEqual([]);
    expect(alone.notes).toEqual([
      "not compared: tasks: the model has one",
      "not compared: domains: the model has none",
    ]);
    const few = await run.conflicts(rows(8, 3, true));
    expect(few.pairs).toEqual([]);
    expect(few.notes.join("\n")).toContain("cannot be told: fewer than ten rows or users");
    expect((await few.chart()).title).toMatch(/^No gradients to compare/);
  });
});

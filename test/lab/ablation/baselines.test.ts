/** Baselines in a study: each against a model whose numbers are known. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { loadRun } from "../../../src/api/model/load-run.js";
import { modelFromSpec, pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { loadModel } from "../../../src/api/served-model.js";
import { baselines, mmoe, ple, sharedBottom, singleDomain, star } from "../../../src/api/study/variants.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine } from "../../../src/core/engine/engine.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { trainApart } from "../../../src/lab/ablation/train-run.js";
import { model as planted, rows } from "../gates/planted.js";

const model = (planted as AnyModel)
  .tower("like", (t) => t.label("clk").mlp(8).bce())
  .train({ batchSize: 128, epochs: 1 });
const [train, validation] = [rows(1024, 1, true), rows(600, 2, true)];
type Rows = typeof train;
const cache = mkdtempSync(path.join(tmpdir(), "pepnet-baselines-"));
beforeAll(() => {
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const options = { validation, seeds: 2, draws: 50, quiet: true } as const;

/** The rows of a scene. */
function inScene({ scene, ...columns }: Rows, domain: number): Rows {
  const places = scene.flatMap((each, row) => (each === domain ? [row] : []));
  const pick = (values: number[]): number[] => places.map((row) => values[row]!);
  return { scene: pick(scene), item: pick(columns.item), mood: pick(columns.mood), clk: pick(columns.clk) };
}

function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value = Reflect.get(target, name, target);
  return typeof value === "function" ? value.bind(target) : value;
}

describe("baselines", () => {
  test("are the models that a user would build by hand", async () => {
    const study = await model.ablate(train, { ...options, variants: baselines(model) });
    expect(study.variants.map(({ name }) => name)).toEqual([
      "the model",
      "shared bottom",
      "MMoE, 4 experts",
      "PLE, 2 + 1 experts",
      "STAR",
      "a model a domain",
    ]);
    const auc = (name: string, domain: number): number | null | undefined =>
      study.variants.find((variant) => variant.name === name)!.tasks[0]!.domains[domain]!.bySeed[0];
    const fit = { validation, seed: 1, threads: 1, quiet: true };
    const bare = await model.switches({ epnet: false, ppnet: false }).fit(train, fit);
    expect(auc("shared bottom", 1)).toBe(bare.evaluation!.auc("ctr", 1));
    for (const domain of [0, 1]) {
      const alone = model
        .switches({ epnet: false, ppnet: false, sharedTowers: true })
        .train({ steps: 1024 / 128, epochs: undefined as never });
      const own = inScene(validation, domain);
      const run = await alone.fit(inScene(train, domain), { ...fit, validation: own });
      expect(auc("a model a domain", domain)).toBe(run.evaluation!.auc("ctr"));
    }
    expect(study.toMarkdown()).toContain("a model a domain");
    const { denseParameters: alone } = modelSize(singleDomain()(model).spec);
    const rows = study.table().rows();
    const cost = (name: string) => rows.find(({ variant }) => variant === name)!;
    expect(cost("a model a domain")["parameters"]).toBe(2 * alone);
    expect(cost("the model")["relative_cost"]).toBe(1);
    expect(cost("shared bottom")["relative_cost"]).toBeLessThan(1);
    for (const name of ["forest", "curves", "domains"] as const) expect((await study.chart(name)).title).toBeTruthy();
  });

  test("MMoE with one expert is one network for all tasks; with more, it learns as eager engines do", async () => {
    const one = { ...options, seeds: 1, variants: { "one expert": mmoe({ experts: 1 }) } };
    const study = await model.ablate(train, one);
    const [ctr, like] = study.variants[1]!.tasks;
    // Two tasks with one label and one network differ by their towers' first weights alone.
    expect(Math.abs(ctr!.overall.bySeed[0]! - like!.overall.bySeed[0]!)).toBeLessThan(0.05);
    const four = { ...options, seeds: 1, cache: false, variants: { four: mmoe() } };
    const compiled = await model.ablate(train, four);
    const eager = await model.ablate(train, { ...four, engine: "cpu" });
    const [fast, slow] = [compiled, eager].map(({ variants }) => variants[1]!.tasks[0]!.overall.bySeed[0]!);
    expect(fast).toBeCloseTo(slow!, 4);
    expect(fast).toBeGreaterThan(0.6);
  });

  test("PLE learns as eager engines do, and a task does not see the experts of another", async () => {
    const { spec } = ple()(model);
    expect(modelSize(spec).denseParameters).toBeLessThan(modelSize(mmoe()(model).spec).denseParameters);
    const data = (await (await dataset(train)).encode(spec)) as EncodedData;
    const batch = { data, rows: Int32Array.from({ length: 100 }, (_, row) => row) };
    const probabilities = async (engine: Engine) =>
      (await engine.predict(batch)).map((task) => [...task.probabilities].map((value) => Number(value.toFixed(5))));
    const [engine, eager] = [await createEngine(spec), await createEngine(spec, { engine: "cpu" })];
    for (const each of [engine, eager]) for (let step = 0; step < 3; step++) await each.step(batch, 0);
    const before = await probabilities(engine);
    expect(before).toEqual(await probabilities(eager));
    const state = await engine.state();
    // Experts 0 and 1 are shared, 2 is of the first task and 3 of the second.
    for (const [expert, changed] of [
      [0, [true, true]],
      [2, [true, false]],
      [3, [false, true]],
    ] as const) {
      const weights = new Map(state.weights);
      const name = `model.mmoe.experts.${expert}.0.bias`;
      const { shape, data } = weights.get(name)!;
      weights.set(name, { shape, data: data.map((value) => value + 1) });
      await engine.restore({ ...state, weights });
      const after = await probabilities(engine);
      expect(after.map((values, task) => values.some((value, row) => value !== before[task]![row]))).toEqual(changed);
    }
    await Promise.all([engine.dispose(), eager.dispose()]);
  });

  test("STAR learns as eager engines do, has the layers of a task in each domain, and an estimate", async () => {
    const { spec } = star()(model);
    const [ctr] = spec.towers;
    expect(ctr!.mlp!.hidden).toEqual([...model.spec.ppnet.hidden, ...model.spec.towers[0]!.mlp!.hidden]);
    const one = { ...options, seeds: 1, cache: false, variants: { STAR: star() } };
    const compiled = await model.ablate(train, one);
    const eager = await model.ablate(train, { ...one, engine: "cpu" });
    const [fast, slow] = [compiled, eager].map(({ variants }) => variants[1]!.tasks[0]!.overall.bySeed[0]!);
    expect(fast).toBeCloseTo(slow!, 4);
    expect(fast).toBeGreaterThan(0.6);
    const { modules, denseParameters } = modelSize(spec);
    expect(modules.map(({ module }) => module)).toContain("star.ctr");
    const row = compiled
      .table()
      .rows()
      .find(({ variant }) => variant === "STAR")!;
    expect(row["parameters"]).toBe(denseParameters);
    expect((await modelFromSpec(spec).estimate(train, { seconds: 0.1 })).epochs).toBe(1);
  });

  test("a STAR is saved, loaded and served like any model", async () => {
    const folder = path.join(cache, "star");
    const run = await modelFromSpec(star()(model).spec).fit(train, { validation, seed: 1, threads: 1, quiet: true });
    await run.save(folder);
    const probabilities = async (from: Pick<typeof run, "predict">) =>
      Array.from(await (await from.predict(validation)).table.column("probs_ctr"), Number);
    const expected = await probabilities(run);
    expect(await probabilities(await loadRun(folder))).toEqual(expected);
    await run.export(path.join(folder, "served"));
    expect((await run.audit(validation)).rows()).toEqual([]);
    await expect(run.recalibrate(validation)).rejects.toThrow(/a STAR has no last layer/);
    const got = await probabilities(await loadModel(path.join(folder, "served")));
    for (const [row, value] of got.entries()) expect(value).toBeCloseTo(expected[row]!, 5);
  });

  test("a model a domain trains a number of steps, and streams", async () => {
    const stepped = model.train({ steps: 40, epochs: undefined as never });
    const study = await stepped.ablate(train, { ...options, seeds: 1, variants: { apart: singleDomain() } });
    expect(study.variants[1]!.runs[0]!.evaluations).toEqual([]);
    expect(study.variants[1]!.tasks[0]!.overall.bySeed[0]).toBeGreaterThan(0.5);
  });

  test("a model a domain takes as many steps as one on all rows, also in epochs", async () => {
    const { spec } = singleDomain()(model.train({ epochs: 3 }));
    const [encoded, held] = [await (await dataset(train)).encode(spec), await (await dataset(validation)).encode(spec)];
    const steps: number[] = [];
    const openEngine = async () => {
      const engine = await createEngine(spec);
      const place = steps.push(0) - 1;
      const train: typeof engine.train = (batches, epoch) => {
        steps[place]! += batches.length;
        return engine.train(batches, epoch);
      };
      return new Proxy(engine, { get: (target, name) => (name === "train" ? train : bound(target, name)) });
    };
    await trainApart({
      spec,
      rows: { train: encoded, validation: held, curves: held, users: null },
      settings: { draws: 2 },
      openEngine,
    });
    expect(steps).toEqual([3 * 8, 3 * 8]);
  });

  test("say what they need", async () => {
    const bare = pepnet()
      .features(idFeature("item").buckets(20).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    expect(baselines(bare).map(({ name }) => name)).toEqual(["shared bottom", "MMoE, 4 experts", "PLE, 2 + 1 experts"]);
    expect(() => singleDomain()(bare)).toThrow(/the model has no domains/);
    expect(() => mmoe()(bare)).toThrow(/the sizes of PPNet's layers/);
    expect(() => mmoe({ experts: 0 })(model)).toThrow(/an integer ≥ 1 and ≤ 256/);
    expect(() => ple({ taskExperts: 0 })(model)).toThrow(
      /ple\.taskExperts: number out of range[\s\S]*ple\({ taskExperts: 4 }\)/,
    );
    expect(() => ple()(bare)).toThrow(/^ple: an expert has the sizes of PPNet's layers/);
    expect(() => star()(bare)).toThrow(/the model has no domains/);
    expect(() => star({ auxiliary: 0 })(model)).toThrow(/star\.auxiliary: number out of range[\s\S]*≥ 1 and ≤ 256/);
    expect(() => sharedBottom()(model)).not.toThrow();
    const { configFromSpec } = await import("../../../src/core/config/config-from-spec.js");
    for (const { spec } of [mmoe()(model), star()(model)])
      expect(() => configFromSpec(spec)).toThrow(/a baseline is not a PEPNet/);
  });
});

/** Whole studies, small: what is compared, what is kept, what an interrupt leaves. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AnyModel } from "../../../src/api/model/types.js";
import type { Study } from "../../../src/api/study/study.js";
import type { AblationOptions } from "../../../src/api/study/variants.js";
import { withOtherDomain } from "../../../src/core/builder/with-modules.js";
import { compilations } from "../../../src/core/engine/compiled/compile-plan.js";
import { layer } from "../../../src/core/nn/custom-layer.js";
import { tf } from "../../../src/core/nn/public.js";
import type { StudyVariant } from "../../../src/lab/ablation/study.js";
import { model as planted, rows } from "../gates/planted.js";

const model = (planted as AnyModel).train({ batchSize: 128, epochs: 1 });
const [train, validation] = [rows(1024, 1, true), rows(600, 2, true)];
let cache: string;
const before = process.env.PEPNET_CACHE;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-study-"));
});
afterAll(() => {
  process.env.PEPNET_CACHE = before;
  rmSync(cache, { recursive: true });
});
let place = 0;
beforeEach(() => {
  process.env.PEPNET_CACHE = path.join(cache, String(place++));
});

const study = (
  variants: Parameters<AnyModel["ablate"]>[1]["variants"],
  { train: data = train, ...options }: AblationOptions & { readonly train?: typeof train } = {},
  of: AnyModel = model,
): Promise<Study> => of.ablate(data, { variants, validation, seeds: 2, draws: 50, quiet: true, ...options });

const values = ({ variants }: Study) =>
  variants.map(({ name, tasks }) => [
    name,
    tasks.map(({ overall, domains }) => [overall.bySeed, domains.map((d) => d.bySeed)]),
  ]);
const trained = ({ variants }: Study): number =>
  variants.flatMap(({ runs }) => runs).filter(({ kept }) => !kept).length;

describe("a study", () => {
  test("compares variants with other domains over all rows only", async () => {
    const change = ({ spec }: AnyModel) => ({ spec: withOtherDomain(spec, null) });
    const made = await study([{ name: "no domain", change }]);
    expect(made.domainNames).toEqual([]);
    expect(made.variants.map(({ tasks }) => tasks.map(({ domains }) => domains))).toEqual([[[]], [[]]]);
    expect(made.difference("no domain", "ctr")!.mean).not.toBeNull();
    expect(made.notes).toContain("variants have other domains than the model, so only all rows are compared");
  });

  test("compares with the model itself, as an ordinary fit of that seed trains it", async () => {
    const made = await study({ "epnet.gamma": [1], "switches.epnet": [false] }, { design: "one-at-a-time" });
    expect(made.variants.map(({ name }) => name)).toEqual(["the model", "epnet.gamma 1", "switches.epnet off"]);
    for (const [seed, place] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const options = { validation, seed, threads: 1, quiet: true };
      const [base, off] = [await model.fit(train, options), await model.switches({ epnet: false }).fit(train, options)];
      expect(made.variants[0]!.tasks[0]!.overall.bySeed[place]).toBe(base.evaluation!.auc("ctr"));
      expect(made.variants[2]!.tasks[0]!.overall.bySeed[place]).toBe(off.evaluation!.auc("ctr"));
      expect(made.variants[2]!.tasks[0]!.domains[1]!.bySeed[place]).toBe(off.evaluation!.auc("ctr", 1));
    }
    const difference = made.difference("switches.epnet off", "ctr")!;
    const [base, off] = [made.variants[0]!.tasks[0]!.overall.bySeed, made.variants[2]!.tasks[0]!.overall.bySeed];
    expect(difference.bySeed).toEqual(off.map((value, seed) => value! - base[seed]!));
    expect(made.confidence).toEqual({
      overall: { level: expect.closeTo(0.96, 12), comparisons: 2, groups: 1 },
      domains: { level: expect.closeTo(0.99, 12), comparisons: 4, groups: 2 },
    });
  });

  test("compares the tasks that are asked about, corrected for these alone; asking about others trains nothing", async () => {
    const two = model.tower("again", (t) => t.label("clk").mlp(4).bce().auc());
    const variants = { "epnet.gamma": [1, 4] };
    const options = { tasks: ["again"] };
    const one = await study(variants, options, two);
    expect(one.tasks.map(({ tower }) => tower)).toEqual(["again"]);
    expect(one.confidence.overall).toMatchObject({ comparisons: 2, groups: 1 });
    expect(one.table().toMarkdown()).not.toContain("ctr");
    const both = await study(variants, {}, two);
    expect(trained(both)).toBe(0);
    expect(both.confidence.overall).toMatchObject({ comparisons: 4, groups: 2 });
    const width = (of: Study) => {
      const { low, high } = of.difference("epnet.gamma 4", "again")!;
      return high! - low!;
    };
    expect(width(one)).toBeLessThan(width(both));
    await expect(study(variants, { tasks: ["agian"] }, two)).rejects.toThrow(/unknown tower.*"ctr", "again"/s);
    await expect(study(variants, { tasks: [] }, two)).rejects.toThrow(/non-empty list of towers/);
  });

  test("gives the same numbers whatever runs at once", async () => {
    const variants = { "epnet.gamma": [1, 4] };
    const alone = await study(variants, { parallel: 1, cache: false });
    const crowded = await study(variants, { parallel: 3, cache: false });
    expect(values(crowded)).toEqual(values(alone));
    expect(crowded.difference("epnet.gamma 4", "ctr")).toEqual(alone.difference("epnet.gamma 4", "ctr"));
  });

  test("compiles one step and one prediction for all variants that differ in scalars", async () => {
    const own = model.ppnet({ hidden: [7] });
    const start = compilations();
    await study(
      { "epnet.gamma": [0.5, 1, 4], "ppnet.gamma": [1], "train.dense.lr": [0.01], "towers.*.weight": [2] },
      { design: "one-at-a-time" },
      own,
    );
    expect(compilations() - start).toBe(2);
  });

  test("variants that train together have the numbers that each has alone", async () => {
    const design = { design: "one-at-a-time" } as const;
    const each = [
      { "epnet.gamma": [0.5] },
      { "epnet.gamma": [4] },
      { "ppnet.dropout": [0.3] },
      { "train.dense.lr": [0.05] },
      { "ppnet.hidden": [[5]] },
    ];
    const together = await study({ ...Object.assign({}, ...each), "epnet.gamma": [0.5, 4] }, design);
    const byName = new Map(together.variants.map((variant) => [variant.name, variant]));
    const bySeed = ({ tasks, runs }: StudyVariant) => [
      tasks.map(({ overall, domains }) => [overall.bySeed, domains.map((cell) => cell.bySeed)]),
      runs.map(({ evaluations }) => evaluations),
    ];
    for (const variants of each) {
      const apart = await study(variants, { ...design, cache: false });
      for (const alone of apart.variants) expect(bySeed(byName.get(alone.name)!)).toEqual(bySeed(alone));
    }
  });

  test("finds a difference that is there: without what tells the domain the model cannot turn preferences round", async () => {
    const scenes = planted as AnyModel;
    const blind = (m: AnyModel) => m.group("all", ["item", "mood"]).switches({ sharedTowers: true, epnet: false });
    const made = await study(
      { blind },
      { train: rows(8000, 1, true), validation: rows(3000, 2, true), seeds: 4 },
      scenes.train({ batchSize: 256, epochs: 3 }),
    );
    expect(made.difference("blind", "ctr")!.verdict.kind).toBe("worse");
    const [first] = await made.conclusions();
    expect(first).toMatch(/^blind is worse in ctr AUC by −0\.\d{4} \(−0\.\d{4} to −0\.\d{4}\)\.$/);
    expect(made.toMarkdown().startsWith(`- ${first}`)).toBe(true);
    const tolerant = await study(
      { blind },
      { train: rows(8000, 1, true), validation: rows(3000, 2, true), seeds: 4, matters: { auc: 0.45 } },
      scenes.train({ batchSize: 256, epochs: 3 }),
    );
    expect(trained(tolerant)).toBe(0);
    expect(tolerant.difference("blind", "ctr")!.verdict.text).toBe("equivalent: less than 0.45 either way");
    expect(tolerant.tasks[0]!.matters).toBe(0.45);
    const single = await study({ "epnet.gamma": [1] }, { seeds: 1, matters: 0.001 });
    expect((await single.conclusions())[0]).toBe(
      "epnet.gamma 1 is open in ctr AUC: one seed says nothing about noise; use three or more.",
    );
    const open = await study({ "epnet.gamma": [1] }, { matters: 1e-9 });
    const { verdict } = open.difference("epnet.gamma 1", "ctr")!;
    expect(verdict).toMatchObject({ kind: "undecided", remedy: expect.stringMatching(/settle/) });
    expect((await open.conclusions())[0]).toMatch(
      /^epnet\.gamma 1 is open in ctr AUC: [+−]0\.\d{4} \([+−]0\.\d{4} to [+−]0\.\d{4}\); .*settle.*\.$/,
    );
    expect((await open.conclusions())[0]).toContain(`; ${verdict.remedy}.`);
  });

  test("fits a curve to a numeric setting with three values, by task and domain", async () => {
    const made = await study({ "epnet.gamma": [1, 4], "switches.ppnet": [false] }, { design: "one-at-a-time" });
    const response = made.response("epnet.gamma", "ctr")!;
    expect(response).toMatchObject({ modelValue: 2, seeds: 2, averaged: [] });
    expect(response.points.map(({ value }) => value)).toEqual([1, 2, 4]);
    expect(response.points[2]!.mean).toBeCloseTo(made.difference("epnet.gamma 4", "ctr")!.mean, 12);
    expect(made.response("epnet.gamma", "ctr", 1)!.domain).toBe(1);
    expect(made.response("switches.ppnet", "ctr")).toBeNull();
    expect(made.table("responses").rows()).toHaveLength(3);
    expect((await made.conclusions()).join("\n")).toMatch(/epnet\.gamma/);
  });

  test("of a list takes the variants as they are", async () => {
    const made = await study([
      { "epnet.gamma": 1, "ppnet.gamma": 4 },
      { name: "mine", change: (m: AnyModel) => m.epnet({ gamma: 3 }), "ppnet.gamma": 3 },
    ]);
    expect(made.variants.map(({ name }) => name)).toEqual(["the model", "epnet.gamma 1, ppnet.gamma 4", "mine"]);
    expect(made.variants[1]!.settings).toEqual({ "epnet.gamma": "1", "ppnet.gamma": "4" });
  });

  test("compares by the metric asked for, and says which task has none", async () => {
    const loss = await study({ "epnet.gamma": [1] }, { metric: "logLoss" });
    expect(loss.tasks).toMatchObject([
      { tower: "ctr", within: null, metric: "logLoss", higherIsBetter: false, matters: null },
    ]);
    const grouped = await study({ "epnet.gamma": [1] }, { metric: "groupedAuc" });
    expect(grouped.notes).toContain(
      'task ctr has no groupedAuc and is compared by auc; it needs a user column: { user: "user_id" }',
    );
    const byItem = await study({ "epnet.gamma": [1] }, { metric: "groupedAuc", user: "item" });
    expect(byItem.tasks[0]!.metric).toBe("groupedAuc");
    expect(byItem.user).toBe("item");
  });
});

test("a variant that diverges is a note, and the others are compared", async () => {
  const made = await study({ "train.dense.lr": [1e30, 0.002] }, { cache: false });
  expect(made.notes).toContainEqual(
    expect.stringMatching(/^train\.dense\.lr 1e\+30 diverged with seed 1, step \d+.*(NaN|Infinity)$/),
  );
  expect(made.variants.map(({ runs }) => runs.length)).toEqual([2, 0, 2]);
  expect(made.table().rows()[1]!["verdict"]).toBe("no finished run: see the notes");
});

describe("finished runs are reused", () => {
  test("the same study trains nothing; another value its own runs; names for people, none", async () => {
    const first = await study({ "epnet.gamma": [1] });
    expect(trained(first)).toBe(4);
    const again = await study({ "epnet.gamma": [1] });
    expect(trained(again)).toBe(0);
    expect(values(again)).toEqual(values(first));
    expect(again.difference("epnet.gamma 1", "ctr")).toEqual(first.difference("epnet.gamma 1", "ctr"));
    expect(trained(await study({ "epnet.gamma": [1, 4] }))).toBe(2);
    expect(trained(await study({ "epnet.gamma": [1] }, { seeds: [2, 3] }))).toBe(2);
    const { spec } = model;
    const renamed = {
      ...spec,
      domains: { ...spec.domains!, names: ["here", "there"] },
      extra: { train_input_path: "x" },
    };
    const { modelFromSpec } = await import("../../../src/api/model/model.js");
    expect(trained(await study({ "epnet.gamma": [1] }, {}, modelFromSpec(renamed)))).toBe(0);
    expect(trained(await study({ "epnet.gamma": [1] }, {}, model.train({ seed: 77 })))).toBe(0);
  });

  test("other rows, more draws, another number of threads or another engine train anew", async () => {
    const variants = { "epnet.gamma": [1] };
    const options = { seeds: 1 } as const;
    expect(trained(await study(variants, options))).toBe(2);
    expect(
      trained(
        await study(variants, {
          ...options,
          train: { ...train, clk: train.clk.map((c, row) => (row === 5 ? 1 - c : c)) },
        }),
      ),
    ).toBe(2);
    expect(trained(await study(variants, { ...options, draws: 51 }))).toBe(2);
    expect(trained(await study(variants, { ...options, threads: 2 }))).toBe(2);
    expect(trained(await study(variants, { ...options, engine: "cpu" }))).toBe(2);
    expect(trained(await study(variants, { ...options, train: { ...train } }))).toBe(0);
  });

  test("a layer of one's own is known by what it computes, not by its text", async () => {
    const scaled = (factor: number) => model.layer(layer("scaled", { apply: (x) => tf.mul(x, factor) }));
    const options = { seeds: 1 } as const;
    expect(trained(await study({ "epnet.gamma": [1] }, options, scaled(1.5)))).toBe(2);
    expect(trained(await study({ "epnet.gamma": [1] }, options, scaled(1.5)))).toBe(0);
    expect(trained(await study({ "epnet.gamma": [1] }, options, scaled(0.5)))).toBe(2);
  });

  test("an interrupt compares what is done, and the next time goes on from there", async () => {
    const stop = new AbortController();
    const variants = { "epnet.gamma": [1, 4] };
    const onRun: AblationOptions["onRun"] = ({ done, planned }) => {
      expect(planned).toBe(18);
      if (done === 4) stop.abort();
    };
    const made = await study(variants, { seeds: 6, parallel: 1, signal: stop.signal, onRun });
    expect(made.interrupted).toBe(true);
    // The runs of a seed train together: what has ended counts, the model first.
    const counts = made.variants.map((variant) => variant.runs.length);
    expect(counts[0]).toBe(2);
    expect(counts.slice(1).every((count) => count === 1 || count === 2)).toBe(true);
    const rest = await study(variants, { seeds: 6, parallel: 1 });
    expect(trained(rest)).toBe(18 - counts.reduce((sum, count) => sum + count, 0));
    expect(rest.interrupted).toBe(false);
  });

  test("a damaged run is trained again, with a note", async () => {
    const options = { seeds: 1 } as const;
    await study({ "epnet.gamma": [1] }, options);
    const folder = path.join(process.env.PEPNET_CACHE!, "runs");
    for (const name of readdirSync(folder)) writeFileSync(path.join(folder, name), "cut off");
    const again = await study({ "epnet.gamma": [1] }, options);
    expect(trained(again)).toBe(2);
    expect(again.notes.join()).toMatch(/could not be read and is trained again/);
  });
});

describe("what cannot be is refused", () => {
  test.each([
    [{ seeds: 0 }, /ablate\.seeds/],
    [{ seeds: [1, 1] }, /ablate\.seeds/],
    [{ level: 95 }, /ablate\.level/],
    [{ matters: 0 }, /ablate\.matters: number out of range[\s\S]*> 0/],
    [{ matters: { auc: -1 } }, /ablate\.matters\.auc/],
    [{ budget: "10 minutes" }, /ablate\.budget[\s\S]*"10m"/],
    [{ user: "users" }, /column "users"/],
  ] as const)("%j", async (options, message) => {
    await expect(study({ "epnet.gamma": [1] }, options as Partial<AblationOptions>)).rejects.toThrow(message);
  });

  test("a list of values that is none, and names that the study does not have", async () => {
    await expect(study({ "epnet.gamma": 1 } as never)).rejects.toThrow(/a setting's values must be a list/);
    const made = await study({ "epnet.gamma": [1] }, { seeds: 1 });
    expect(() => made.difference("epnet.gamma 2", "ctr")).toThrow(/did you mean "epnet.gamma 1"/);
    expect(() => made.difference("epnet.gamma 1", "cvr")).toThrow(/one of "ctr"/);
    expect(() => made.difference("epnet.gamma 1", "ctr", 2)).toThrow(/unknown domain/);
    expect(made.difference("epnet.gamma 1", "ctr")!.verdict.kind).toBe("undecided");
  });
});

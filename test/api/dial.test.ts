/** `run.dial()`: the trained model with its gates scaled, against engines whose gammas are set by hand. */
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import type { AnyModel } from "../../src/api/model/types.js";
import type { Run } from "../../src/api/run/run.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { createEngine } from "../../src/core/engine/create-engine.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import { predict } from "../../src/core/train/evaluate.js";
import { moduleOff } from "../../src/lab/gates/interventions.js";

const log = taobaoLike({ rows: 6_000, seed: 5 });
const model = pepnet()
  .features(
    idFeature("user_id").buckets(2_000).embedding(8),
    idFeature("cate_id").buckets(48).embedding(8),
    idFeature("occupation").buckets(3).embedding(8),
  )
  .labels("clk", "buy")
  .group("domain", ["occupation"])
  .group("uia", ["user_id", "cate_id"])
  .epnet({ gamma: 2, hidden: 12 })
  .ppnet({ hidden: [16, 8] })
  .domains("occupation", ["student", "worker", "retired"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .tower("cvr", (t) => t.label("buy").mlp(8).bce().auc());

let data: Dataset;
let run: Run;
beforeAll(async () => {
  data = await dataset(log.table);
  run = await model.fit(data, { validation: data, epochs: 2 });
});

/** The logits by task of a model whose gammas are set by hand. */
async function byHand(epnet: number, ppnet: number): Promise<Float32Array[]> {
  const spec = { ...run.spec, epnet: { ...run.spec.epnet, gamma: epnet }, ppnet: { ...run.spec.ppnet, gamma: ppnet } };
  const engine = await createEngine(spec, { weights: await run.weights() });
  try {
    return (await predict(engine, await data.encode(spec))).map(({ logits }) => logits);
  } finally {
    await engine.dispose();
  }
}

describe("a dial", () => {
  it("is the model whose gammas are set by hand, and back at its gammas the trained one", async () => {
    const dial = await run.dial(data);
    expect(dial.gammas).toEqual({ epnet: 2, ppnet: 2 });
    expect(dial.evaluation.auc("ctr")).toBe((await run.evaluate(data, { intervals: false })).auc("ctr"));
    await dial.set({ epnet: 1.5 });
    await dial.set({ ppnet: 0.7 });
    const moved = dial.movedRows({ tower: "cvr", count: 6_000 }).rows();
    const [trained, scaled] = [await byHand(2, 2), await byHand(1.5, 0.7)];
    expect(moved).toHaveLength(6_000);
    const errors = moved.map(({ row, logit_change: change }) => {
      const at = Number(row);
      return Math.abs(Number(change) - (scaled[1]![at]! - trained[1]![at]!));
    });
    expect(Math.max(...errors)).toBeLessThan(1e-6);
    expect(Math.abs(Number(moved[0]?.["logit_change"]))).toBeGreaterThan(0.01);
    await dial.set({ epnet: 2, ppnet: 2 });
    expect(dial.rows().every(({ difference }) => difference === 0)).toBe(true);
  });

  it("scales the gates in its charts, and leaves the run as it was", async () => {
    const dial = await run.dial(data, { rows: 2_000 });
    const before = dial.gates;
    await dial.set({ epnet: 1 });
    const [trained, scaled] = [before.gates[0]!, dial.gates.gates[0]!];
    expect(scaled.gamma).toBe(1);
    expect(scaled.overall.mean).toBeCloseTo(trained.overall.mean / 2, 6);
    expect((await run.gates(data, { rows: 2_000, details: false })).gates[0]?.gamma).toBe(2);
  });

  it("measures EPNet's gates again only where its gamma changes", async () => {
    const dial = await run.dial(data, { rows: 2_000 });
    const before = dial.gates.facts;
    await dial.set({ epnet: 2, ppnet: 2 });
    expect(dial.gates.facts).toBe(before);
    await dial.set({ ppnet: 0.5 });
    const after = dial.gates.facts;
    expect(after.gates[0]).toBe(before.gates[0]);
    expect(after.fields).toEqual(before.fields);
    expect(after.gates[1]?.overall.mean).toBeCloseTo(before.gates[1]!.overall.mean / 4, 6);
    await dial.set({ epnet: 1 });
    expect(dial.gates.facts.gates[0]?.overall.mean).toBeCloseTo(before.gates[0]!.overall.mean / 2, 6);
    expect(dial.gates.facts.fields).not.toEqual(before.fields);
  });

  it("says what it shows: a scaled model, not one trained at that gamma", async () => {
    const dial = await run.dial(data, { rows: 1_000 });
    await dial.set({ epnet: 1.5 });
    expect(dial.table().caption).toBe(
      "EPNet gamma 1.5 (trained at 2), PPNet gamma 2 as trained: the trained model with its gates scaled, not one that was trained so",
    );
    expect(dial.toMarkdown()).toContain("not a model that was trained at these gammas");
    expect(dial.rows()).toHaveLength(8);
  });

  it("has an interval of every difference, wider the more gammas were tried, and none for too few users", async () => {
    const dial = await (await run.dial(data, { rows: 2_000, user: null })).set({ epnet: 1 });
    const [once] = dial.rows();
    const width = (row = dial.rows()[0]) => Number(row?.["high"]) - Number(row?.["low"]);
    expect(Number(once?.["low"])).toBeLessThan(Number(once?.["difference"]));
    expect(Number(once?.["high"])).toBeGreaterThan(Number(once?.["difference"]));
    for (const epnet of [0.5, 3, 4, 1]) await dial.set({ epnet });
    expect(width()).toBeGreaterThan(width(once) * 1.02);
    expect(dial.rows()[0]?.["difference"]).toBe(once?.["difference"]);
    expect(dial.notes.join()).toMatch(
      /rows taken as independent.*The best of several gammas still looks better than it is/,
    );
    const byUser = await (await run.dial(data, { rows: 2_000, user: "user_id" })).set({ epnet: 1 });
    expect(byUser.notes.join()).toContain("whole users by user_id");
    expect(byUser.rows()[0]?.["difference"]).toBe(once?.["difference"]);
    expect(byUser.rows()[0]?.["low"]).not.toBe(once?.["low"]);
    const one = await data.where({ user_id: String((await data.head(1))[0]?.["user_id"]) });
    const few = await (await run.dial(one, { user: "user_id" })).set({ epnet: 1 });
    expect(few.rows().every(({ low, high }) => low == null && high == null)).toBe(true);
  });

  it("is kept as a run with the same numbers, to save, export or train further", async () => {
    const dial = await run.dial(data);
    const scaled = await (await dial.set({ epnet: 1.2, ppnet: 3 })).model();
    expect([scaled.spec.epnet.gamma, scaled.spec.ppnet.gamma]).toEqual([1.2, 3]);
    expect((scaled.model as AnyModel).spec.epnet).toEqual({ hidden: 12, gamma: 1.2 });
    const evaluation = await scaled.evaluate(data, { intervals: false });
    expect(evaluation.auc("ctr")).toBe(dial.evaluation.auc("ctr"));
    expect(scaled.notes.join()).toContain("gamma was changed after training");
  });

  it("lists the rows of one domain that move most", async () => {
    const dial = await run.dial(data);
    await dial.set({ epnet: 0.5 });
    const rows = dial.movedRows({ domain: "worker", count: 3 }).rows();
    expect(rows.map(({ domain }) => domain)).toEqual(["worker", "worker", "worker"]);
    await expect(run.explain(data, { row: Number(rows[0]?.["row"]) })).resolves.toMatchObject({ domain: "worker" });
    expect(() => dial.movedRows({ domain: "nowhere" })).toThrow(`one of "student", "worker", "retired"`);
  });

  it("marks its place on the curves of a study's trained models, and refuses studies of other models", async () => {
    const variants = { "epnet.gamma": [0.5, 1, 4] };
    const study = await model.train({ epochs: 2 }).ablate(data, { variants, validation: data, seeds: 2 });
    const dial = await run.dial(data, { study });
    await dial.set({ epnet: 0.5 });
    const row = dial.rows().find(({ domain_name: name }) => name === "worker"); // of the first task
    const chart = await dial.response({ tower: "ctr", domain: "worker" });
    const place = chart.figure.data.find(({ legendgroup }) => legendgroup === "dial");
    expect(place).toMatchObject({ x: [0.5], y: [expect.closeTo(Number(row?.["difference"]), 4)] });
    expect(chart.title).toContain("scaled gates change AUC by");
    expect(chart.rows().length).toBeGreaterThan(3);
    const other = await model.epnet({ gamma: 3, hidden: 12 }).fit(data, { validation: data, epochs: 1 });
    await expect(other.dial(data, { study })).rejects.toThrow(/epnet.gamma of the study's model[\s\S]*2[\s\S]*3/);
    await expect((await run.dial(data, { rows: 500 })).response()).rejects.toThrow(
      /without a study[\s\S]*model.ablate/,
    );
  });

  it("explains rows and asks what-if at its gammas, as the kept run does", async () => {
    const dial = await (await run.dial(data, { rows: 1_000 })).set({ epnet: 0.5 });
    const scaled = await dial.model();
    const row = Number(dial.movedRows().rows()[0]?.["row"]);
    const [here, there] = [await dial.explain({ row }), await scaled.explain(data, { row })];
    expect(here.tasks).toEqual(there.tasks);
    expect(here.tasks).not.toEqual((await run.explain(data, { row })).tasks);
    const changes = [moduleOff("epnet")];
    const options = { changes, rows: 500, user: null };
    expect((await dial.counterfactual(options)).rows()).toEqual((await scaled.counterfactual(data, options)).rows());
  });

  it("refuses gammas that are not positive, modules that are missing, and gammas that are trained", async () => {
    const dial = await run.dial(data, { rows: 500 });
    await expect(dial.set({ epnet: 0, ppnet: Number.NaN })).rejects.toThrow(/epnet[\s\S]*a number > 0[\s\S]*ppnet/);
    expect(dial.gammas).toEqual({ epnet: 2, ppnet: 2 });
  });
});

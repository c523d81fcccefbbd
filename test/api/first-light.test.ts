import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dataset, dataset } from "../../src/api/data/dataset.js";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import type { Run } from "../../src/api/run/run.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { rawFeature } from "../../src/core/builder/raw-feature.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";

const display = Symbol.for("Jupyter.display");
type Shown = Record<string, unknown>;
const shown = (value: object): Promise<Shown> => (value as { [display](): Promise<Shown> })[display]();

const model = pepnet()
  .features(
    idFeature("user_id").buckets(200).embedding(4),
    idFeature("adgroup_id").buckets(150).embedding(4),
    idFeature("occupation").buckets(3).embedding(4),
    idFeature("tag_brand_list").hash(50).multiValue("|").embedding(4, { pooling: "mean" }),
    rawFeature("price").boundaries([20, 80, 320]).embedding(4),
  )
  .labels("clk", "buy", "occupation")
  .group("domain", ["occupation"])
  .group("uia", ["user_id", "adgroup_id"])
  .epnet({ gamma: 2 })
  .ppnet({ hidden: [16, 8] })
  .domains("occupation", ["student", "worker", "<b>retired</b>"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .tower("cvr", (t) => t.label("buy").mlp(8).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
  .train({ batchSize: 256, seed: 3 });

let folder: string;
let data: Dataset;
let run: Run;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-api-"));
  data = await dataset(taobaoLike({ rows: 6000, seed: 3, users: 200, ads: 150, truth: true }).columns);
  run = await model.fit(data, { steps: 20, gates: true });
});

afterAll(async () => {
  await run.dispose();
  await rm(folder, { recursive: true });
});

describe("a dry run", () => {
  it("takes the steps asked for, and says which rows it held out", () => {
    expect(run.history.points.at(-1)?.step).toBe(20);
    expect(run.validation?.rows).toBe(600);
    expect(run.notes.join()).toMatch(/no validation data given: a random 10% of the rows \(600, seed 3\) was held out/);
    expect(run.evaluation?.rowCount).toBe(600);
    expect(run.evaluation?.domainNames).toEqual(["student", "worker", "<b>retired</b>"]);
  });

  it("follows the gates at every evaluation", () => {
    expect(run.gatesHistory.map((point) => point.step)).toEqual(run.history.evaluations.map((point) => point.step));
    const first = run.gatesHistory[0]!.gates;
    expect(first.rows).toBe(600);
    expect(first.gates.map((gate) => gate.module)).toEqual(["epnet", "ppnet", "ppnet", "ppnet", "ppnet"]);
  });

  it("trains on a handful of rows, and says that none was held out", async () => {
    const few = await model.fit(data.sample(4), { steps: 2, gates: true });
    expect(few.gatesHistory).toEqual([]);
    expect(few.evaluation).toBeNull();
    expect(few.notes.join()).toMatch(/4 rows are too few to hold any out/);
    await few.dispose();
  });

  it("refuses steps and epochs together", async () => {
    await expect(model.fit(data, { steps: 1, epochs: 1 })).rejects.toThrow(/steps and epochs exclude each other/);
  });
});

describe("what a cell shows", () => {
  it("of a model: modules, parameters and FLOPs a row, names escaped", async () => {
    const bundle = await shown(model);
    expect(bundle["text/plain"]).toMatch(/PEPNet: 5 features, 2 tasks, 3 domains/);
    expect(bundle["text/plain"]).toMatch(/epnet +20 /);
    expect(bundle["text/html"]).toContain("&lt;b&gt;retired&lt;/b&gt;");
    expect(bundle["text/html"]).not.toContain("<b>retired");
  });

  it("of a data set: its columns and first rows", async () => {
    const bundle = await shown(data);
    expect(bundle["text/plain"]).toMatch(/6,000 rows × 21 columns/);
    expect(bundle["text/html"]).toContain("First rows of 6,000 rows");
  });

  it("of a description: positive rates by domain", async () => {
    const summary = await data.describe({ labels: ["clk", "buy"], domain: "occupation" });
    expect(summary.domains.map((domain) => domain.rows).reduce((a, b) => a + b)).toBe(6000);
    const [tables, labels, columns, ...rest] = await summary.outputs();
    expect(tables!["text/plain"]).toMatch(/Positive rows by domain/);
    for (const chart of [labels!, columns!]) expect(chart).toHaveProperty(["application/vnd.plotly.v1+json"]);
    expect(rest).toEqual([]);
  });

  it.each([
    ["a run", () => run],
    ["an evaluation", () => run.evaluate()],
    ["gates", () => run.gates()],
  ])("of %s: a Plotly figure, a picture and text", async (_, value) => {
    const bundle = await shown(await value());
    expect(Object.keys(bundle)).toEqual(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  });
});

describe("a run", () => {
  it("stands beside the true probabilities of generated data, which no model beats by more than noise", async () => {
    const result = await run.evaluate(null, { references: { ctr: "p_clk", cvr: "p_buy" } });
    expect(result.references.map((reference) => reference.tower)).toEqual(["ctr", "cvr"]);
    expect(result.references[0]!.overall).toBeGreaterThan(0.7);
    expect(result.references[0]!.overall! - result.auc("ctr")!).toBeGreaterThan(-0.02);
    expect(result.references[0]!.domains).toHaveLength(3);
    await expect(run.evaluate(null, { references: { ctrr: "p_clk" } })).rejects.toThrow(/did you mean "ctr"/);
    await expect(run.evaluate(null, { references: { ctr: "p_click" } })).rejects.toThrow(
      /column "p_click"[\s\S]*did you mean "p_clk"/,
    );
  });

  it("shows each gate by domain, on a seeded sample", async () => {
    const gates = await run.gates(data, { rows: 500 });
    expect(gates.rowCount).toBe(500);
    expect(gates.gates.map(({ module, tower, layer, units }) => [module, tower, layer, units])).toEqual([
      ["epnet", null, 0, 20],
      ["ppnet", "ctr", 0, 16],
      ["ppnet", "ctr", 1, 8],
      ["ppnet", "cvr", 0, 16],
      ["ppnet", "cvr", 1, 8],
    ]);
    expect(gates.fields.map((field) => field.field)).toEqual(model.spec.features.map((feature) => feature.name));
    expect(await run.gates(data, { rows: 500 })).toEqual(gates);
  });

  it("predicts rows without labels, in their order, under TorchEasyRec's names", async () => {
    const unlabelled = data.select("user_id", "adgroup_id", "occupation", "tag_brand_list", "price");
    const predictions = await run.predict(unlabelled);
    expect(predictions.columns.map((column) => column.name)).toEqual([
      "logits_ctr",
      "probs_ctr",
      "logits_cvr",
      "probs_cvr",
    ]);
    const [last] = await (await run.predict(new Dataset(unlabelled.table.slice(5999, 6000)))).head(1);
    const all = await predictions.table.column("probs_ctr");
    expect(all).toHaveLength(6000);
    expect(all[5999]).toBeCloseTo(Number(last!["probs_ctr"]), 6);
  });

  it("is saved and loaded in one line each, and evaluates the same", async () => {
    await run.save(path.join(folder, "run"));
    const loaded = await loadRun(path.join(folder, "run"));
    expect(loaded.spec).toEqual(run.spec);
    expect(loaded.history).toEqual(run.history);
    expect((await loaded.evaluate(run.validation!, { intervals: false })).tasks).toEqual(run.evaluation!.tasks);
    await expect(loaded.gates()).rejects.toThrow(/run\.gates: the run has no validation rows/);
    await loaded.dispose();
  });

  it("gives a model to change and train again", () => {
    expect(run.model.epnet({ gamma: 1 }).spec.epnet.gamma).toBe(1);
  });
});

describe("a config", () => {
  it("is written, and opens to the same model, domain names and seed included", () => {
    const text = model.toConfig();
    expect(text).toMatch(/pepnet \{/);
    const again = pepnet.fromConfig(text);
    expect(again.toConfig()).toBe(text);
    expect(again.spec.domains?.names).toEqual(["student", "worker", "<b>retired</b>"]);
  });

  it("is refused for what TorchEasyRec lacks, by name", () => {
    expect(() => model.preset("paper").toConfig()).toThrow(/gatePlacement/);
  });
});

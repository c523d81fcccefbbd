/** Options that a call does not have are errors, also where no compiler looks. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AnyModel,
  dataset,
  idFeature,
  loadModel,
  loadRun,
  pepnet,
  type Run,
  suggestDomain,
  suggestModel,
} from "../../src/index.js";

const rows = Array.from({ length: 200 }, (_, row) => ({
  user: row % 20,
  scene: row % 2,
  clk: (row * 7) % 5 < 2 ? 1 : 0,
}));
let folder: string;
let model: AnyModel;
let run: Run;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-options-"));
  model = pepnet()
    .features(idFeature("user").buckets(20).embedding(4), idFeature("scene").buckets(2).embedding(4))
    .labels("clk")
    .group("domain", ["scene"])
    .group("uia", ["user"])
    .epnet()
    .ppnet({ hidden: [4] })
    .domains("scene", ["feed", "live"])
    .tower("ctr", (t) => t.label("clk").mlp(4).bce()) as AnyModel;
  run = (await model.fit(rows, { steps: 2, validation: rows, quiet: true })) as Run;
});
afterAll(async () => {
  await run.dispose();
  await rm(folder, { recursive: true });
});

const wrong = { tyop: 1 } as never;

test.each<[string, () => Promise<unknown>]>([
  ["dataset", () => dataset(rows, wrong)],
  ["loadRun", () => loadRun(folder, wrong)],
  ["loadModel", () => loadModel(folder, wrong)],
  ["suggestModel", () => suggestModel(rows, { labels: ["clk"], ...(wrong as object) })],
  ["suggestDomain", () => suggestDomain(rows, { label: "clk", ...(wrong as object) })],
  ["fit", () => Promise.resolve(model.fit(rows, wrong))],
  [
    "ablate",
    () => Promise.resolve(model.ablate(rows, { variants: { "epnet.gamma": [1] }, ...(wrong as object) } as never)),
  ],
  ["transfer", () => Promise.resolve(model.transfer(rows, wrong))],
  ["launch", () => Promise.resolve(model.launch(rows, wrong))],
  ["fitDays", () => Promise.resolve(model.fitDays(rows, wrong))],
  ["estimate", () => Promise.resolve(model.estimate(rows, wrong))],
  [
    "exportTorchEasyRec",
    () => Promise.resolve(model.exportTorchEasyRec(rows, { folder, ...(wrong as object) } as never)),
  ],
  ["run.writePredictions", () => run.writePredictions(rows, { path: "x.parquet", ...(wrong as object) })],
  ["run.evaluate", () => run.evaluate(rows, wrong)],
  ["run.calibration", () => run.calibration(rows, wrong)],
  ["run.recalibrate", () => run.recalibrate(rows, wrong)],
  ["run.compare", () => run.compare(rows, { with: run, ...(wrong as object) })],
  ["run.gates", () => run.gates(rows, wrong)],
  ["run.counterfactual", () => run.counterfactual(rows, wrong)],
  ["run.importance", () => run.importance(rows, wrong)],
  ["run.audit", () => run.audit(rows, wrong)],
  ["run.conflicts", () => run.conflicts(rows, wrong)],
  ["run.explain", () => run.explain(rows, { row: 1, ...(wrong as object) })],
  ["run.dial", () => run.dial(rows, wrong)],
  ["run.worth", () => run.worth(rows, wrong)],
  ["run.report", () => run.report(rows, { path: path.join(folder, "report.html"), ...(wrong as object) })],
])("%s names an option that it does not have", async (call, work) => {
  const error = await work().then(
    () => null,
    (thrown: Error) => thrown,
  );
  expect(error?.name).toBe("DataError");
  expect(error?.message).toContain(`${call}.tyop: unknown setting "tyop"`);
  expect(error?.message).toMatch(/expected: one of "/);
});

test("a similar name is suggested, and a setting of the model names its place", async () => {
  await expect(model.fit(rows, { epoch: 3 } as never)).rejects.toThrow(/fit\.epoch[\s\S]*did you mean "epochs"/);
  await expect(model.fit(rows, { batchSize: 32 } as never)).rejects.toThrow(
    /fit\.batchSize[\s\S]*model\.train\(\{ batchSize: … \}\)\.fit\(data\)/,
  );
  await expect(dataset(rows, { seperator: ";" } as never)).rejects.toThrow(/did you mean "separator"/);
});

test("every option that a call has passes the check", async () => {
  const evaluation = await run.evaluate(rows, {
    intervals: false,
    user: null,
    metrics: {},
    by: "scene",
    signal: undefined,
  });
  expect(evaluation.rowCount).toBe(200);
});

/** What a run or a machine measures is marked in every output, so that a run elsewhere, at another speed, is the same. */
import { expect, it } from "vitest";
import { runNotebook } from "../../../src/kernel/notebook/execute.js";
import { verifyNotebook } from "../../../src/kernel/notebook/verify.js";
import { machineCell, setMachine, slower, usual } from "./machines.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

const model = `
const log = taobaoLike({ rows: 3000, seed: 7 });
const data = await dataset(log.columns);
const model = pepnet()
  .features(...["user_id", "adgroup_id"].map((name) => idFeature(name).hash(500).embedding(4)))
  .labels("clk", "occupation")
  .domains("occupation", ["student", "worker", "retired"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .train({ epochs: 4, batchSize: 64 });
// One row overflows, in a late step.
const names = ["a", "b", "c", "d", "e", "f"];
const big = Array.from({ length: 3000 }, (_, row) => (row === 2000 ? 3e38 : 1));
const broken = { ...log.columns, ...Object.fromEntries(names.map((name) => [name, big])) };
const fragile = model.features(...names.map((name) => rawFeature(name))).train({ epochs: 1, batchSize: 8 });
`;

const calls = [
  "const run = await model.fit(data);",
  "await fragile.fit(broken)",
  "run",
  "await run.chart()",
  "(await run.chart()).table()",
  "run.table()",
  "await model.fit(data, { seeds: 2, epochs: 1 })",
  "const study = await model.train({ epochs: 1 }).ablate(data, { variants: { 'switches.sharedTowers': [true] }, seeds: 2 });",
  "study",
  'study.table("runs")',
  "await model.estimate(data, { seconds: 0.2 })",
  'import { runs } from "pepnet";\nawait run.save("runs/first");\nutimesSync("runs/first/run.json", 0, slowness * 1e7);\nawait runs("runs")',
  'await run.report(data, { path: "out/report.html" })',
];

/** The calls whose outputs have measured values, with the places of these. */
const measuredBy: Readonly<Record<string, readonly string[]>> = {
  "const run = await model.fit(data);": ["image/png", "layout.title.text", "title"],
  "await model.fit(data, { seeds: 2, epochs: 1 })": ["image/png", "layout.title.text", "title"],
  "run.table()": ["column 3"],
  'study.table("runs")': ["column 10"],
  "await model.estimate(data, { seconds: 0.2 })": ["column 2", "column 3", "title"],
  'import { runs } from "pepnet";': ["column 2"],
};

it("outputs of every call that measures are the same on a machine that is 60 times slower", async () => {
  const folder = emptyFolder();
  const file = save(folder, "study.ipynb", notebook(...[machineCell, model, ...calls].map((source) => cell(source))));
  setMachine(folder, usual);
  await runNotebook(file, { allowErrors: true });
  const failed = open(file).cells.filter(({ outputs = [] }) => outputs.some((each) => each.output_type === "error"));
  expect(failed.map(({ source }) => source)).toEqual(["await fragile.fit(broken)"]);
  setMachine(folder, slower);
  const { cells, ok } = await verifyNotebook(file);
  expect(cells.flatMap(({ source, differences }) => differences.map((each) => ({ source, ...each })))).toEqual([]);
  expect(ok).toBe(true);
  const ignored = cells
    .filter((each) => each.ignored.length > 0)
    .map(({ source, ignored: values }) => {
      const places = values.map(({ form, where = "" }) =>
        form === "image/png" ? form : where.replace(/^row \d+, /, ""),
      );
      return [source, [...new Set(places)].sort()];
    });
  expect(Object.fromEntries(ignored)).toEqual(measuredBy);
});

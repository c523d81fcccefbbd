/** Notebooks for the front ends. */
import type { Notebook } from "../../src/notebook/format.js";
import { cell, notebook } from "../notebook/notebook-files.js";

/** A cell that shows a figure titled "Planted title". */
export const figure: string = `class Figure {
  [Symbol.for("Jupyter.display")]() {
    return { "application/vnd.plotly.v1+json": { data: [{ y: [1, 3, 2], name: "loss" }], layout: { title: { text: "Planted title" } } },
      "text/plain": "figure" };
  }
}
new Figure()`;

/** Trains until somebody interrupts. */
export const training: Notebook = notebook(
  cell(`const log = taobaoLike({ rows: 20_000, seed: 3 });
const model = pepnet()
  .features(idFeature("user_id").buckets(2_000).embedding(8), idFeature("cate_id").buckets(48).embedding(8), idFeature("occupation").buckets(3).embedding(8))
  .labels("clk", "occupation")
  .group("domain", ["occupation"]).group("uia", ["user_id", "cate_id"])
  .epnet().ppnet({ hidden: [32, 16] })
  .domains("occupation", ["student", "worker", "retired"])
  .tower("ctr", (t) => t.label("clk").mlp(16).bce().auc());
const kept = 21;`),
  cell("const run = await model.fit(log.table, { epochs: 1000, evaluationsPerEpoch: 1 });"),
  cell("[kept * 2, run.interrupted, run.history.points.length > 0]"),
  cell("'not reached'"),
);

/** A name that would run a script where it is not escaped, and would set `window.ran`. */
export const scriptName = "<img src=nowhere onerror='window.ran = true'>";
/** A name that Plotly would draw in italics. */
export const italicName = "<i>item</i> & co";

/** Such names wherever a user can put one: columns, features, domains, towers, files, values of a table. */
export const hostileNames: Notebook = notebook(
  cell(`import { writeFileSync } from "node:fs";
const [script, italic] = [${JSON.stringify(scriptName)}, ${JSON.stringify(italicName)}] as const;
const rows = Array.from({ length: 2000 }, (_, row) => row);
writeFileSync("<i>log.csv", ["a", ...rows].join("\\n"));
await dataset("<i>log.csv")`),
  cell(`const data = await dataset({
  [script]: rows.map((row) => row % 50), [italic]: rows.map((row) => (row * 7) % 40), "<b>domain</b>": rows.map((row) => row % 2),
  "<i>clk</i>": rows.map((row) => ((row * 31) % 7 < 3 ? 1 : 0)), text: rows.map((row) => script + (row % 5)) });
data`),
  cell(`const model = pepnet()
  .features(idFeature(script).buckets(50).embedding(4), idFeature(italic).buckets(40).embedding(4), idFeature("<b>domain</b>").buckets(2).embedding(4))
  .labels("<i>clk</i>").group("domain", ["<b>domain</b>"]).group("uia", [script, italic])
  .epnet().ppnet({ hidden: [8] }).domains("<b>domain</b>", [script, "<i>search</i>"])
  .tower("<i>ctr</i>", (t) => t.label("<i>clk</i>").mlp(8).bce().auc());
model`),
  cell("await data.describe({ model })"),
  cell("const run = await model.fit(data, { epochs: 1 }); run"),
  cell("await run.gates()"),
  cell("await run.counterfactual()"),
);

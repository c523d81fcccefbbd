/** Notebooks for the front ends. */

import type { Notebook, NotebookCell } from "../../src/kernel/notebook/format.js";
import { cell, notebook } from "./notebook/notebook-files.js";

/** A cell that shows a figure titled "Planted title". */
export const figure: string = `class Figure {
  [Symbol.for("Jupyter.display")]() {
    return { "application/vnd.plotly.v1+json": { data: [{ y: [1, 3, 2], name: "loss" }], layout: { title: { text: "Planted title" } } },
      "text/plain": "figure" };
  }
}
new Figure()`;

/** Trains until somebody interrupts, in one thread: all that is looked at meanwhile happens in others. */
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
  cell("const run = await model.fit(log.table, { epochs: 1000, evaluationsPerEpoch: 1, threads: 1 });"),
  cell("[kept * 2, run.interrupted, run.history.points.length > 0]"),
  cell("'not reached'"),
);

/** A package that is installed and imported, a slider with what follows it, and a module of one's own. */
export const sessionCells: readonly NotebookCell[] = [
  cell(`import { execSync } from "node:child_process";
execSync("npm install ./helper --install-links --offline --no-audit --no-fund");`),
  cell('import { double } from "planted-helper";\n"double is " + double(kept)'),
  cell(`const gamma = slider({ min: 0, max: 4, step: 0.5, value: 2, label: "gamma" });
const domain = select({ options: ["student", "worker"], label: "domain" });
live({ gamma, domain }, ({ gamma, domain }) => domain + " at " + gamma)`),
  cell(`import { anywidget } from "pepnet/widgets";
const counter = anywidget({ module: \`export default { render({ model, el }) {
  const button = document.createElement("button");
  const show = () => { button.textContent = "count " + model.get("count"); };
  button.className = "counter";
  button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
  model.on("change:count", show); show(); el.append(button);
} }\`, state: { count: 1 } });
counter.onChange(({ count }) => { counter.set({ count: count * 10 }); });
counter`),
];

/** A dial of a small model. */
export const dialNotebook: Notebook = notebook(
  training.cells[0]!,
  cell("const run = await model.fit(log.table, { epochs: 1 });"),
  cell("const dial = await run.dial(null, { rows: 500 }); dial"),
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

/** Widgets in notebooks that were executed: their last state is in the file, and a page shows it. */
import path from "node:path";
import { expect, it } from "vitest";
import { runNotebook } from "../../../src/kernel/notebook/execute.js";
import { notebookHtml } from "../../../src/kernel/notebook/page.js";
import { verifyNotebook } from "../../../src/kernel/notebook/verify.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

const stateType = "application/vnd.jupyter.widget-state+json";
const viewType = "application/vnd.jupyter.widget-view+json";

it("the last state of widgets is saved, drawn on the page without a script, and verified by its text", async () => {
  const folder = emptyFolder();
  const cells = [
    cell('const gamma = slider({ min: 0, max: 4, step: 0.5, value: 2, label: "<gamma>" });'),
    cell('column(gamma, select({ options: ["ctr", "cvr"], value: "cvr", label: "task" }), toggle({ label: "log" }))'),
    cell("gamma.value = 3.5;"),
    cell('live(gamma, (value) => "gamma " + value)'),
  ];
  const file = save(folder, "widgets.ipynb", notebook(...cells));
  expect(await runNotebook(file)).toMatchObject({ ok: true });
  const saved = open(file);
  const { [stateType]: states } = saved.metadata["widgets"] as Record<string, { state: Record<string, unknown> }>;
  const sliders = Object.values(states!.state).filter((each) => JSON.stringify(each).includes("FloatSliderModel"));
  expect(sliders).toMatchObject([{ model_module: "@jupyter-widgets/controls", state: { value: 3.5, max: 4 } }]);
  expect(JSON.stringify(saved.cells[3]?.outputs)).toContain("gamma 3.5");

  const html = await notebookHtml(saved);
  expect(html).toContain('<p><span>&lt;gamma&gt;</span> <meter min="0" max="4" value="3.5"></meter> <b>3.5</b></p>');
  expect(html).toContain("<p><span>task</span> <b>cvr</b></p>");
  expect(html).not.toContain("<script>");
  const again = path.join(folder, "again.ipynb");
  expect((await verifyNotebook(file, { out: again })).cells.flatMap(({ differences }) => differences)).toEqual([]);
  expect(open(again).metadata["widgets"]).toEqual(saved.metadata["widgets"]); // ids too: a new run is no change

  const plain = await notebookHtml({ cells: saved.cells, metadata: {} });
  expect(plain).toContain("&lt;gamma&gt;: 2 (0 to 4)"); // without saved states, what the cell showed
});

it("a page of a strange notebook draws no widget that is not there, and ends", async () => {
  const view = (id: unknown) => ({
    output_type: "display_data" as const,
    data: { [viewType]: { model_id: id }, "text/plain": "only text" },
    metadata: {},
  });
  const box = { model_name: "HBoxModel", state: { children: ["IPY_MODEL_a", "IPY_MODEL_a"] } };
  const script = {
    model_name: "FloatSliderModel",
    state: { description: "<img src=x>", min: "<b>", max: {}, value: [] },
  };
  const outputs = ["a", "b", "__proto__", "missing", 7].map(view);
  const page = await notebookHtml({
    cells: [{ ...cell("1"), outputs }],
    metadata: { widgets: { [stateType]: { state: { a: box, b: script } } } },
  });
  expect(page.match(/only text/g)).toHaveLength(4);
  expect(page).not.toContain("<img src=x>");
});

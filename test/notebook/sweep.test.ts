/** Many parameter sets: a folder of notebooks and an index page. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { JSDOM } from "jsdom";
import { describe, expect, it } from "vitest";
import { runSweep } from "../../src/notebook/sweep.js";
import { keyNumbers } from "../../src/notebook/sweep-index.js";
import type { Output } from "../../src/notebook/widgets.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

/** A PNG of one pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("a sweep", () => {
  it("runs every set, goes on after one that fails, and shows all on a page", async () => {
    const folder = emptyFolder();
    const file = save(
      folder,
      "study.ipynb",
      notebook(
        cell("# A <small> study", undefined, "markdown"),
        cell('let gamma = 2;\nlet name = "x";', "parameters"),
        cell('if (gamma === 3) throw new RangeError("<b>three</b>");'),
        cell(`({ [Symbol.for("Jupyter.display")]: () => ({ "image/png": "${png}", "text/plain": "picture" }) })`),
        cell("({ auc: 0.5 + gamma / 10, 'log loss': 1 / gamma })", "result"),
      ),
    );
    const out = path.join(folder, "out", "sweep");
    const told: string[] = [];
    const { ok, runs, index } = await runSweep(file, {
      pairs: [
        ["gamma", "1,3"],
        ["name", "<i>"],
      ],
      out,
      jobs: 2,
      onRun: (run, done, total) => told.push(`${done}/${total} ${run.name} ${run.outcome}`),
    });
    expect(ok).toBe(false);
    expect(runs.map(({ name, outcome, failedCell, numbers }) => [name, outcome, failedCell, numbers])).toEqual([
      ["study-gamma-1", "ok", undefined, { auc: 0.6, "log loss": 1 }],
      ["study-gamma-3", "failed", 4, {}],
    ]);
    expect(told.map((line) => line.slice(0, 3))).toEqual(["1/2", "2/2"]);
    const names = ["study-gamma-1", "study-gamma-3"];
    expect(readdirSync(out).sort()).toEqual(
      [
        "index.csv",
        "index.html",
        "pictures",
        "plotly.min.js",
        ...names.flatMap((n) => [`${n}.html`, `${n}.ipynb`]),
      ].sort(),
    );
    expect(open(path.join(out, "study-gamma-3.ipynb")).cells[3]?.outputs).toMatchObject([{ ename: "RangeError" }]);
    expect(readFileSync(path.join(out, "index.csv"), "utf8").replace(/,\d+\.\d,/g, ",SECONDS,")).toBe(
      "notebook,gamma,name,outcome,seconds,auc,log loss,error\n" +
        "study-gamma-1.ipynb,1,<i>,ok,SECONDS,0.6,1,\n" +
        "study-gamma-3.ipynb,3,<i>,failed,SECONDS,,,RangeError: <b>three</b>\n",
    );

    const { window } = new JSDOM(readFileSync(index, "utf8"), { runScripts: "dangerously" });
    const { document } = window;
    const table = (): (string | null)[][] =>
      [...document.querySelectorAll("tr")].map((row) => [...row.cells].slice(0, 3).map((each) => each.textContent));
    expect(table()).toEqual([
      ["gamma", "name", "outcome"],
      ["1", "<i>", "ok"],
      ["3", "<i>", "failedcell 4: RangeError: <b>three</b>"],
    ]);
    const byAuc = [...document.querySelectorAll("th")]
      .find((head) => head.textContent === "gamma")!
      .querySelector("button")!;
    byAuc.click();
    byAuc.click();
    expect(table()[1]?.[0]).toBe("3");
    for (const element of document.querySelectorAll("[src], a[href]")) {
      const address = element.getAttribute("src") ?? element.getAttribute("href")!;
      expect(existsSync(path.join(out, decodeURIComponent(address))), address).toBe(true);
    }
  });

  it("runs nothing where one of the sets does not fit", async () => {
    const folder = emptyFolder();
    const file = save(folder, "study.ipynb", notebook(cell("let n = 1;", "parameters")));
    const out = path.join(folder, "sweep");
    await expect(
      runSweep(file, {
        pairs: [
          ["n", "1"],
          ["n", "x"],
        ],
        out,
      }),
    ).rejects.toThrow('received: "x"');
    expect(existsSync(out)).toBe(false);
  });
});

describe("key numbers", () => {
  const result = (data: Record<string, unknown>): Output => {
    return { output_type: "execute_result", execution_count: 1, metadata: {}, data };
  };
  const shown = (tag: string | undefined, ...outputs: Output[]) => ({ ...cell("1", tag), outputs });

  it("come from the cells tagged `result`, as the value says them or as it looks", () => {
    const table = "A table\nseed     AUC\n────  ──────\n1     1,230.5\nmean  0.7120\n\nnot 3";
    expect(
      keyNumbers({
        cells: [
          shown(undefined, result({ "text/plain": "99" })),
          shown("result", result({ "application/vnd.pepnet.numbers+json": { "ctr AUC": 0.71, none: null } })),
          shown("result", result({ "text/plain": "{ auc: 0.5, 'log loss': -1e-3, name: 'x9: 8' }" })),
          shown("result", result({ "text/plain": table }), result({ "text/plain": "{ auc: 0.6 }" })),
        ],
      }),
    ).toEqual({ "ctr AUC": 0.71, auc: 0.5, "log loss": -0.001, AUC: 0.712, "auc (2)": 0.6 });
  });

  it("come from the last result that holds any, where no cell is tagged", () => {
    const cells = [
      shown(undefined, result({ "text/plain": "1.5" })),
      shown(undefined, result({ "text/plain": "'text'" })),
    ];
    expect(keyNumbers({ cells })).toEqual({ result: 1.5 });
  });
});

/** The index of saved runs: one, three and two hundred, and some that are damaged. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { JSDOM } from "jsdom";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dataset, idFeature, pepnet, runs } from "../../src/index.js";
import { clickModel, clickRows } from "../click-log.js";
import { wholeTitle } from "../whole-title.js";

let folder: string;
let data: Dataset;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-runs-"));
  data = await clickRows();
  const models = { "gamma-2": clickModel, "gamma-4": clickModel.epnet({ gamma: 4 }) };
  for (const [name, each] of Object.entries(models)) {
    const run = await each.fit(data, { epochs: 1 });
    await run.save(path.join(folder, "three", name));
    await run.dispose();
  }
  await cp(path.join(folder, "three", "gamma-2"), path.join(folder, "three", "broken"), { recursive: true });
  await writeFile(path.join(folder, "three", "broken", "history.json"), "{}");
  await mkdir(path.join(folder, "three", "empty"));
  await cp(path.join(folder, "three", "gamma-2"), path.join(folder, "one"), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

/** The page after the script that sorts, without Plotly's. */
function sortedPage(html: string): JSDOM["window"] {
  const script = /<script>(\/\/ Sorts[\s\S]*?)<\/script>/.exec(html)![1]!;
  const { window } = new JSDOM(html.replace(/<script[\s\S]*?<\/script>/g, ""), { runScripts: "outside-only" });
  window.eval(script);
  return window;
}

describe("an index of runs", () => {
  test("has results, settings that differ from the first run's, and the reason of a run that cannot be read", async () => {
    const index = await runs(path.join(folder, "three"));
    const rows = index.rows();
    expect(rows.map((row) => row["run"])).toEqual(["broken", "gamma-2", "gamma-4"]);
    expect(rows[0]).toMatchObject({ saved: null, auc_ctr: null, differences: null });
    expect(rows[0]!["problem"]).toMatch(/history\.json/);
    const [, first, second] = index.runs;
    expect(first!.differences).toEqual([]);
    expect(second!.differences).toEqual(["model_config.pepnet.epnet_gamma: default → 4"]);
    expect(rows[1]!["auc_ctr"]).toBe(first!.evaluation!.tasks[0]!.overall.auc);
    expect(rows[1]!["steps"]).toBe(first!.history!.points.at(-1)!.step);
    expect(String(rows[1]!["saved"])).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    expect(wholeTitle(await index.chart())).toMatch(
      /^3 saved runs: highest AUC of ctr 0\.\d{3} in gamma-[24]; of the weights kept; 1 cannot be read$/,
    );
  });

  test("of several trainings of a model has their mean, with an interval over trainings, and its title says so", async () => {
    const root = path.join(folder, "seeds");
    for (const seed of [1, 2, 3]) {
      const run = await clickModel.fit(data, { epochs: 1, seed });
      await run.save(path.join(root, `seed-${seed}`));
      await run.dispose();
    }
    await cp(path.join(folder, "three", "gamma-4"), path.join(root, "seed-1-other"), { recursive: true });
    const index = await runs(root);
    const rows = index.rows();
    const order = ["seed-1", "seed-2", "seed-3", "seed-1-other"];
    expect(rows.map(({ run, model }) => [run, model])).toEqual(
      order.map((run, at) => [run, `model ${at < 3 ? 1 : 2}`]),
    );
    const [alone] = rows.filter(({ run }) => run === "seed-1-other");
    const alike = rows.filter(({ run }) => run !== "seed-1-other");
    expect(alone).toMatchObject({ auc_ctr_model: null, auc_ctr_model_low: null });
    const aucs = alike.map((row) => row["auc_ctr"] as number);
    const mean = aucs.reduce((sum, auc) => sum + auc, 0) / 3;
    const deviation = Math.sqrt(aucs.reduce((sum, auc) => sum + (auc - mean) ** 2, 0) / 2);
    for (const row of alike) {
      expect(row["auc_ctr_model"]).toBeCloseTo(mean, 5);
      // The 97.5% quantile of t with two degrees of freedom is 4.3027.
      expect((row["auc_ctr_model_high"] as number) - mean).toBeCloseTo((4.3027 * deviation) / Math.sqrt(3), 4);
    }
    expect((await index.chart()).title).toMatch(/highest AUC of ctr 0\.\d{3}/);
  });

  test("of models with other vocabularies counts the values, and does not list them", async () => {
    const root = path.join(folder, "vocabularies");
    const model = pepnet()
      .features(idFeature("item").vocab().embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").bce());
    for (const [name, start] of [
      ["first", 0],
      ["second", 12],
    ] as const) {
      const rows = Array.from({ length: 64 }, (_, row) => ({ item: start + (row % 20), clk: row % 2 }));
      const run = await model.fit(rows, { steps: 1, validation: null, quiet: true, engine: "cpu" });
      await run.save(path.join(root, name));
      await run.dispose();
    }
    const [first, second] = (await runs(root)).runs;
    expect(first!.differences).toEqual([]);
    expect(second!.differences).toEqual([expect.stringMatching(/\.vocab_list: 20 values differ$/)]);
  });

  test("of one run is that run", async () => {
    const { runs: all } = await runs(path.join(folder, "one"));
    expect(all.map(({ name, problem }) => [name, problem])).toEqual([["one", null]]);
  });

  test("of a folder without runs names the command that trains one", async () => {
    await expect(runs(path.join(folder, "three", "empty"))).rejects.toThrow(/has no runs[\s\S]*pepnet train/);
    await expect(runs(path.join(folder, "missing"))).rejects.toThrow(/cannot be read/);
  });

  test("is a page whose table sorts by buttons, states the order, and keeps gaps last", async () => {
    const file = path.join(folder, "runs.html");
    const written = await (await runs(path.join(folder, "three"))).report({ path: file });
    const html = await readFile(file, "utf8");
    expect(written.bytes).toBe(Buffer.byteLength(html));
    const { document } = sortedPage(html);
    const heads = [...document.querySelectorAll<HTMLElement>("table[data-sortable] th")];
    const names = (): string[] =>
      [...document.querySelectorAll("table[data-sortable] tbody tr")].map((row) => row.children[0]!.textContent!);
    const at = heads.findIndex((head) => head.textContent === "ctr AUC");
    const button = heads[at]!.querySelector("button")!;
    expect(button.tabIndex).toBe(0);
    button.click();
    expect(heads[at]!.getAttribute("aria-sort")).toBe("ascending");
    const ascending = names();
    expect(ascending.at(-1)).toBe("broken");
    button.click();
    expect(heads[at]!.getAttribute("aria-sort")).toBe("descending");
    expect(names()).toEqual([ascending[1], ascending[0], "broken"]);
    heads[0]!.querySelector("button")!.click();
    expect(heads[at]!.hasAttribute("aria-sort")).toBe(false);
    expect(names()).toEqual(["broken", "gamma-2", "gamma-4"]);

    const filter = document.querySelector<HTMLInputElement>("input[type=search]")!;
    const left = (text: string): string[] => {
      filter.value = text;
      filter.dispatchEvent(new document.defaultView!.Event("input"));
      return [...document.querySelectorAll<HTMLElement>("table[data-sortable] tbody tr")].flatMap((row) =>
        row.hidden ? [] : row.children[0]!.textContent!,
      );
    };
    expect(left("GAMMA")).toEqual(["gamma-2", "gamma-4"]);
    expect(left("gamma -4")).toEqual(["gamma-4"]);
    expect(left("")).toHaveLength(3);
    expect(document.title).toBe(`Runs in ${path.basename(folder)}/three`);
  });

  test("is a table with buttons in a notebook, and text elsewhere", async () => {
    const bundle = await (await runs(path.join(folder, "three"))).bundle();
    expect(bundle["text/html"]).toContain("data-sortable");
    expect(bundle["text/plain"]).toMatch(/run +saved \(UTC\) +steps/);
  });
});

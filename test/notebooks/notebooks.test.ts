/** The committed notebooks: they hold their outputs, nothing of this or that machine, and run again. */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNotebook } from "../../src/notebook/execute.js";
import type { Json } from "../../src/util/random.js";
import { hasShared, sharedPath } from "../shared.js";

const notebooks = path.resolve(__dirname, "..", "..", "notebooks");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-notebooks-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Cell {
  readonly cell_type: string;
  readonly id: string;
  readonly execution_count: number | null;
  readonly metadata: { readonly tags?: readonly string[] };
  readonly source: string[];
  readonly outputs: {
    readonly output_type: string;
    readonly data?: Record<string, unknown>;
    readonly text?: string[];
  }[];
}

async function cellsOf(file: string): Promise<Cell[]> {
  return (JSON.parse(await readFile(file, "utf8")) as { cells: Cell[] }).cells;
}

async function execute(name: string, parameters: Record<string, Json>) {
  const out = path.join(folder, name);
  const result = await runNotebook(path.join(notebooks, name), { out, parameters });
  return { result, cells: await cellsOf(out) };
}

describe("committed notebooks", async () => {
  const names = (await readdir(notebooks)).filter((name) => name.endsWith(".ipynb"));

  it.each(names)("%s holds the outputs of a whole run in order, as figures with pictures", async (name) => {
    const text = await readFile(path.join(notebooks, name), "utf8");
    const code = (await cellsOf(path.join(notebooks, name))).filter((cell) => cell.cell_type === "code");
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, index) => index + 1));
    const outputs = code.flatMap((cell) => cell.outputs);
    const unexpected = code.filter(({ metadata }) => !metadata.tags?.includes("raises-exception"));
    const errors = unexpected.flatMap((cell) => cell.outputs).filter(({ output_type }) => output_type === "error");
    expect(errors).toEqual([]);
    const figures = outputs.filter((output) => output.data?.["application/vnd.plotly.v1+json"]);
    expect(figures.length).toBeGreaterThanOrEqual(3);
    for (const figure of figures) expect(figure.data?.["image/png"]).toBeTruthy();
    expect(text).not.toMatch(/(?<![\w.])\/(home|root|work|tmp|Users)\//);
    expect(text).not.toContain("plotly.js v");
  });
});

describe("first-evening.ipynb", () => {
  it("meets every fault of a raw file, says each with its line, and ends above a logistic regression", async () => {
    const { result, cells } = await execute("first-evening.ipynb", { rows: 6000, seed: 3 });
    expect(result).toMatchObject({ ok: true });
    const shown = (id: string): string =>
      cells
        .find((cell) => cell.id === id)!
        .outputs.flatMap((output) => output.text ?? (output.data?.["text/plain"] as string[] | undefined) ?? [])
        .join("");
    expect(shown("open-latin")).toMatch(/no header.*names: \["column_1"/);
    expect(shown("open-latin")).toMatch(/"NA" in \d+ rows is read as missing/);
    const found = shown("first");
    for (const fault of [
      /features\.currency: is the same in every row/,
      /features\.user: \d+ of \d+ distinct values \(\d+%\) share a row/,
      /features\.order_id: has [\d,]+ ids in 6,000 rows/,
      /features\.refunded: alone ranks label "liked" with AUC 1\.000/,
      /features\.price: enters the network unscaled .*[\s\S]*rawFeature\("price"\)\.log1p\(\)\.zscore\(\)/,
      /features\.time: looks like times in seconds/,
    ])
      expect(found).toMatch(fault);
    expect(shown("suggest")).toMatch(/order_id +left out[\s\S]*stars +left out: the label "liked" in disguise/);
    expect(shown("shift")).toMatch(/label "liked" is positive in \d+% of the rows, and in \d+% of the training rows/);
    const [, auc, floor] = /all rows +[\d,]+ +[\d.]+% +(0\.\d+) +0\.\d+ +0\.\d+ +(0\.\d+)/.exec(shown("evaluate"))!;
    expect(Number(auc)).toBeGreaterThan(Number(floor));
  });
});

describe("custom-layer.ipynb", () => {
  it("trains a layer written in a cell, compares it with the plain model, and tells what cannot be compiled", async () => {
    const { result, cells } = await execute("custom-layer.ipynb", { rows: 4000, seeds: 1, rank: 4 });
    expect(result).toMatchObject({ ok: true });
    const printed = (id: string): string =>
      cells
        .find((cell) => cell.id === id)!
        .outputs.flatMap((output) => output.text ?? [])
        .join("");
    expect(printed("compare")).toMatch(/seed 1: ctr 0\.\d{4} → 0\.\d{4} \([+−]0\.\d{4}\), cvr/);
    expect(printed("refusal")).toMatch(/cell \d+, line 3, column \d+: tf\.mean cannot be compiled/);
    expect(printed("config")).toMatch(/TorchEasyRec has no layer "cross"/);
  });
});

describe("gamma-ablation.ipynb", () => {
  it("compares few variants over few seeds with sentences that the table supports, and says what it lacks", async () => {
    const { result, cells } = await execute("gamma-ablation.ipynb", { rows: 3000, seeds: 2, folder: "nowhere" });
    expect(result).toMatchObject({ ok: true });
    const text = (id: string): string =>
      cells
        .find((cell) => cell.id === id)!
        .outputs.flatMap((output) => output.text ?? (output.data?.["text/plain"] as string[] | undefined) ?? [])
        .join("");
    // The live table's last state: the model and ten variants, two tasks.
    expect(text("study").match(/^(the model|epnet|ppnet|switches)/gm)).toHaveLength(22);
    for (const name of ["shared bottom", "MMoE, 4 experts", "a model a domain"]) {
      expect(text("baselines")).toContain(name);
    }
    const said = text("conclusions");
    const sure = said.match(/ (better|worse) /g)?.length ?? 0;
    expect(text("summary").match(/ is (better|worse) in /g)?.length ?? 0).toBe(sure);
    for (const task of ["ctr", "cvr"]) expect(text("summary")).toMatch(new RegExp(`${task} AUC .*at most ±`));
    expect(said).toMatch(/at most ±\d/);
    for (const id of ["baselines", "forest", "responses", "domains", "curves", "gates"]) {
      const shown = cells.find((cell) => cell.id === id)!.outputs.flatMap((output) => Object.keys(output.data ?? {}));
      expect(shown).toContain("application/vnd.plotly.v1+json");
    }
    expect(text("movielens")).toContain("no MovieLens here");
  });
});

describe("quickstart.ipynb", () => {
  it("runs again on few rows with another gamma, and shows a table, curves, AUCs and gates", async () => {
    const { result, cells } = await execute("quickstart.ipynb", { rows: 4000, gamma: 1 });
    expect(result).toMatchObject({ ok: true });
    const shown = (id: string): string[] =>
      cells.find((cell) => cell.id === id)!.outputs.flatMap((output) => Object.keys(output.data ?? {}));
    expect(shown("data")).toContain("text/html");
    expect(shown("model")).toContain("text/html");
    for (const id of ["diagram", "fit", "result", "gates"])
      expect(shown(id)).toContain("application/vnd.plotly.v1+json");
    const gates = cells.find((cell) => cell.id === "gates")!.outputs[0]!.data!["text/plain"] as string[];
    expect(gates.join("")).toMatch(/EPNet/);
    await rm(path.join(notebooks, "..", "out", "quickstart-run"), { recursive: true, force: true });
  });
});

describe("from-torcheasyrec.ipynb", () => {
  it("says what a folder has to hold where it is missing", async () => {
    const { result } = await execute("from-torcheasyrec.ipynb", { folder: "nowhere" });
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/nowhere: cannot read the folder[\s\S]*pipeline\.config and weights\.safetensors/);
  });

  it.skipIf(!hasShared)("inspects a model of the real TorchEasyRec, and finds another gamma no better", async () => {
    const { result, cells } = await execute("from-torcheasyrec.ipynb", { folder: sharedPath("golden/whole-run") });
    expect(result).toMatchObject({ ok: true });
    const shown = (id: string): string =>
      cells
        .find((cell) => cell.id === id)!
        .outputs.flatMap((output) => (output.data?.["text/plain"] as string[] | undefined) ?? [])
        .join("");
    expect(shown("open")).toMatch(/PEPNet: 9 features, 2 tasks, 2 domains/);
    expect(shown("evaluation")).toMatch(/ctr +all rows +50,000 .* 0\.719\d/);
    expect(shown("gates")).toMatch(/EPNet +occupation=1/);
    expect(shown("counterfactual")).toMatch(/another domain +cvr +all rows .* worse/);
    expect(shown("compare")).toMatch(/EPNet gamma 1 wins 0 and loses \d of 6 cells against EPNet gamma 2/);
  });
});

describe("movielens.ipynb", () => {
  it("says what to download where the folder is missing", async () => {
    const { result } = await execute("movielens.ipynb", { folder: "nowhere" });
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(/nowhere: no such folder[\s\S]*grouplens\.org/);
  });

  it.skipIf(!hasShared)(
    "beats the biases of user and item on MovieLens-100K, at random and by time, over three seeds",
    async () => {
      const { result, cells } = await execute("movielens.ipynb", { folder: sharedPath("data/ml-100k") });
      expect(result).toMatchObject({ ok: true });
      const means = (id: string): number[] => {
        const output = cells
          .find((cell) => cell.id === id)!
          .outputs.find((one) => one.output_type === "execute_result")!;
        const line = (output.data!["text/plain"] as string[]).find((text) => text.startsWith("mean"))!;
        return line.trim().split(/\s+/).slice(-3).map(Number);
      };
      const [click, both, likeWithin] = means("random");
      expect(click).toBeGreaterThan(0.776);
      expect(both).toBeGreaterThan(0.796);
      expect(likeWithin).toBeGreaterThan(0.72);
      const [clickByTime, bothByTime, likeByTime] = means("time");
      expect(clickByTime).toBeGreaterThan(0.711);
      expect(bothByTime).toBeGreaterThan(0.664);
      expect(likeByTime).toBeGreaterThan(0.585);
    },
    600_000,
  );
});

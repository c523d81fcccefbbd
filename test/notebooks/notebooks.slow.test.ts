/** The committed notebooks: they hold their outputs, nothing of this or that machine, and run again. */

import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import type { Json } from "../../src/core/util/json.js";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { joinLines } from "../../src/kernel/notebook/format.js";
import { compareCells, verifyNotebook } from "../../src/kernel/notebook/verify.js";
import { pepnetAlone } from "../kernel/cli/command.js";
import { open, save } from "../kernel/notebook/notebook-files.js";
import { hasShared, sharedPath } from "../shared.js";

const notebooks = path.join(packageRoot, "notebooks");
const plotly = "application/vnd.plotly.v1+json";
let base: string;
let folder: string;
let elsewhere: string;
beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "notebooks-"));
  // A project of a user, with its package and its data; `elsewhere` has neither.
  expect(await pepnetAlone(base, "new", "project")).toMatchObject({ code: 0, err: "" });
  folder = path.join(base, "project");
  elsewhere = path.join(base, "elsewhere");
  await mkdir(elsewhere);
});
afterAll(() => rm(base, { recursive: true, force: true }));

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

/** What a cell printed and shows, as text. */
function textOf(cells: readonly Cell[], id: string): string {
  const { outputs } = cells.find((cell) => cell.id === id)!;
  return outputs
    .flatMap((output) => output.text ?? (output.data?.["text/plain"] as string[] | undefined) ?? [])
    .join("");
}

/** Runs a copy, whose sources may be changed. */
async function execute(
  name: string,
  parameters: Record<string, Json>,
  change = (source: string): string => source,
  where = folder,
) {
  const copy = open(path.join(notebooks, name));
  for (const cell of copy.cells) cell.source = change(joinLines(cell.source));
  const out = save(where, name, copy);
  const result = await runNotebook(out, { parameters });
  return { result, cells: await cellsOf(out) };
}

describe("committed notebooks", async () => {
  const names = (await readdir(notebooks)).filter((name) => name.endsWith(".ipynb"));

  it.each(names)("%s holds the outputs of a whole run in order, as figures with pictures", async (name) => {
    const text = await readFile(path.join(notebooks, name), "utf8");
    const code = (await cellsOf(path.join(notebooks, name))).filter((cell) => cell.cell_type === "code");
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, index) => index + 1));
    const outputs = code.flatMap((cell) => cell.outputs);
    // Papermill stops at an error of any cell, whatever its tags.
    const errors = outputs.filter(({ output_type }) => output_type === "error");
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
    const shown = (id: string): string => textOf(cells, id);
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

describe("which-domain.ipynb", () => {
  it("goes from a raw log to answers that its tables support", async () => {
    const { result, cells } = await execute("which-domain.ipynb", { rows: 8_000, seeds: 2 });
    expect(result).toMatchObject({ ok: true });
    const text = (id: string): string => textOf(cells, id);
    expect(text("domain")).toMatch(/scene +4 .* category.* changes together with category, and gains most/);
    expect(text("map")).toMatch(/feed +live +click +AUC/);
    const verdict = (variant: string): string =>
      new RegExp(`^${variant} +click +AUC +(\\S+ \\S+|worse|better)`, "m").exec(text("study"))![1]!;
    const answers = text("answers");
    expect(answers).toMatch(/Which column\? +scene/);
    expect(answers).toContain(`Without PPNet?`);
    expect(answers.split("\n").find((line) => line.startsWith("Without PPNet?"))).toContain(verdict("without PPNet"));
    const recalibrated = /Recalibrate which domain\? +(.*?) {2}/.exec(answers)![1]!;
    expect(["none beyond noise", "feed + live", "kids", "search"].some((name) => recalibrated.includes(name))).toBe(
      true,
    );
    for (const id of ["domain", "map", "conflicts", "importance", "calibration"]) {
      const shown = cells.find((cell) => cell.id === id)!.outputs.flatMap((output) => Object.keys(output.data ?? {}));
      expect(shown).toContain(plotly);
    }
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
    const text = (id: string): string => textOf(cells, id);
    // The live table's last state: the model and ten variants, two tasks.
    expect(text("study").match(/^(the model|epnet|ppnet|switches)/gm)).toHaveLength(22);
    for (const name of ["shared bottom", "MMoE, 4 experts", "a model a domain"]) {
      expect(text("baselines")).toContain(name);
    }
    const said = text("conclusions");
    const sure = said.match(/ (better|worse) /g)?.length ?? 0;
    expect(text("summary").match(/ is (better|worse) in /g)?.length ?? 0).toBe(sure);
    for (const task of ["ctr", "cvr"]) {
      expect(text("summary")).toMatch(new RegExp(`${task} AUC.*(at most ±|no better than chance)`));
    }
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
  });

  it("is the same in that and another run but for the times of its training; a planted picture of these counts", async () => {
    const file = path.join(folder, "quickstart.ipynb");
    const out = path.join(folder, "again.ipynb");
    const { ok, cells, skipped } = await verifyNotebook(file, { out });
    expect(cells.flatMap(({ cell, differences }) => differences.map((each) => ({ cell, ...each })))).toEqual([]);
    expect({ ok, skipped }).toEqual({ ok: true, skipped: 0 });
    const ignored = cells.flatMap((cell) => cell.ignored.map((value) => ({ source: cell.source, ...value })));
    expect(new Set(ignored.map(({ source }) => source))).toEqual(new Set(["const run = await model.fit(data);"]));
    expect(new Set(ignored.map(({ form }) => form))).toEqual(new Set([plotly, "image/png", "text/plain"]));
    for (const { form, recorded, now } of ignored) {
      if (form === "image/png") continue;
      for (const value of [recorded, now]) expect(value).toMatch(/^[\d,.]+ (?:ms|s|rows\/s)$|^1 min/);
    }

    const [planted, fresh] = [open(file), open(out)];
    const fit = planted.cells.flatMap(({ outputs = [] }) => outputs).filter((output) => "data" in output);
    const pictures = fit.filter(({ data }) => typeof data["image/png"] === "string");
    const live = pictures.find(({ data }) => JSON.stringify(data["text/plain"]).includes("Trained "))!;
    live.data["image/png"] = pictures.find((each) => each !== live)!.data["image/png"];
    const copies = new Map(planted.cells.map((cell, index) => [cell, fresh.cells[index]!]));
    const verdicts = await compareCells(planted, fresh, copies);
    expect(verdicts.filter(({ verdict }) => verdict === "differs")).toMatchObject([
      { source: "const run = await model.fit(data);", differences: [{ form: "image/png", kind: "picture" }] },
    ]);
  });
});

describe("from-torcheasyrec.ipynb", () => {
  it("opens the generated sample where there is no folder, and says so", async () => {
    const { result, cells } = await execute("from-torcheasyrec.ipynb", { folder: "nowhere" });
    expect(result).toMatchObject({ ok: true });
    const { outputs } = cells.find(({ id }) => id === "open")!;
    expect(outputs[0]!.text!.join("")).toBe("There is no nowhere: this is a generated sample.\n");
    expect(JSON.stringify(outputs)).toContain("PEPNet: 7 features, 2 tasks, 3 domains");
  });

  it.skipIf(!hasShared)("inspects a model of the real TorchEasyRec, and finds another gamma no better", async () => {
    const { result, cells } = await execute(
      "from-torcheasyrec.ipynb",
      { folder: sharedPath("golden/whole-run") },
      (source) => source,
      elsewhere,
    );
    expect(result).toMatchObject({ ok: true });
    const shown = (id: string): string =>
      cells
        .find((cell) => cell.id === id)!
        .outputs.flatMap((output) => (output.data?.["text/plain"] as string[] | undefined) ?? [])
        .join("");
    expect(shown("open")).toMatch(/PEPNet: 9 features, 2 tasks, 2 domains/);
    expect(shown("evaluation")).toMatch(/ctr +all rows +50,000 .* 0\.719\d/);
    expect(shown("gates")).toMatch(/EPNet +occupation=1/);
    expect(shown("counterfactual")).toMatch(/another domain +cvr +all rows .* cannot be told: most values of user_id/);
    expect(shown("compare")).toMatch(/EPNet gamma 1 is worse in \d cells .* of 6 for these two trainings/);
  });
});

describe("movielens.ipynb", () => {
  it("runs on the generated sample where there is no folder, and says so", async () => {
    const { result, cells } = await execute("movielens.ipynb", { folder: "nowhere", seeds: [1] });
    expect(result).toMatchObject({ ok: true });
    const { outputs } = cells.find(({ id }) => id === "data")!;
    expect(outputs[0]!.text!.join("")).toContain("There is no nowhere: these are generated ratings");
    expect(JSON.stringify(outputs)).toContain("5,000");
  });

  const whole = process.env["PEPNET_LONG"] ? it.skipIf(!hasShared) : null;
  whole?.("beats the biases of user and item on MovieLens-100K, at random and by time, over three seeds", async () => {
    // In one thread, since the steps are so small that two mostly wait for each other.
    const oneThread = (source: string): string => source.replace("fit(train, {", "fit(train, { threads: 1,");
    const { result, cells } = await execute("movielens.ipynb", { folder: sharedPath("data/ml-100k") }, oneThread);
    expect(joinLines(cells.find(({ id }) => id === "study")!.source)).toContain("threads: 1");
    expect(result).toMatchObject({ ok: true });
    const means = (id: string): number[] => {
      const output = cells.find((cell) => cell.id === id)!.outputs.find((one) => one.output_type === "execute_result")!;
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
  });
});

describe("days.ipynb", () => {
  it("trains day by day, and its decisions are those of its outputs", async () => {
    const { result, cells } = await execute("days.ipynb", { days: 15, rowsPerDay: 300 });
    expect(result).toMatchObject({ ok: true });
    expect(textOf(cells, "train")).toMatch(/2024-05-15 +frozen/);
    expect(textOf(cells, "launch")).toMatch(
      /domain live begins on 2024-05-13[\s\S]*2024-05-13: AUC .*no training rows/,
    );
    const committed = await cellsOf(path.join(notebooks, "days.ipynb"));
    const follows = textOf(committed, "follows");
    expect(follows).toMatch(/going on is better than the first model/);
    expect(follows).toMatch(/more than 3 days do not help/);
    const [, low, high] = /half of what ageing costs is lost after \S+ days \((\S+) to (\S+)\)/.exec(follows)!;
    expect([Number(low) <= 4, Number(high) >= 4]).toEqual([true, true]);
    expect(textOf(committed, "variants")).toMatch(/all rows +AUC +warm +afresh 3d .*worse than afresh 3d/);
  });
});

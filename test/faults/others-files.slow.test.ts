/** Files of others are not lost to this project's outputs and caches, whatever their names. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { readCached, writeCached } from "../../src/core/data/sources/csv/csv-source.js";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { runStore } from "../../src/lab/ablation/run-store.js";
import type { RunResult } from "../../src/lab/ablation/train-run.js";
import { columns, model, pepnetIn, writeProject } from "../kernel/cli/command.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-others-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: string[]): string => path.join(folder, ...names);

/** A file of the user's, which nobody has touched for months. */
function mine(...names: string[]): string {
  const file = at(...names);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "mine");
  const long = new Date(Date.now() - 1e11);
  utimesSync(file, long, long);
  return file;
}

const expectMine = (...files: string[]): void => {
  for (const file of files) expect(readFileSync(file, "utf8"), file).toBe("mine");
};

describe("a cache folder that holds other files", () => {
  const { PEPNET_CACHE: before, PEPNET_CACHE_GB: size } = process.env;
  afterEach(() => {
    process.env["PEPNET_CACHE"] = before;
    if (size === undefined) delete process.env["PEPNET_CACHE_GB"];
  });

  it("keeps them when room is made, whatever they are called", async () => {
    const key = "0".repeat(64);
    const names = [
      "notes.txt",
      "x.writing",
      "a.encoded",
      `${key}.encoded`,
      "a.run",
      "a.lines",
      "code/main.ts",
      "code/a.v8-code",
    ];
    const files = names.map((name) => mine("cache", name));
    process.env["PEPNET_CACHE"] = at("cache");
    process.env["PEPNET_CACHE_GB"] = "0";
    const rows = await dataset(await (await dataset(columns(1000, 1))).toParquet(at("rows.parquet")));
    await rows.encode(model.spec);
    for (let entry = 0; entry < 205; entry++) writeCached(String(entry), { rows: 0 });
    expect(readCached("204")).not.toBeNull();
    expect(readdirSync(at("cache")).filter((name) => name.endsWith(".lines"))).toHaveLength(200);
    runStore(at("cache")).write("run", { tasks: [] } as unknown as RunResult);
    const script = `const { requireCached, keepCompiledCode } = require(${JSON.stringify(path.resolve(__dirname, "../../dist/kernel/compiler/lookups.js"))});
      requireCached(require.resolve("commander", { paths: [${JSON.stringify(__dirname)}] })); keepCompiledCode();`;
    expect(spawnSync(process.execPath, ["-e", script]).status).toBe(0);
    expect(readdirSync(at("cache/code"))).toHaveLength(3);
    expectMine(...files);
  });
});

describe("pages and notebooks", () => {
  const notebook = (): string => {
    const cells = [{ cell_type: "markdown", metadata: {}, source: "# Page" }];
    writeFileSync(at("page.ipynb"), JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    return at("page.ipynb");
  };

  it("a page replaces a page, and no other file", async () => {
    notebook();
    const page = mine("page.html");
    const refused = await pepnetIn(folder, "notebook", "html", "page.ipynb");
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toMatch(/page\.html: the path exists[\s\S]*not a page of pepnet/);
    expectMine(page);
    rmSync(page);
    for (let time = 0; time < 2; time++)
      expect((await pepnetIn(folder, "notebook", "html", "page.ipynb")).code).toBe(0);
    expect(readFileSync(page, "utf8")).toContain("<h1>Page</h1>");
  });

  it("an executed notebook replaces a notebook, and no other file", async () => {
    const file = mine("thesis.tex");
    await expect(runNotebook(notebook(), { out: file })).rejects.toThrow(
      /thesis\.tex.*\n.*a file that is not a notebook/,
    );
    expectMine(file);
  });
});

describe("predictions", () => {
  let project: string;
  beforeAll(async () => {
    project = mkdtempSync(path.join(os.tmpdir(), "pepnet-others-project-"));
    await writeProject(project);
    const args = ["--edit", '{"train_config.num_epochs": null, "train_config.num_steps": 2}'];
    expect((await pepnetIn(project, "train", "--config", "pipeline.config", "--out", "run", ...args)).code).toBe(0);
  });
  afterAll(() => rmSync(project, { recursive: true }));

  it("replace a Parquet file, and no other", async () => {
    const predict = (out: string) => pepnetIn(project, "predict", "--run", "run", "test.parquet", out);
    const file = mine("thesis.tex");
    const refused = await predict(file);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/thesis\.tex: cannot be written: a file exists there that is not Parquet/);
    expectMine(file);
    for (let time = 0; time < 2; time++) expect((await predict("out.parquet")).code).toBe(0);
    const readme = mine("served/README.md");
    const exported = await pepnetIn(project, "export", "--run", "run", "--out", at("served"));
    expect(exported.code).toBe(1);
    expectMine(readme);
    expect(existsSync(at("served/model.onnx"))).toBe(false);
  });
});

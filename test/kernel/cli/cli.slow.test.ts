import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinParameterPairs, parameterPairs } from "../../../src/kernel/cli/notebook.js";
import { parseValue } from "../../../src/kernel/notebook/parameters.js";

const root = path.resolve(__dirname, "..", "..", "..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the compiled command in `folder`, as a user would from there. */
function pepnet(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const main = path.join(root, "dist/kernel/cli/main.js");
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

async function notebook(name: string, ...cells: { source: string; tags?: string[] }[]): Promise<void> {
  const text = JSON.stringify({
    cells: cells.map(({ source, tags }, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      metadata: tags ? { tags } : {},
      execution_count: null,
      outputs: [],
      source: [source],
    })),
    metadata: { kernelspec: { name: "pepnet", display_name: "TypeScript (PEPNet)", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
  await writeFile(path.join(folder, name), text);
}

describe("parameters on the command line", () => {
  it("are numbers, booleans, lists or text; a path that exists is relative to the caller", async () => {
    await writeFile(path.join(folder, "log.parquet"), "");
    const argv = joinParameterPairs([
      "run",
      "-p",
      "gamma",
      "1.5",
      "-p",
      "on",
      "true",
      "-p",
      "seeds",
      "[1,2]",
      "-p",
      "name",
      "a=b",
      "-p",
      "file",
      "log.parquet",
      "-p",
      "other",
      "../x",
    ]);
    expect(argv).toContain("--parameter=gamma=1.5");
    const pairs = argv.slice(1).map((arg) => arg.replace("--parameter=", ""));
    const read = parameterPairs(pairs).map(([name, text]) => [name, parseValue(text, { is: "any" }, folder)]);
    expect(Object.fromEntries(read)).toEqual({
      gamma: 1.5,
      on: true,
      seeds: [1, 2],
      name: "a=b",
      file: path.join(folder, "log.parquet"),
      other: path.resolve(folder, "../x"),
    });
  });

  it("are refused without a value, and where the name is no identifier", () => {
    expect(() => joinParameterPairs(["-p", "gamma"])).toThrow(/-p gamma: a parameter needs a name and a value/);
    expect(() => parameterPairs(["a-b=1"])).toThrow(/must be a TypeScript identifier/);
  });
});

describe("pepnet notebook run", () => {
  it("overrides parameters, prints what cells tagged `result` show, and leaves the notebook as it was", async () => {
    await notebook(
      "double.ipynb",
      { source: "let gamma = 2;", tags: ["parameters"] },
      { source: "const twice: number = gamma * 2;\n'twice is ' + twice", tags: ["result"] },
    );
    const before = await readFile(path.join(folder, "double.ipynb"), "utf8");
    const { code, out } = await pepnet(
      "notebook",
      "run",
      "double.ipynb",
      "-p",
      "gamma",
      "21",
      "-o",
      "out/done.ipynb",
      "--html",
      "out/done.html",
    );
    expect(code).toBe(0);
    expect(out).toMatch(/twice is 42/);
    expect(await readFile(path.join(folder, "double.ipynb"), "utf8")).toBe(before);
    expect(await readFile(path.join(folder, "out/done.html"), "utf8")).toMatch(/twice is 42/);
  });

  it("exits with 1 and names the cell that failed, keeping what ran", async () => {
    await notebook("broken.ipynb", { source: "1 + 1" }, { source: 'throw new Error("no such luck")' }, { source: "3" });
    const { code, err } = await pepnet("notebook", "run", "broken.ipynb", "-o", "out/broken.ipynb");
    expect(code).toBe(1);
    expect(err).toMatch(/failed: .*no such luck/);
    const saved = JSON.parse(await readFile(path.join(folder, "out/broken.ipynb"), "utf8"));
    expect(saved.cells[0].outputs[0].data["text/plain"]).toEqual(["2"]);
    expect(saved.cells[2].outputs).toEqual([]);
  });

  it("says so where there is no such notebook", async () => {
    const { code, err } = await pepnet("notebook", "run", "none.ipynb");
    expect(code).toBe(1);
    expect(err).toMatch(/none\.ipynb/);
    expect(err).not.toMatch(/at .*\.js:\d+/);
  });
});

describe("pepnet", () => {
  it("shows the PEPNet of a config, and where a config is wrong", async () => {
    const config = await readFile(path.join(root, "configs/pepnet_taobao.config"), "utf8");
    await writeFile(path.join(folder, "good.config"), config);
    expect((await pepnet("config", "show", "good.config")).out).toMatch(/PEPNet: 17 features, 2 tasks, 3 domains/);
    expect((await pepnet("config", "print", "good.config")).code).toBe(0);
    await writeFile(
      path.join(folder, "bad.config"),
      config.replace("epnet_gamma", "epnet_gama").replace("ppnet_hidden_units", "ppnet_hiden_units"),
    );
    const bad = await pepnet("config", "show", "bad.config");
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/did you mean "ppnet_hidden_units"/);
  });

  it("exits with 2 where it is misused, and helps", async () => {
    expect((await pepnet("notebok")).code).toBe(2);
    const help = await pepnet("notebook", "run", "--help");
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/Example: pepnet notebook run/);
  });
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Outcome, pepnetIn, writeProject } from "./command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-config-"));
  await writeProject(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const pepnet = (...args: string[]): Promise<Outcome> => pepnetIn(folder, ...args);

describe("pepnet config edit and diff", () => {
  it("sets fields by path and shows the difference, with diff's exit codes", async () => {
    const edits = ["--edit", '{"model_config.pepnet.epnet_gamma": 1}', "--edit", '{"train_config.num_epochs": 5}'];
    expect(await pepnet("config", "edit", "pipeline.config", ...edits, "-o", "b.config")).toMatchObject({
      code: 0,
      out: "",
    });
    const diff = await pepnet("config", "diff", "pipeline.config", "b.config");
    expect(diff.code).toBe(1);
    expect(diff.out.trimEnd().split("\n").sort()).toEqual([
      "model_config.pepnet.epnet_gamma: (absent) → 1",
      "train_config.num_epochs: 2 → 5",
    ]);
    expect(await pepnet("config", "diff", "b.config", "b.config")).toEqual({ code: 0, out: "", err: "" });
    expect((await pepnet("config", "diff", "b.config", "none.config")).code).toBe(2);
  });

  it("prints the edited config where no file is named, and refuses what does not fit by path", async () => {
    const before = await readFile(path.join(folder, "pipeline.config"), "utf8");
    const printed = await pepnet("config", "edit", "pipeline.config", "--edit", '{"model_dir": "elsewhere"}');
    expect(printed.out).toBe(before.replace(/model_dir: .*/, 'model_dir: "elsewhere"'));
    const wrong = await pepnet("config", "edit", "pipeline.config", "--edit", '{"model_config.pepnet.epnet_gama": 1}');
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/did you mean "epnet_gamma"/);
    expect((await pepnet("config", "edit", "pipeline.config")).code).toBe(2);
  });
});

describe("pepnet config show", () => {
  it("prints the model, and writes its diagram as a page with --html", async () => {
    const shown = await pepnet("config", "show", "pipeline.config", "--html", "model.html");
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toMatch(/^PEPNet: /);
    const page = await readFile(path.join(folder, "model.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>.*<title>PEPNet: .* parameters/s);
    expect(page).toContain("EPNet: Gate NU");
    const wrong = await pepnet("config", "show", "pipeline.config", "--html", "none/model.html");
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain("none/model.html");
  });
});

describe("pepnet kernel install", () => {
  it("takes a prefix or a Jupyter data folder, not both", async () => {
    const { out } = await pepnet("kernel", "install", "--prefix", "env");
    expect(out).toContain(path.join("env", "share", "jupyter", "kernels", "pepnet", "kernel.json"));
    expect((await pepnet("kernel", "install", "--data-dir", "jupyter")).out).toContain(
      path.join(folder, "jupyter", "kernels", "pepnet", "kernel.json"),
    );
    expect((await pepnet("kernel", "install", "--prefix", "env", "--data-dir", "jupyter")).code).toBe(2);
    expect((await pepnet("kernel", "uninstall", "--prefix", "env")).out).toMatch(/^Removed:/);
  });
});

describe("--help", () => {
  it.each([
    "",
    "train",
    "eval",
    "predict",
    "config",
    "config print",
    "config show",
    "config edit",
    "config diff",
    "notebook",
    "notebook run",
    "kernel",
    "kernel install",
    "kernel uninstall",
  ])("of pepnet %s ends with an example", async (words) => {
    const { code, out } = await pepnet(...words.split(" ").filter((word) => word !== ""), "--help");
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?(:|, )[\s\S]*pepnet /);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(125);
  });
});

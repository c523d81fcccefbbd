/** What `npm test` prepares for test files is derived from what they import. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needsOf } from "../../scripts/test-needs.mjs";

const nothing = { build: false, nodes: false, python: false, snapshot: false, browser: false };
const tests = path.resolve(__dirname, "..");
const needs = (...names: string[]) => needsOf(names.map((name) => path.join(tests, name)));

describe("tests of this project", () => {
  test("of numbers and of the model need neither the compiled sources nor Python", () => {
    expect(needs("core/nn/activations.test.ts", "core/nn/custom-layer.test.ts", "core/metrics/auc.test.ts")).toEqual(
      nothing,
    );
  });

  test("of the command and of the kernel need the compiled sources", () => {
    expect(needs("kernel/cli/train.slow.test.ts")).toEqual({ ...nothing, build: true });
    expect(needs("kernel/protocol.slow.test.ts")).toEqual({ ...nothing, build: true });
  });

  test("of more than four files that start kernels need the kernel's snapshot", () => {
    const names = ["bad-cells", "debug", "decorators", "protocol"].map((name) => `kernel/${name}.slow.test.ts`);
    expect(needs(...names).snapshot).toBe(false);
    expect(needs(...names, "kernel/queue.slow.test.ts").snapshot).toBe(true);
    expect(needs(...names.map(() => "core/metrics/auc.test.ts"), "core/nn/activations.test.ts").snapshot).toBe(false);
  });

  test("of Jupyter's clients need Python too", () => {
    expect(needs("core/metrics/auc.test.ts", "kernel/jupyter.slow.test.ts")).toEqual({
      ...nothing,
      build: true,
      python: true,
    });
  });
});

test("what drives a browser through a helper is seen", () => {
  expect(needs("kernel/lab.slow.test.ts").browser).toBe(true);
  expect(needs("lab/charts/known-answers.test.ts").browser).toBe(false);
});

test("the tests of Node's lines need the newest of each", () => {
  expect(needs("kernel/node-lines.slow.test.ts")).toEqual({ ...nothing, build: true, nodes: true });
});

describe("a file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "pepnet-needs-"));
    writeFileSync(
      path.join(folder, "compiled.ts"),
      'export const main = path.join(root, "dist/kernel/cli/main.js");\n',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const needsOfText = (text: string) => {
    const file = path.join(folder, "example.test.ts");
    writeFileSync(file, text);
    return needsOf([file]);
  };

  test.each([
    ["a path", 'const file = path.join(root, "dist", "index.js");'],
    ["a relative path", 'require("../../dist/index.js");'],
    ["a template", "const file = `dist/lab/render/index.js`;"],
    ["a helper's path", 'import { main } from "./compiled.js";'],
    ["a helper's path, in several lines", 'import {\n  main,\n} from "./compiled.js";'],
    ["a helper's path, passed on", 'export * from "./compiled.js";'],
    ["a helper's path, loaded later", 'const { main } = await import("./compiled.js");'],
  ])("needs the compiled sources for %s", (_, text) => {
    expect(needsOfText(text)).toEqual({ ...nothing, build: true });
  });

  test.each([
    ["types alone", 'import type { Main } from "./compiled.js";'],
    ["another package's dist", 'import "tslab/dist/converter"; const file = "node_modules/x/dist/y.js";'],
    ["a file that is missing", 'import "./missing.js";'],
  ])("needs nothing for %s", (_, text) => {
    expect(needsOfText(text)).toEqual(nothing);
  });
});

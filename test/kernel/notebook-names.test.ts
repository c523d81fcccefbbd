/** The names that a notebook has without an import: those of one list, all of which the package exports. */
import { createRequire } from "node:module";
import path from "node:path";
import { expect, it } from "vitest";
import { exportedNames, loadPrelude, notebookTypes, notebookValues } from "../../src/kernel/compiler/library.js";

const load = createRequire(__filename);
const dist = path.resolve(__dirname, "../../dist");
const declarations = path.join(dist, "index.d.ts");
const typescript = load("typescript") as Parameters<typeof loadPrelude>[2];
const prelude = loadPrelude(() => load(path.join(dist, "index.js")), declarations, typescript);

it("every listed name is exported, and declared for the compiler", () => {
  const listed = [...notebookValues, ...notebookTypes];
  expect(new Set(listed).size).toBe(listed.length);
  expect(exportedNames(declarations, typescript)).toEqual(expect.arrayContaining(listed));
  expect(prelude.declaration(new Set()).split("\n")[0]).toBe(`import { ${listed.join(", ")} } from "pepnet";`);
});

it("every other type is declared, but no value: a cell may keep what any function returns", () => {
  const [, types, ...rest] = prelude.declaration(new Set()).split("\n");
  expect(rest).toEqual([""]);
  expect(types).toMatch(/^import type \{.*\} from "pepnet";$/);
  const names = types?.match(/\w+/g);
  expect(names).toEqual(expect.arrayContaining(["ServedModel", "Chart", "TowerOutput"]));
  expect(names).not.toContain("exactAuc");
  expect(prelude.values).not.toHaveProperty("ServedModel");
});

it("the values are there; a class is a value, an interface is not", () => {
  const missing = notebookValues.filter((name) => prelude.values[name] === undefined);
  expect(missing).toEqual([]);
  expect(prelude.values["Run"]).toBeTypeOf("function");
  expect(prelude.values).not.toHaveProperty("Model");
});

it("short names that notebooks use themselves are free", () => {
  for (const name of [
    "quantile",
    "difference",
    "constant",
    "cosine",
    "accuracy",
    "calibration",
    "bootstrap",
    "Result",
  ]) {
    expect(prelude.values, name).not.toHaveProperty(name);
  }
  expect(notebookValues.length + notebookTypes.length).toBeLessThan(50);
});

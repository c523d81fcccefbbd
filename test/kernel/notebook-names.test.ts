/** The names that a notebook has without an import: those of one list, all of which the package exports. */
import { createRequire } from "node:module";
import ts from "typescript";
import { expect, it } from "vitest";
import { packageEntries } from "../../src/core/util/files/package-root.js";
import { exportedNames, loadPrelude, notebookTypes, notebookValues } from "../../src/kernel/compiler/library.js";

const load = createRequire(__filename);
const parts = new Map(
  [...packageEntries()].filter(([name]) => ["pepnet", "pepnet/widgets", "pepnet/types"].includes(name)),
);
const prelude = loadPrelude((id) => load(parts.get(id)!.replace(/\.d\.ts$/, ".js")));
const lines = prelude.declaration(new Set()).split("\n");

it("every listed name is exported, and declared for the compiler", () => {
  const listed = [...notebookValues, ...notebookTypes];
  expect(new Set(listed).size).toBe(listed.length);
  const exported = [...parts.values()].flatMap(exportedNames);
  expect(exported).toEqual(expect.arrayContaining(listed));
  const imported = lines
    .filter((line) => /^import \{/.test(line))
    .flatMap((line) => line.match(/\{(.*)\}/)![1]!.split(","));
  expect(imported.map((name) => name.trim()).sort()).toEqual([...listed].sort());
});

it("no name of an entry is missed: the compiler lists the same ones", () => {
  const files = [...parts.values()];
  const program = ts.createProgram(files, { module: ts.ModuleKind.Node16, types: [] });
  for (const file of files) {
    const module = program.getTypeChecker().getSymbolAtLocation(program.getSourceFile(file)!)!;
    const names = program.getTypeChecker().getExportsOfModule(module);
    expect(exportedNames(file).sort()).toEqual(names.map(({ name }) => name).sort());
  }
});

it("types of other entries are declared, but no values", () => {
  const types = lines.filter((line) => line.startsWith("import type"));
  expect(types.map((line) => line.match(/from "(.*)";$/)?.[1])).toEqual(["pepnet", "pepnet/widgets", "pepnet/types"]);
  const names = types.flatMap((line) => line.match(/\w+/g) ?? []);
  expect(new Set(names.filter((name) => /^[A-Z]/.test(name))).size).toBe(names.filter((n) => /^[A-Z]/.test(n)).length);
  expect(names).toEqual(expect.arrayContaining(["ServedModel", "Chart", "TaskMetrics"]));
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
  expect(notebookValues.length + notebookTypes.length).toBeLessThanOrEqual(50);
});

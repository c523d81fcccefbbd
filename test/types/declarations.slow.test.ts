/** The package's declarations as a notebook cell meets them: valid, light, few, and every type can be named. */
import path from "node:path";
import type * as TypeScript from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { type Compiler, compile, compilers, diagnose, installDeclarations } from "./compiler.js";

let folder: string;

beforeAll(() => {
  folder = installDeclarations("declaration-tests");
});

const everything = `import * as pepnet from "pepnet";
import * as metrics from "pepnet/metrics";
import type * as types from "pepnet/types";
import * as widgets from "pepnet/widgets";
export { metrics, pepnet, widgets };
export type { types };
`;

/** Packages whose types are heavy: they would cost each first cell time. */
const heavy = [
  "@tensorflow/",
  "danfojs",
  "plotly.js",
  "jsdom",
  "onnxruntime",
  "@duckdb/",
  "protobufjs",
  "tslab",
  "zeromq",
];

test("the root exports what one person can hold in mind", () => {
  const [compiler] = Object.values(compilers);
  const names = exportedNames(compiler as Compiler);
  const values = Object.keys(require(path.join(packageRoot, "dist", "index.js")));
  expect(values.length).toBeLessThanOrEqual(75);
  expect(names.length - values.length).toBeLessThanOrEqual(150);
});

describe.each(Object.entries(compilers))("%s", (_, ts) => {
  test.each([true, false])("every declaration is valid (strict: %s)", (strict) => {
    expect(diagnose(ts, folder, everything, { strict, libraries: true })).toEqual([]);
  });

  test("what a cell may use as a value of the package is there when the cell runs", () => {
    const names = exportedNames(ts);
    const uses = names.map((name) => `root.${name};`).join("\n");
    const refused = new Set(
      diagnose(ts, folder, `import * as root from "pepnet";\n${uses}\n`, { strict: false }).flatMap(
        (text) => text.match(/'(\w+)'/)?.[1] ?? [],
      ),
    );
    const values = names.filter((name) => !refused.has(name)).sort();
    expect(values).toContain("pepnet");
    expect(values).toEqual(Object.keys(require(path.join(packageRoot, "dist", "index.js"))).sort());
  });

  test("no heavy package's types are reached", () => {
    const reached = wholeProgram(ts)
      .getSourceFiles()
      .map((file) => path.relative(folder, file.fileName))
      .filter((file) => heavy.some((name) => file.includes(`node_modules/${name}`)));
    expect(reached).toEqual([]);
  });

  test("a cell can hold whatever the package's functions and methods give: each type is exported", () => {
    const results = resultExpressions(ts);
    expect(results).toContain("result(root.pepnet)");
    expect(results).toContain("result(result(root.pepnet).features)");
    const snippet = [
      `import * as root from "pepnet";`,
      // Names for what functions return, as the kernel declares them for later cells.
      ...["pepnet", "pepnet/widgets", "pepnet/types"].map((name) => typeImports(ts, name)),
      "declare function result<T>(from: (...given: any[]) => T): Awaited<T>;",
      ...results.map((expression, index) => `export const value${index} = ${expression};`),
    ].join("\n");
    expect(diagnose(ts, folder, snippet, { strict: false, declaration: true })).toEqual([]);
  });
});

/** Imports of the types of an entry, without those of an earlier one. */
function typeImports(ts: Compiler, name: string): string {
  const order = Object.keys(entryFiles);
  const earlier = new Set(order.slice(0, order.indexOf(name)).flatMap((each) => exportedNames(ts, each)));
  const names = exportedNames(ts, name).filter((each) => /^[A-Z]/.test(each) && !earlier.has(each));
  return `import type { ${names.join(", ")} } from "${name}";`;
}

const entryFiles: Readonly<Record<string, string>> = {
  pepnet: "index.d.ts",
  "pepnet/widgets": "lab/widgets/public.d.ts",
  "pepnet/types": "types.d.ts",
};

const programs = new Map<Compiler, TypeScript.Program>();

/** The program of everything, which is only asked for what it declares. */
function wholeProgram(ts: Compiler): TypeScript.Program {
  const program = programs.get(ts) ?? compile(ts, folder, everything, { strict: true });
  programs.set(ts, program);
  return program;
}

function exportedNames(ts: Compiler, name = "pepnet"): string[] {
  const program = wholeProgram(ts);
  const file = `node_modules/pepnet/dist/${entryFiles[name]}`;
  const root = program.getSourceFiles().find(({ fileName }) => fileName.endsWith(file));
  const symbol = root && program.getTypeChecker().getSymbolAtLocation(root);
  return symbol
    ? program
        .getTypeChecker()
        .getExportsOfModule(symbol)
        .map((exported) => exported.getName())
    : [];
}

/** What each of the root's functions gives, and each method of that. */
function resultExpressions(ts: Compiler): string[] {
  const program = wholeProgram(ts);
  const checker = program.getTypeChecker();
  const root = program.getSourceFiles().find((file) => file.fileName.endsWith("node_modules/pepnet/dist/index.d.ts"));
  const symbol = root && checker.getSymbolAtLocation(root);
  const all = symbol ? checker.getExportsOfModule(symbol) : [];
  const typeOnly = typeOnlyNames(
    ts,
    all.map((exported) => exported.getName()),
  );
  return all.flatMap((exported) => {
    const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const call = `result(root.${exported.getName()})`;
    if (!(target.flags & ts.SymbolFlags.Value) || typeOnly.has(exported.getName())) return [];
    const [signature] = checker.getTypeOfSymbol(target).getCallSignatures();
    if (signature === undefined) return [];
    const given = checker.getAwaitedType(signature.getReturnType());
    const methods = (given?.getProperties() ?? []).filter(
      (property) =>
        property.valueDeclaration?.getSourceFile().fileName.startsWith(folder) &&
        /^\w+$/.test(property.getName()) &&
        isForUsers(ts, property.valueDeclaration) &&
        checker.getTypeOfSymbol(property).getCallSignatures().length > 0,
    );
    return [call, ...methods.map((method) => `result(${call}.${method.getName()})`)];
  });
}

/** Neither protected nor `@internal`, wherever in its comment. */
function isForUsers(ts: Compiler, declaration: TypeScript.Declaration): boolean {
  const isHidden = ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Protected | ts.ModifierFlags.Private);
  const { text } = declaration.getSourceFile();
  return !isHidden && !text.slice(declaration.pos, declaration.getStart()).includes("@internal");
}

/** Names that the root exports as types alone (`export type *`), which no value of a cell can come from. */
function typeOnlyNames(ts: Compiler, names: readonly string[]): Set<string> {
  const uses = names.map((name) => `${name};`).join("\n");
  const said = diagnose(ts, folder, `import { ${names.join(", ")} } from "pepnet";\n${uses}\n`, { strict: false });
  return new Set(
    said.filter((text) => /as a value|only refers to a type/.test(text)).map((text) => text.split("'")[1] ?? ""),
  );
}

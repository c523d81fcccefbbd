/** The layers of ARCHITECTURE.md, held to by the imports themselves. */
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { files, houseOf, houses, roomFolder, roomOf, specifiersOf, syntaxOf, targetOf } from "./house/sources.js";

const root = path.resolve(__dirname, "..");

/** What a folder may import, as the third column of ARCHITECTURE.md says it; and, with it, what that may import. */
interface Rule {
  readonly may: readonly string[];
  /** Folders whose types alone it may import. */
  readonly types?: readonly string[];
  /** It may import what is named and nothing below. */
  readonly only?: true;
  /** Single files that it may import. */
  readonly files?: readonly string[];
}

const results = ["spec", "data", "metrics", "domains", "engine", "train", "gates", "ablation", "days", "launch"];
const belowApi = [
  "builder",
  "config",
  "samples",
  ...results,
  "nn",
  "jit",
  "serve",
  "views",
  "render",
  "report",
  "bridge",
  "widgets",
];
const rules: Readonly<Record<string, Rule>> = {
  errors: { may: ["util"] },
  util: { may: [] },
  port: { may: ["util"] },
  metrics: { may: ["util"] },
  spec: { may: ["errors", "util", "metrics"] },
  builder: { may: ["spec"] },
  config: { may: ["spec"] },
  data: { may: ["spec", "metrics"] },
  samples: { may: ["data"] },
  tfjs: { may: [] },
  nn: { may: ["spec", "tfjs"] },
  jit: { may: ["tfjs"] },
  engine: { may: ["nn", "jit", "tfjs"], types: ["data"] },
  train: { may: ["engine", "data", "metrics"] },
  serve: { may: ["train", "engine", "nn", "jit", "data"] },
  bridge: { may: ["config", "data", "train"] },
  domains: { may: ["data", "metrics"] },
  gates: { may: ["train", "engine"] },
  ablation: { may: ["train", "gates", "builder"] },
  days: { may: ["train", "gates"] },
  launch: { may: ["train", "gates", "days"] },
  views: { may: ["spec"], types: [...results, "nn"] },
  render: { may: ["views"], types: results },
  report: { may: ["views", "render", "metrics"], types: results },
  widgets: { may: [] },
  api: { may: belowApi },
  kernel: { may: ["errors", "util"] },
  notebook: { may: ["kernel", "render"] },
  // The limit of --threads, and roles as options and as code, without loading the library.
  cli: {
    may: ["api", "kernel", "notebook"],
    types: results,
    only: true,
    files: ["core/engine/threads.js", "core/data/table/roles.js"],
  },
};
/** `src/index.ts`, the package's root. */
const rootRule: Rule = { may: ["api", ...belowApi] };
/** What every folder stands on. */
const ground = ["errors", "util", "port"];

/** The folder that is the one door to each package. The declarations of `pepnet/nn` name TF.js's core. */
const doors: Readonly<Record<string, readonly string[]>> = {
  protobufjs: ["config", "serve", "train"],
  re2js: ["spec"],
  "@duckdb/node-api": ["data"],
  "@tensorflow/tfjs-core": ["tfjs", "nn"],
  "@tensorflow/tfjs-backend-cpu": ["tfjs"],
  "@tensorflow/tfjs-backend-wasm": ["engine"],
  "@tensorflow/tfjs-node": ["engine"],
  "tfjs-node-native": ["engine"],
  "onnxruntime-node": ["engine", "serve"],
  "plotly.js-cartesian-dist-min": ["render"],
  "plotly.js-dist-min": ["render"],
  jsdom: ["render"],
  dompurify: ["render"],
  "@napi-rs/canvas": ["render"],
  "@resvg/resvg-js": ["render"],
  "dejavu-fonts-ttf": ["render"],
  tslab: ["kernel"],
  zeromq: ["kernel"],
  "markdown-it": ["notebook"],
  commander: ["cli"],
  // Imported by no one: of declarations that compilers find by themselves, one that TypeScript 5.0 can read.
  "@types/node": [],
  // In util: where tests run from src, workers are transpiled.
  typescript: ["kernel", "notebook", "util"],
};

interface Import {
  /** The importing file, relative to src. */
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const imports = files.flatMap(importsOf);
const folders = [...new Set(files.map(roomOf))].filter((folder) => folder !== "").sort();

describe("layers", () => {
  test.each(houses)("the house src/%s imports only those before it", (house) => {
    const before = houses.slice(0, houses.indexOf(house) + 1);
    const wrong = imports
      .filter(({ file, target }) => houseOf(file) === house && target.startsWith("."))
      .filter(({ file, target }) => !["..", ...before].includes(houseOf(targetOf(file, target))))
      .map(({ file, target }) => `${file} → ${target}`);
    expect(wrong).toEqual([]);
  });

  test.each(folders)("src/%s imports only what it may", (folder) => {
    expect(rules, "a rule for each folder").toHaveProperty(folder);
    expect(trespasses(folder, rules[folder] as Rule)).toEqual([]);
  });

  test("the package's root imports neither kernel nor command line", () => {
    expect(trespasses("", rootRule)).toEqual([]);
  });

  test("each folder, with what it may import, is in ARCHITECTURE.md", () => {
    const page = readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `src/"));
    const places = new Map(files.map((file) => [roomOf(file), roomFolder(file)]));
    for (const folder of folders) {
      const row = rows.find((line) => line.split("|")[1]?.includes(`\`src/${places.get(folder)}\``));
      expect(row, `a row for src/${places.get(folder)}`).toBeDefined();
      const column = row?.split("|")[3] ?? "";
      if (folder === "api") expect(column).toContain("all above");
      else for (const name of rules[folder]?.may ?? []) expect(column, `src/${folder} may import`).toContain(name);
    }
    const inOrder = rows.flatMap((line) =>
      [...(line.split("|")[1] ?? "").matchAll(/`src\/([\w/]+)`/g)].map((m) => path.posix.basename(m[1] as string)),
    );
    expect(inOrder).toEqual(Object.keys(rules));
  });
});

describe("packages", () => {
  test("each is imported through its one door", () => {
    const wrong = imports
      .map(({ file, target }) => ({ file, name: packageOf(target) }))
      .filter(({ file, name }) => name !== null && !doors[name]?.includes(roomOf(file)))
      .map(({ file, name }) => `${file} imports ${name}`);
    expect(wrong).toEqual([]);
  });

  test("each runtime dependency has a door", () => {
    const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      optionalDependencies?: Record<string, string>;
    };
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    expect(declared.filter((name) => !(name in doors))).toEqual([]);
  });
});

/** Imports of a folder that its rule does not allow, as `file → target`. */
function trespasses(folder: string, rule: Rule): string[] {
  const below = rule.only ? rule.may : reach(rule.may);
  const allowed = new Set([folder, ...(ground.includes(folder) ? [] : ground), ...below]);
  return imports
    .filter(({ file, target }) => roomOf(file) === folder && target.startsWith("."))
    .filter(({ file, target, typeOnly }) => {
      const resolved = targetOf(file, target);
      if (resolved === "../package.json") return false;
      const to = roomOf(resolved);
      return !allowed.has(to) && !(typeOnly && rule.types?.includes(to)) && !rule.files?.includes(resolved);
    })
    .map(({ file, target }) => `${file} → ${target}`);
}

/** Folders, and what those may import, and so on. */
function reach(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => [name, ...reach(rules[name]?.may ?? [])]))];
}

function packageOf(target: string): string | null {
  if (target.startsWith(".") || target.startsWith("node:") || builtinModules.includes(target)) return null;
  return target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Every import of a file: static, dynamic, `require`, `import type` and `import("…")` in types. */
function importsOf(file: string): Import[] {
  const types = typeOnlyImports(file);
  return specifiersOf(file).map((target) => ({ file, target, typeOnly: types.has(target) }));
}

/** Modules of which a file imports types alone. */
function typeOnlyImports(file: string): Set<string> {
  const types = new Set<string>();
  const values = new Set<string>();
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const target = (node.moduleSpecifier as ts.StringLiteral).text;
      (isTypeOnly(node) ? types : values).add(target);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      types.add((node.argument.literal as ts.StringLiteral).text);
    } else if (ts.isCallExpression(node) && node.arguments[0] && ts.isStringLiteral(node.arguments[0])) {
      const called = node.expression;
      const loads =
        called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require");
      if (loads) values.add(node.arguments[0].text);
    }
    ts.forEachChild(node, visit);
  };
  visit(syntaxOf(file));
  for (const target of values) types.delete(target);
  return types;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const named = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : [];
    return node.isTypeOnly || (named.length > 0 && named.every((element) => element.isTypeOnly));
  }
  const clause = node.importClause;
  if (clause === undefined) return false;
  const named = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
  return clause.isTypeOnly || (!clause.name && named.length > 0 && named.every((element) => element.isTypeOnly));
}

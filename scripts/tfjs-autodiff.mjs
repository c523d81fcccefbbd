// Writes dist/core/tfjs/autodiff.cjs where it is missing, before sources are compiled. It registers TF.js's gradients and the
// methods of tensors. TF.js has both as ES modules that Node cannot load and, bundled, in @tensorflow/tfjs, whose parts
// for browsers, layers and saved graphs take 220 MB on disk. What @tensorflow/tfjs-core exports is taken from there.
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

const require = createRequire(import.meta.url);
const core = require("@tensorflow/tfjs-core");
const sources = realpathSync(path.join(root, "node_modules/@tensorflow/tfjs-core/dist"));
const copied = /^(gradients|public\/chained_ops)\/|register_all_/;
/** What the core exports, and where. */
const places = {
  core,
  "core.util": core.util,
  "core.backend_util": core.backend_util,
  "core.slice_util": core.slice_util,
  "core.broadcast_util": core.broadcast_util,
};
/** Modules with a state of which there must be one, the core's. */
const replacements = {
  "engine.js": "export const ENGINE = core.engine();",
  "environment.js": "export const { env } = core;",
  // In a traced program a filled tensor has no numbers, and one of rows x rows would be gigabytes of ones.
  "ops/ones.js": "export const ones = (shape, dtype) => core.fill(shape, 1, dtype);",
  "tensor.js": "export const { Tensor, Variable } = core; export const getGlobalTensorClass = () => core.Tensor;",
};
const entries = ["register_all_gradients.js", "public/chained_ops/register_all_chained_ops.js"];
const header = `// Written by scripts/tfjs-autodiff.mjs from @tensorflow/tfjs-core ${core.version_core}: gradients, and operations as methods.
// Copyright Google LLC. Licensed under the Apache License, Version 2.0, http://www.apache.org/licenses/LICENSE-2.0
`;
/** Loads the bundle's modules as Node loads files. */
const loader = `// Written here: ${Object.keys(replacements).join(", ")}.
const core = require("@tensorflow/tfjs-core");
const loaded = {};
function load(name) {
  if (loaded[name]) return loaded[name];
  const exports = (loaded[name] = {});
  modules[name](exports);
  return exports;
}
`;

/** The bundle's text: every module that the entries need and the core lacks, as CommonJS. */
export async function bundleAutodiff() {
  const { default: ts } = await import("typescript");
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, removeComments: true };
  const modules = new Map(entries.map((name) => [name, ""]));
  for (const name of modules.keys()) {
    const source = replacements[name] ?? readFileSync(path.join(sources, name), "utf8");
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    const code = outputText.replace(/^\/\/#.*\n?/gm, "").replace(/\brequire\("(\.[^"]+)"\)/g, (_, target) => {
      const file = path.posix.join(path.posix.dirname(name), target);
      const imported = existsSync(path.join(sources, `${file}.js`)) ? `${file}.js` : file;
      const place = copied.test(imported) || imported in replacements ? null : placeInCore(imported);
      if (place !== null) return place;
      if (!modules.has(imported)) modules.set(imported, "");
      return `load(${JSON.stringify(imported)})`;
    });
    modules.set(name, code);
  }
  const texts = [...modules].map(([name, code]) => `${JSON.stringify(name)}(exports) {\n${code}}`);
  const starts = entries.map((name) => `load(${JSON.stringify(name)});\n`);
  return `${header}${loader}const modules = {\n${texts.join(",\n")},\n};\n${starts.join("")}`;
}

/** Where the core has everything that a module exports: `core`, `core.util`, …; null if it does not. */
function placeInCore(name) {
  if (name === "base.js" || name === "ops/ops.js") return "core";
  if (name === "util.js") return "core.util";
  const text = readFileSync(path.join(sources, name), "utf8");
  const names = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(
    ([, exported]) => exported,
  );
  for (const [, list] of text.matchAll(/^export \{([^}]*)\};/gm)) {
    names.push(...list.split(",").map((exported) => exported.trim().split(" as ").at(-1)));
  }
  const hasAll = ([, place]) => names.every((exported) => exported in place);
  const [place] = names.length === 0 ? [] : (Object.entries(places).find(hasAll) ?? []);
  return place ?? null;
}

/** Writes the bundle, if it is missing or written by other code. Returns whether it did. */
export async function writeAutodiff() {
  const file = path.join(root, "dist/core/tfjs/autodiff.cjs");
  if (existsSync(file) && readFileSync(file, "utf8").startsWith(header + loader)) {
    utimesSync(file, new Date(), new Date());
    return false;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, await bundleAutodiff());
  renameSync(draft, file);
  return true;
}

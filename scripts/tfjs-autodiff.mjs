// Writes src/tfjs/autodiff.cjs where it is missing, before sources are compiled. It registers TF.js's gradients and the
// methods of tensors. TF.js has both as ES modules that Node cannot load and, bundled, in @tensorflow/tfjs, whose parts
// for browsers, layers and saved graphs take 220 MB on disk. What @tensorflow/tfjs-core exports is taken from there.
import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { rolldown } from "rolldown";
import { root } from "./setup.mjs";

const require = createRequire(import.meta.url);
const core = require("@tensorflow/tfjs-core");
const sources = realpathSync(path.join(root, "node_modules/@tensorflow/tfjs-core/dist"));
const copied = /[\\/](gradients|chained_ops)[\\/]|register_all_/;
/** Where the core exports a name, besides its root. */
const namespaces = ["util", "backend_util", "slice_util", "broadcast_util"];
const header = `// Written by scripts/tfjs-autodiff.mjs from @tensorflow/tfjs-core ${core.version_core}: gradients, and operations as methods.
// Copyright Google LLC. Licensed under the Apache License, Version 2.0, http://www.apache.org/licenses/LICENSE-2.0
`;

/** The bundle's text. */
export async function bundleAutodiff() {
  const modules = ["register_all_gradients", "public/chained_ops/register_all_chained_ops"];
  const imports = modules.map((name) => `import ${JSON.stringify(path.join(sources, `${name}.js`))};`);
  const entry = "\0entry";
  const bundle = await rolldown({
    input: entry,
    external: ["@tensorflow/tfjs-core"],
    treeshake: { moduleSideEffects: true, propertyReadSideEffects: false },
    plugins: [
      {
        name: "core",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? imports.join("\n") : copied.test(id) ? undefined : exportsOfCore(id)),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "cjs", comments: false, minify: false });
  return header + output[0].code.replace(/^\/\/.*\n/gm, "");
}

/** A module that takes its exports from the core, if the core exports all of them; undefined if it does not. */
function exportsOfCore(file) {
  const module = path.relative(sources, file).replaceAll("\\", "/");
  const line = 'import * as core from "@tensorflow/tfjs-core";\n';
  if (module === "engine.js") return `${line}export const ENGINE = core.engine();`;
  if (module === "environment.js") return line + copies("core", ["env"]);
  if (module === "tensor.js") {
    return `${line}export const { Tensor, Variable } = core;\nexport const getGlobalTensorClass = () => core.Tensor;`;
  }
  if (module === "base.js" || module === "ops/ops.js") return line + copies("core", Object.keys(core));
  if (module === "util.js") return line + copies("core.util", Object.keys(core.util));
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name);
  for (const [, list] of text.matchAll(/^export \{([^}]*)\};/gm)) {
    names.push(...list.split(",").map((name) => name.trim().split(" as ").at(-1)));
  }
  const places = names.map((name) => placeOf(name));
  if (names.length === 0 || places.includes(null)) return undefined;
  return line + names.map((name, index) => copies(places[index], [name])).join("");
}

function copies(place, names) {
  return names.map((name) => (/^\w+$/.test(name) ? `export const ${name} = ${place}.${name};\n` : "")).join("");
}

function placeOf(name) {
  if (name in core) return "core";
  const namespace = namespaces.find((candidate) => name in core[candidate]);
  return namespace === undefined ? null : `core.${namespace}`;
}

/** Writes the bundle, if it is missing or of another version of TF.js. Returns whether it did. */
export async function writeAutodiff() {
  const file = path.join(root, "src/tfjs/autodiff.cjs");
  if (existsSync(file) && readFileSync(file, "utf8").startsWith(header)) return false;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, await bundleAutodiff());
  renameSync(draft, file);
  return true;
}

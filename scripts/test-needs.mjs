// What test files need before they run, derived from what they import: nothing, the compiled sources, the kernel's
// snapshot, the Python environment, the Nodes of other lines. A vitest plugin prepares it, so that `npm test -- test/nn` and
// `npx vitest test/nn` start in seconds.
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { ensureNodeLines } from "./node-lines.mjs";
import { ensurePythonEnv, testPackages } from "./python-env.mjs";
import { build, bundle, fail, step } from "./setup.mjs";

/** A path in `dist` of this project: `"dist"`, `"dist/…`, `"../../dist/…`; not `"tslab/dist/…`. */
const compiledPath = /["'`](?:\.\.\/)*dist["'`/]/;
const pythonDoor = path.join("scripts", "python-env.mjs");
const nodesDoor = path.join("scripts", "node-lines.mjs");
/** Loads the bundle of TF.js's gradients, which is written before any test runs. */
const autodiffDoor = path.join("src", "core", "tfjs", "index.ts");
const kernelDoor = path.join("src", "kernel", "client.ts");
/** A snapshot costs as much as four starts without it. */
const fewKernels = 4;
const browserPackage = /from "playwright-core"/;
/** Imports that exist at run time: `import … from`, `export … from`, `import("…")`, `require("…")`. */
const importedFile = /(?:^(?:import|export)(?! type\b)[^"';]*|\bimport\(|\brequire\()["'](\.[^"']+)["']/gm;

/**
 * What the files need: they, or files that they import, name a path in `dist`, start the kernel, or import
 * `scripts/python-env.mjs`, `scripts/node-lines.mjs`, or what drives a browser, which is not prepared here.
 *
 * @param {readonly string[]} files absolute paths
 * @returns {{ build: boolean, nodes: boolean, python: boolean, snapshot: boolean, browser: boolean }}
 */
export function needsOf(files) {
  const reached = new Set(files);
  const needs = { build: false, nodes: false, python: false, snapshot: false, browser: false };
  for (const file of reached) {
    if (file.endsWith(pythonDoor)) needs.python = true;
    if (file.endsWith(nodesDoor)) needs.nodes = true;
    if (file.endsWith(kernelDoor)) needs.snapshot = files.length > fewKernels;
    if (!file.endsWith(".ts")) continue;
    const text = readFileSync(file, "utf8");
    if (compiledPath.test(text) && !file.endsWith(autodiffDoor)) needs.build = true;
    if (browserPackage.test(text)) needs.browser = true;
    for (const [, target] of text.matchAll(importedFile)) {
      const found = sourceOf(path.resolve(path.dirname(file), target));
      if (found !== null) reached.add(found);
    }
  }
  return needs;
}

/** The file behind an import: TypeScript where it ends in `.js`. */
function sourceOf(target) {
  const candidates = [target.replace(/\.js$/, ".ts"), target];
  return candidates.find((file) => existsSync(file) && statSync(file).isFile()) ?? null;
}

/**
 * Prepares what the test files of a run need before each run, also in watch mode, and removes its cache at the end.
 *
 * @param {string} cache
 */
export function prepareTests(cache) {
  return {
    name: "prepare-tests",
    configureVitest({ vitest }) {
      // Called for each project of the configuration.
      if (vitest.config.reporters.some(({ name }) => name === "prepare-tests")) return;
      vitest.config.reporters.unshift({
        name: "prepare-tests",
        onTestRunStart: (files) => prepare(needsOf(files.map((file) => file.moduleId)), cache),
        onTestRunEnd: () => rmSync(cache, { recursive: true, force: true }),
      });
    },
  };
}

async function prepare(needs, cache) {
  if (needs.build) await build();
  else await bundle();
  if (needs.build && needs.snapshot) await step("The kernel's snapshot", () => buildSnapshot(cache));
  if (needs.nodes) await step("The newest Node of each line (about a minute the first time)", ensureNodeLines);
  if (!needs.python || process.env.PEPNET_PYTHON !== undefined) return;
  await step("Jupyter's own clients, in a private Python environment", () => {
    try {
      return ensurePythonEnv(testPackages);
    } catch (error) {
      return fail("the tests' Python environment could not be prepared", error.message);
    }
  });
}

/** As a kernel does it in the background. Windows has none. */
async function buildSnapshot(cache) {
  const spec = createRequire(import.meta.url)("../dist/kernel/kernel-spec.js");
  const builder = spec.buildSnapshot({ ...process.env, PEPNET_CACHE: cache });
  builder?.ref();
  if (builder !== null) await once(builder, "exit");
}

// What test files need before they run, derived from what they import: nothing, the compiled sources, the Python
// environment. A vitest plugin prepares it, so that `npm test -- test/nn` and `npx vitest test/nn` start in seconds.
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { ensurePythonEnv, testPackages } from "./python-env.mjs";
import { build, fail, step } from "./setup.mjs";

/** A path in `dist` of this project: `"dist"`, `"dist/…`, `"../../dist/…`; not `"tslab/dist/…`. */
const compiledPath = /["'`](?:\.\.\/)*dist["'`/]/;
const pythonDoor = path.join("scripts", "python-env.mjs");
/** Imports that exist at run time: `import … from`, `export … from`, `import("…")`, `require("…")`. */
const importedFile = /(?:^(?:import|export)(?! type\b)[^"';]*|\bimport\(|\brequire\()["'](\.[^"']+)["']/gm;

/**
 * What the files need: they, or files that they import, name a path in `dist`, or import `scripts/python-env.mjs`.
 *
 * @param {readonly string[]} files absolute paths
 * @returns {{ build: boolean, python: boolean }}
 */
export function needsOf(files) {
  const reached = new Set(files);
  const needs = { build: false, python: false };
  for (const file of reached) {
    if (file.endsWith(pythonDoor)) needs.python = true;
    if (!file.endsWith(".ts")) continue;
    const text = readFileSync(file, "utf8");
    if (compiledPath.test(text)) needs.build = true;
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

/** Prepares what the test files of a run need before each run, also in watch mode. */
export function prepareTests() {
  return {
    name: "prepare-tests",
    configureVitest({ vitest }) {
      // Called for each project of the configuration.
      if (vitest.config.reporters.some(({ name }) => name === "prepare-tests")) return;
      vitest.config.reporters.unshift({
        name: "prepare-tests",
        onTestRunStart: (files) => prepare(needsOf(files.map((file) => file.moduleId))),
      });
    },
  };
}

async function prepare(needs) {
  if (needs.build) await build();
  if (!needs.python || process.env.PEPNET_PYTHON !== undefined) return;
  await step("Jupyter's own clients, in a private Python environment", () => {
    try {
      return ensurePythonEnv(testPackages);
    } catch (error) {
      return fail("the tests' Python environment could not be prepared", error.message);
    }
  });
}

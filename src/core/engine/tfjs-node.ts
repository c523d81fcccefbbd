/** Finds tfjs-node, which the user installs, compares its version with TF.js, and loads it. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { EngineError, type Problem } from "../errors/index.js";
import { packageRoot } from "../util/files/package-root.js";
import { packageVersionIn } from "../util/files/package-version.js";

/** The second is the alias of this repository's development dependency, which `npm run tfjs-node` builds. */
const names = ["@tensorflow/tfjs-node", "tfjs-node-native"];

/** @throws EngineError with a fix if tfjs-node is missing, belongs to another TF.js version or does not load */
export function loadTfjsNode(): void {
  const problem = tfjsNodeProblem();
  if (problem === null) return;
  throw new EngineError({
    path: "options.engine",
    received: '"tfjs-node"',
    expected: '"compiled" (the default), "wasm" or "cpu", which are always available',
    ...problem,
  });
}

type Reason = Pick<Problem, "message" | "fix">;

/** Why tfjs-node with its native addon cannot be loaded; `null`: it is loaded. */
export function tfjsNodeProblem(): Reason | null {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  restoreRemovedUtils();
  let reason: Reason | null = null;
  // Resolved from this package and from the user's project: some package managers keep the two apart.
  for (const find of [require, createRequire(path.join(process.cwd(), "noop.js"))]) {
    for (const name of names) {
      const failure = tryOne(find, name);
      if (failure === null) return null;
      if (name === names[0]) reason ??= failure ?? null;
    }
  }
  return reason ?? { message: "tfjs-node is not installed", fix: howToInstall() };
}

/** `null`: loaded; `undefined`: not installed. */
function tryOne(find: NodeJS.Require, name: string): Reason | null | undefined {
  const here = packageVersionIn(__dirname, "@tensorflow/tfjs-core");
  try {
    const manifest = find(`${name}/package.json`) as { name: string; version: string };
    if (manifest.name !== names[0]) return undefined; // plain tfjs, installed there by danfojs-node's override
    if (manifest.version !== here) {
      return {
        message: `the installed tfjs-node has version ${manifest.version}, but TF.js has ${here}`,
        fix: howToInstall(),
      };
    }
  } catch {
    return undefined;
  }
  try {
    find(name);
    return null;
  } catch (error) {
    const [line] = String((error as Error).message).split("\n");
    return { message: `tfjs-node failed to load: ${line}`, fix: `npm rebuild ${name}, which runs its install script` };
  }
}

function howToInstall(): string {
  if (existsSync(path.join(packageRoot, "scripts", "tfjs-node.mjs"))) return "npm run tfjs-node";
  const version = packageVersionIn(__dirname, "@tensorflow/tfjs-core");
  return `npm install @tensorflow/tfjs-node@${version} (its install script downloads TensorFlow)`;
}

/** Restores two functions of `util` that tfjs-node calls and Node 23 removed. */
function restoreRemovedUtils(): void {
  const util = require("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

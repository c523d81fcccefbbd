/**
 * Loads onnxruntime-node. It is an optional dependency, so that an installation survives a failure of its install
 * script, which downloads CUDA libraries from outside the npm registry (`scripts/preinstall.mjs` turns that off
 * under npm). Without it the rest of the package works, and errors contain installation instructions.
 */
import type * as ort from "onnxruntime-node";
import { EngineError } from "../../../errors/index.js";
import { packageVersionIn } from "../../../util/files/package-version.js";

const name = "onnxruntime-node";

/** @throws EngineError if onnxruntime-node is not installed; does not load it */
export function assertOnnxruntime(): void {
  if (packageVersionIn(__dirname, name) !== null) return;
  const { optionalDependencies } = require("../../../../package.json") as {
    optionalDependencies: Record<string, string>;
  };
  throw new EngineError({
    path: "options.engine",
    message: `${name}, which runs compiled and exported models, is not installed`,
    expected:
      "an optional dependency that npm installs with pepnet, unless its install script fails or optional dependencies are omitted",
    fix:
      `npm install --ignore-scripts ${name}@${optionalDependencies[name]} ` +
      '(its install script only downloads CUDA, which is not used here); or train with engine: "wasm"',
  });
}

/** Loads onnxruntime. @throws EngineError if it is not installed */
export async function loadOnnxruntime(): Promise<typeof ort> {
  assertOnnxruntime();
  return import("onnxruntime-node");
}

/**
 * onnxruntime-node is an optional dependency, so that an installation survives its install script, which downloads CUDA
 * libraries from outside the npm registry (`scripts/preinstall.mjs` turns that off under npm). Where it is left out, the
 * rest of the package works, and what needs it says how to get it.
 */
import type * as ort from "onnxruntime-node";
import { EngineError } from "../../../errors/index.js";
import { packageVersionIn } from "../../../util/files/package-version.js";

const name = "onnxruntime-node";

/** @throws EngineError where onnxruntime-node is not installed. It is not loaded. */
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

/** onnxruntime, loaded. @throws EngineError where it is not installed */
export async function loadOnnxruntime(): Promise<typeof ort> {
  assertOnnxruntime();
  return import("onnxruntime-node");
}

/** Sets up the TF.js backends that run a program eagerly, each once and on demand. */

import { EngineError } from "../../errors/index.js";
import * as tf from "../../tfjs/index.js";
import { loadTfjsNode } from "./tfjs-node.js";
import { replaceStepKernel } from "./tfjs-node-step.js";

export type EagerName = "cpu" | "wasm" | "tfjs-node";

const backendNames: Readonly<Record<EagerName, string>> = { cpu: "cpu", wasm: "wasm", "tfjs-node": "tensorflow" };

/** Returns its TF.js name. @throws EngineError with installation instructions if it is not installed. */
export async function prepareBackend(name: EagerName): Promise<string> {
  if (name === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (name === "tfjs-node") {
    loadTfjsNode();
    replaceStepKernel();
  }
  const backend = backendNames[name];
  const ready = await tf.setBackend(backend);
  if (!ready)
    throw new EngineError({ path: "options.engine", message: `the TF.js backend "${backend}" failed to start` });
  return backend;
}

/** Activates a prepared backend; every run does so, since other code may have activated another. */
export function useBackend(backend: string): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend); // immediately, because the backend is registered
}

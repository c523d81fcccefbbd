/** The TF.js backends that run a program eagerly, each set up once and on purpose. */
import * as tf from "@tensorflow/tfjs";
import { EngineError } from "../../errors/index.js";
import { loadTfjsNode } from "./tfjs-node.js";
import { replaceStepKernel } from "./tfjs-node-step.js";

/** An eager engine's name. */
export type EagerName = "cpu" | "wasm" | "tfjs-node";

const backendNames: Readonly<Record<EagerName, string>> = { cpu: "cpu", wasm: "wasm", "tfjs-node": "tensorflow" };

/**
 * Makes a backend ready and returns its TF.js name.
 * @throws EngineError where it is not installed, saying how to get it.
 */
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
  quiet();
  return backend;
}

/** Makes a prepared backend the current one; every run does so, since other code may have set another. */
export function useBackend(backend: string): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend); // at once, as the backend is there already
}

/** The CPU backend greets at its first write; a library does not. */
function quiet(): void {
  const backend = tf.backend() as { firstUse?: boolean };
  if (backend.firstUse === true) backend.firstUse = false;
}

/** The TF.js backends that run a program eagerly, each set up once and on purpose. */
import * as tf from "@tensorflow/tfjs";
import { EngineError } from "../../errors/index.js";
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
    throw new EngineError({ path: "options.engine", message: `the TF.js backend "${backend}" does not start` });
  quiet();
  return backend;
}

/** Whether tfjs-node is there with its native addon. It is loaded to find out, and stays loaded. */
export function hasTfjsNode(): boolean {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  return tfjsNodeNames.some(isTfjsNode);
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

/** Under its own name where the user installed it, under the alias of this package's optional dependency. */
const tfjsNodeNames = ["@tensorflow/tfjs-node", "tfjs-node-native"];

function loadTfjsNode(): void {
  if (hasTfjsNode()) return;
  throw new EngineError({
    path: "options.engine",
    message: "tfjs-node is not installed",
    received: '"tfjs-node"',
    expected: '"compiled" (the default), "wasm" or "cpu", which are always there',
    fix: "in a clone of pepnet: npm run tfjs-node; elsewhere: npm install @tensorflow/tfjs-node (it downloads TensorFlow)",
  });
}

/** Under its real name may lie plain tfjs, which danfojs-node's override puts there; and its binding may be missing. */
function isTfjsNode(name: string): boolean {
  try {
    const manifest = require(`${name}/package.json`) as { name: string };
    return manifest.name === "@tensorflow/tfjs-node" && Boolean(require.resolve(name)) && loads(name);
  } catch {
    return false;
  }
}

function loads(name: string): boolean {
  mendForNewNode();
  require(name);
  return true;
}

/** tfjs-node calls two functions of `util` that Node 23 took away. */
function mendForNewNode(): void {
  const util = require("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

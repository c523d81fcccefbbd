/** The eager engine: the host side and a TF.js backend, both on this thread. */
import { EngineError } from "../errors/index.js";
import type { ProgramName } from "../nn/plan/inputs.js";
import { type Plan, planModel } from "../nn/plan/plan.js";
import { makeProgram } from "../nn/program.js";
import type { ModelSpec } from "../spec/model.js";
import * as tf from "../tfjs/index.js";
import type { Program } from "../tfjs/program.js";
import { measuredGradients } from "./core/gradient-sums.js";
import { ModelHost } from "./core/host.js";
import { Queue, type RunInputs, type Runner } from "./core/outputs.js";
import { createArrays } from "./core/weight-store.js";
import type { Engine, EngineOptions } from "./engine.js";
import { loadTfjsNode } from "./tfjs-node.js";

const backendName = "tensorflow";
let replaced = false;

/** Replaces the kernel, once; other slopes use tfjs-node's. */
export function replaceStepKernel(): void {
  const original = tf.getKernel(tf.Step, backendName);
  if (replaced || original === undefined) return;
  replaced = true;
  tf.unregisterKernel(tf.Step, backendName);
  tf.registerKernel({
    ...original,
    kernelFunc: (args) => {
      if ((args.attrs?.["alpha"] ?? 0) !== 0) return original.kernelFunc(args);
      const x = args.inputs["x"] as tf.Tensor;
      return tf.tidy(() => tf.cast(tf.greater(x, 0), x.dtype));
    },
  });
}

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
  if (!(await tf.setBackend(backend)))
    throw new EngineError({ path: "options.engine", message: `the TF.js backend "${backend}" failed to start` });
  return backend;
}

/** Activates a prepared backend; every run does so, since other code may have activated another. */
export function useBackend(backend: string): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend); // immediately, because the backend is registered
}

export async function createEagerEngine(spec: ModelSpec, name: EagerName, options: EngineOptions): Promise<Engine> {
  const plan = planModel(spec);
  const backend = await prepareBackend(name);
  const seed = options.seed ?? spec.training.seed;
  const arrays = createArrays(plan, seed, options.weights ?? null);
  const host = new ModelHost(plan, eagerRunner(plan, backend), { seed, arrays });
  const { inference } = host;
  const queue = new Queue();
  return {
    name,
    threads: 1,
    spec,
    get steps() {
      return host.steps;
    },
    step: (batch, epoch) => queue.run(() => host.step(batch, epoch)),
    train: (batches, epoch) => queue.run(() => host.train(batches, epoch)),
    predict: (batch, overrides) => queue.run(() => inference.predict(batch, overrides)),
    gates: (batch) => queue.run(() => inference.gates(batch)),
    attention: (batch) => queue.run(() => inference.attention(batch)),
    gradients: (batch, choice) =>
      queue.run(async () => measuredGradients(plan, await inference.gradients(batch, choice))),
    weights: () => queue.run(async () => host.weights()),
    state: () => queue.run(async () => host.state()),
    restore: (state) => queue.run(async () => host.restore(state)),
    dispose: () => queue.close(async () => {}),
  };
}

export function eagerRunner(
  plan: Plan,
  backend: string,
  program: (name: ProgramName) => Program = (name) => makeProgram(plan, name),
): Runner {
  return {
    async run(name, inputs) {
      useBackend(backend);
      const outputs = runEagerly(program(name), inputs);
      try {
        const entries = [...outputs].map(
          async ([key, tensor]): Promise<[string, Float32Array]> => [key, Float32Array.from(await tensor.data())],
        );
        return new Map(await Promise.all(entries));
      } finally {
        for (const tensor of outputs.values()) tensor.dispose();
        // Consecutive steps await only promises, so this lets timers and input run.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** Runs synchronously, so that the backend cannot change meanwhile. Only the outputs are kept. */
function runEagerly(program: Program, inputs: RunInputs): Map<string, tf.Tensor> {
  // Some TF.js backends keep the array of a tensor: parameters then change in place, as intended here.
  const fed = new Map(
    [...inputs.feeds].map(([name, { data, shape, dtype }]) => [name, tf.tensor(data, shape as number[], dtype)]),
  );
  try {
    return program(fed, inputs.sizes);
  } finally {
    for (const tensor of fed.values()) tensor.dispose();
  }
}

/** Runs programs eagerly on a TF.js backend, on this thread. The reference, and the fallback for what is not traced. */
import * as tf from "@tensorflow/tfjs";
import { type Plan, type Program, type ProgramName, programOf } from "../../nn/index.js";
import type { Feed, RunInputs, Runner } from "../core/runner.js";
import { useBackend } from "./backends.js";

/** A runner on a prepared backend. */
export function eagerRunner(
  plan: Plan,
  backend: string,
  program: (name: ProgramName) => Program = (name) => programOf(plan, name),
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
        // Steps follow each other through promises alone: let timers and input have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async dispose() {},
  };
}

/** Runs synchronously, so that the backend cannot change under it. Only the outputs outlive it. */
function runEagerly(program: Program, inputs: RunInputs): Map<string, tf.Tensor> {
  const fed = new Map([...inputs.feeds].map(([name, feed]) => [name, toTensor(feed)]));
  try {
    return program(fed, inputs.sizes);
  } finally {
    for (const tensor of fed.values()) tensor.dispose();
  }
}

function toTensor(feed: Feed): tf.Tensor {
  // TF.js keeps the array it is given on some backends: parameters change in place behind it, which is wanted here.
  return tf.tensor(feed.data, feed.shape as number[], feed.dtype);
}

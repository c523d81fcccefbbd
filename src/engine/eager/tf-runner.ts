/** Runs programs eagerly on this thread: the reference, and the fallback for programs that cannot be traced. */

import { makeProgram, type Plan, type Program, type ProgramName } from "../../nn/index.js";
import * as tf from "../../tfjs/index.js";
import type { Feed, RunInputs, Runner } from "../core/runner.js";
import { useBackend } from "./backends.js";

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
    async dispose() {},
  };
}

/** Runs synchronously, so that the backend cannot change meanwhile. Only the outputs are kept. */
function runEagerly(program: Program, inputs: RunInputs): Map<string, tf.Tensor> {
  const fed = new Map([...inputs.feeds].map(([name, feed]) => [name, toTensor(feed)]));
  try {
    return program(fed, inputs.sizes);
  } finally {
    for (const tensor of fed.values()) tensor.dispose();
  }
}

function toTensor(feed: Feed): tf.Tensor {
  // Some TF.js backends keep the array of a tensor: parameters then change in place, as intended here.
  return tf.tensor(feed.data, feed.shape as number[], feed.dtype);
}

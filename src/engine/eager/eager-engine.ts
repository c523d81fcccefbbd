/** The eager engine: the host side and a TF.js backend, both on this thread. */
import { planModel } from "../../nn/plan/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { measuredGradients } from "../core/crew/gradient-sums.js";
import { ModelHost } from "../core/host.js";
import { Queue } from "../core/queue.js";
import { createArrays } from "../core/weights/model-arrays.js";
import type { Engine, EngineOptions } from "../engine.js";
import { type EagerName, prepareBackend } from "./backends.js";
import { eagerRunner } from "./tf-runner.js";

export async function createEagerEngine(spec: ModelSpec, name: EagerName, options: EngineOptions): Promise<Engine> {
  const plan = planModel(spec);
  const backend = await prepareBackend(name);
  const seed = options.seed ?? spec.training.seed;
  const arrays = createArrays(plan, seed, options.weights ?? null);
  const host = new ModelHost(plan, eagerRunner(plan, backend), { seed, arrays });
  const queue = new Queue();
  return {
    name,
    threads: 1,
    spec,
    get steps() {
      return host.steps;
    },
    step: (batch, epoch) => queue.run(() => host.step(batch, epoch)),
    predict: (batch, overrides) => queue.run(() => host.predict(batch, overrides)),
    gates: (batch) => queue.run(() => host.gates(batch)),
    embeddings: (batch) => queue.run(() => host.embeddings(batch)),
    attention: (batch) => queue.run(() => host.attention(batch)),
    gradients: (batch) => queue.run(async () => measuredGradients(plan, await host.gradients(batch))),
    weights: () => queue.run(async () => host.weights()),
    state: () => queue.run(async () => host.state()),
    restore: (state) => queue.run(async () => host.restore(state)),
    dispose: () => queue.close(async () => {}),
  };
}

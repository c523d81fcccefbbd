/** The compared ways to take a step: the product's engines, with and without savings. */
import type { Batch } from "../src/core/data/encoded/encoded.js";
import { compilePlan } from "../src/core/engine/compiled/compile-plan.js";
import { createSession, type Session } from "../src/core/engine/compiled/ort-session.js";
import { ModelHost } from "../src/core/engine/core/host.js";
import type { Runner } from "../src/core/engine/core/outputs.js";
import { createArrays } from "../src/core/engine/core/weight-store.js";
import { createEngine } from "../src/core/engine/create-engine.js";
import { eagerRunner, prepareBackend } from "../src/core/engine/eager-engine.js";
import type { Engine } from "../src/core/engine/engine.js";
import { tfjsNodeProblem } from "../src/core/engine/tfjs-node.js";
import { type Plan, planModel } from "../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../src/core/spec/model.js";

/** Threads for matrix products in every candidate except tfjs-node, which uses all cores. */
export const threads = 2;

/** Something that takes optimiser steps. */
export interface Stepper {
  step(batch: Batch): Promise<unknown>;
  dispose(): Promise<void>;
}

/** The product's default engine: ONNX in a worker, with savings. */
export function compiledEngine(spec: ModelSpec): Promise<Engine> {
  return createEngine(spec, { engine: "compiled", threads });
}

/** The compiled program on this thread. Without `savings` every tower computes every row, as in TorchEasyRec. */
export function compiledStepper(spec: ModelSpec, savings: boolean): Stepper {
  const plan = planModel(spec, { savings });
  return hostStepper(plan, ortRunner(plan));
}

/** tfjs-node without compiling; `null` if its binding is not built. */
export async function tfjsNodeStepper(spec: ModelSpec, savings: boolean): Promise<Stepper | null> {
  if (tfjsNodeProblem() !== null) return null;
  const plan = planModel(spec, { savings });
  return hostStepper(plan, { ...eagerRunner(plan, await prepareBackend("tfjs-node")), async dispose() {} });
}

export interface OwnRunner extends Runner {
  dispose(): Promise<void>;
}

/** A model's host with any runner. */
export function hostStepper(plan: Plan, runner: OwnRunner): Stepper {
  const host = new ModelHost(plan, runner, { seed: 1, arrays: createArrays(plan, 1, null) });
  return { step: (batch) => host.step(batch, 0), dispose: () => runner.dispose() };
}

/** Runs compiled programs on this thread. */
export function ortRunner(plan: Plan): OwnRunner {
  const sessions = new Map<string, Session>();
  return {
    async run(name, inputs) {
      const session = sessions.get(name) ?? (await createSession(await compilePlan(plan, name), threads));
      sessions.set(name, session);
      return session.run(inputs);
    },
    async dispose() {
      for (const session of sessions.values()) await session.release();
    },
  };
}

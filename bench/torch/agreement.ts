/**
 * Checks, before timing, that the PyTorch twin computes what the engine computes: with the same weights and batch, the
 * losses, every gradient, the predictions, and the losses of a few steps with each side's optimisers.
 */

import type { Batch } from "../../src/core/data/encoded/encoded.js";
import { createEngine } from "../../src/core/engine/create-engine.js";
import type { Weights } from "../../src/core/engine/engine.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { threads } from "../steppers.js";
import type { TorchPeer, TwinKind } from "./peer.js";

/** The largest difference, relative to the largest number of the array. */
const tolerance = 1e-4;
const steps = 5;

/** Checks both twins with the engine's weights. @throws Error with the first difference */
export async function assertAgreement(peer: TorchPeer, spec: ModelSpec, batch: Batch): Promise<void> {
  const engine = await createEngine(spec, { engine: "compiled", threads });
  const weights = await engine.weights();
  const outputs = await engine.predict(batch);
  const losses: number[][] = [];
  for (let step = 0; step < steps; step++) losses.push(Object.values((await engine.step(batch, 0)).taskLosses));
  await engine.dispose();
  const gradients = await gradientsOf(spec, weights, batch);
  for (const twin of ["plain", "savings"] as const) {
    await peer.load(twin, spec, weights);
    if (twin === "plain") await peer.batch("agreement", batch);
    const predictions = await peer.predictions(twin, "agreement");
    outputs.forEach(({ tower, probabilities }, task) => {
      assertClose(twin, `prediction of ${tower}`, probabilities, predictions.get(String(task))?.data);
    });
    const own = await peer.gradients(twin, "agreement");
    assertClose(twin, "losses", losses[0], own.losses);
    for (const [name, gradient] of gradients) {
      assertClose(twin, `gradient of ${name}`, gradient, own.gradients.get(name)?.data);
    }
    for (const [step, expected] of losses.entries()) {
      assertClose(twin, `losses of step ${step}`, expected, await peer.step(twin, "agreement", 1));
    }
  }
}

/** The engine's gradients: the change of the weights by a step of gradient descent with rate 1. */
async function gradientsOf(spec: ModelSpec, weights: Weights, batch: Batch): Promise<Map<string, Float32Array>> {
  const dense = { kind: "sgd", lr: 1, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false } as const;
  const sparse = { kind: "sgd", lr: 1, maxGradient: null } as const;
  const probing = { ...spec, training: { ...spec.training, dense, sparse } };
  const engine = await createEngine(probing, { engine: "compiled", threads, weights });
  await engine.step(batch, 0);
  const after = await engine.weights();
  await engine.dispose();
  return new Map(
    [...weights].map(([name, { data }]) => {
      const left = after.get(name)?.data as Float32Array;
      return [name, data.map((value, index) => value - (left[index] as number))];
    }),
  );
}

function assertClose(
  twin: TwinKind,
  what: string,
  expected: ArrayLike<number> | undefined,
  got: ArrayLike<number> | undefined,
): void {
  if (expected === undefined || got === undefined || expected.length !== got.length) {
    throw new Error(`${what}: the ${twin} twin gives ${got?.length ?? "no"} numbers, the engine ${expected?.length}`);
  }
  let largest = 0;
  let difference = 0;
  for (let index = 0; index < expected.length; index++) {
    largest = Math.max(largest, Math.abs(expected[index] as number));
    difference = Math.max(difference, Math.abs((expected[index] as number) - (got[index] as number)));
  }
  // A difference of two rounded weights is exact to about 1e-8.
  if (difference <= tolerance * largest + 1e-7) return;
  throw new Error(`${what}: the ${twin} twin is off by ${difference}, where the largest is ${largest}`);
}

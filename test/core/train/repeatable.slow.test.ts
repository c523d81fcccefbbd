/** The same seed and threads give the same bits, whether training runs through or is interrupted and taken up again. */
import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { EngineName, EngineState, Weights } from "../../../src/core/engine/engine.js";
import type { TrainCheckpoint } from "../../../src/core/train/loop/early-stopping.js";
import { fit } from "../../../src/core/train/loop/fit.js";
import { toyData, toyWith } from "../engine/toy.js";

/** Several epochs; the interruptions are in the first and the second of the wasm engine, whose batches are smaller. */
const steps = 50;
/** Wide enough that two threads share a product; dropout, two tasks, three domains, a moving average. */
const spec = toyWith({
  ppnet: { hidden: [64, 48], activation: "nn.ReLU", dropout: [0.2], gamma: 2 },
  training: { ...toyWith({}).training, steps, epochs: null, batchSize: 192, emaDecay: 0.99 },
});
const specFor = (name: EngineName) =>
  name === "compiled" ? spec : { ...spec, training: { ...spec.training, batchSize: 48 } };
const data = toyData(1_000);

const bits = (weights: Weights): Record<string, string> =>
  Object.fromEntries(
    [...weights].map(([name, { data: values }]) => [
      name,
      Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
    ]),
  );
const all = (state: EngineState) => ({ step: state.step, weights: bits(state.weights), slots: bits(state.slots) });

/** Trains in one session after another, each of which is interrupted at a step; the last one goes to the end. */
async function trained(name: EngineName, interruptions: readonly number[]): Promise<ReturnType<typeof all>> {
  let from: TrainCheckpoint | null = null;
  for (const stop of [...interruptions, Number.POSITIVE_INFINITY]) {
    const engine = await createEngine(specFor(name), { engine: name, threads: 2 });
    onTestFinished(() => engine.dispose());
    const controller = new AbortController();
    const result = await fit(engine, data, null, {
      from,
      signal: controller.signal,
      onStep: ({ step }) => step >= stop && controller.abort(),
      checkpoint: {
        everySteps: 1_000,
        save: async (checkpoint) => {
          from = checkpoint;
        },
      },
    });
    expect(result.interrupted).toBe(stop < steps);
  }
  return all((from as unknown as TrainCheckpoint).engine);
}

test.each<EngineName>(["compiled", "wasm"])("%s: 50 steps twice, and interrupted twice", async (name) => {
  const once = await trained(name, []);
  expect(once.step).toBe(steps);
  expect(await trained(name, [])).toEqual(once);
  expect(await trained(name, [18, 35])).toEqual(once);
});

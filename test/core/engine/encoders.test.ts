/** Sequence encoders in combinations beyond the golden cases: the compiled and the eager engines agree. */
import { afterEach, describe, expect, test } from "vitest";
import { din, multiWindowDin, pooling, selfAttention, simpleAttention } from "../../../src/core/builder/sequences.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineOptions } from "../../../src/core/engine/engine.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { type ClickEncoders, clicksData, clicksSpec } from "./clicks.js";
import { rowsBetween } from "./toy.js";

const open: Engine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

const query = ["item"] as const;
const variants: Readonly<Record<string, readonly [all: ClickEncoders, uia?: ClickEncoders]>> = {
  "DIN with layer norm and two layers": [[din("click", { query, hidden: [8, 4], layerNorm: true })]],
  "DIN with batch norm and Dice": [[din("click", { query, hidden: [8, 4], batchNorm: true, activation: "Dice" })]],
  "two lengths of one sequence": [
    [din("click", { query, hidden: [4], maxLength: 2 }), din("click", { query, hidden: [4] })],
  ],
  "one sequence in two groups": [
    [din("click", { query, hidden: [4] })],
    [pooling("click", { name: "uia_click" }), pooling("cart", { pooling: "sum" })],
  ],
  "separate tables by a suffix": [
    [din("click", { query, hidden: [4] }), din("click", { query, hidden: [4], tables: "more", name: "more" })],
  ],
  "two sequences as one": [[din(["click", "cart"], { query, hidden: [4] })]],
  "several ids a position": [[simpleAttention("cart", { query }), pooling("cart", { maxLength: 1 })]],
  "windows beyond the longest row, and short of it": [
    [
      multiWindowDin("click", { query, windows: [1, 3, 9], hidden: [4] }),
      multiWindowDin("cart", { query, windows: [3, 5], hidden: [4], activation: "nn.Sigmoid", name: "windows" }),
    ],
  ],
  "self-attention of cut rows": [
    [selfAttention("click", { dim: 6, heads: 3, maxLength: 4 }), selfAttention("cart", { dim: 2 })],
  ],
  "every encoder": [
    [
      din("click", { query, hidden: [5] }),
      multiWindowDin("click", { query, windows: [2, 6], hidden: [3] }),
      pooling("click"),
      simpleAttention("cart", { query }),
      selfAttention("cart", { dim: 4, heads: 2 }),
    ],
  ],
};

const data = clicksData(61);
const empty = clicksData(9, { most: 0 });
const batches = [
  { data, rows: rowsBetween(0, 40) },
  { data: empty, rows: rowsBetween(0, 9) }, // no position at all
  { data, rows: rowsBetween(40, 43) },
];

async function engineFor(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const engine = await createEngine(spec, options);
  open.push(engine);
  return engine;
}

/** The largest difference, relative to the largest number; NaN differs from everything. */
function distance(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  const far = actual.findIndex((value, index) => !(Math.abs(value - expected[index]!) <= 2e-4 * scale));
  return far < 0 ? 0 : Math.abs(actual[far]! - expected[far]!);
}

describe.each(Object.entries(variants))("%s", (_, [all, uia]) => {
  test("predicts and trains alike on every engine, with empty batches too", async () => {
    const spec = clicksSpec(all, uia);
    const training = {
      ...spec.training,
      seed: 2,
      dense: { kind: "sgd", lr: 0.5, momentum: 0.5, weightDecay: 0, dampening: 0, nesterov: false },
    } as const;
    const trained = { ...spec, training };
    const reference = await engineFor(trained, { engine: "cpu" });
    const weights = await reference.weights();
    const others = [
      await engineFor(trained, { engine: "compiled", threads: 1, weights }),
      await engineFor(trained, { engine: "compiled", threads: 2, weights }),
      await engineFor(trained, { engine: "wasm", weights }),
    ];
    for (const batch of [...batches, batches[0]!]) {
      const outputs = await reference.predict(batch);
      for (const engine of others) {
        for (const [task, { probabilities }] of (await engine.predict(batch)).entries())
          expect(distance(probabilities, outputs[task]!.probabilities)).toBe(0);
      }
      const { loss } = await reference.step(batch, 0);
      expect(Number.isFinite(loss)).toBe(true);
      for (const engine of others) expect((await engine.step(batch, 0)).loss).toBeCloseTo(loss, 4);
    }
    const after = await reference.weights();
    for (const engine of others) {
      const own = await engine.weights();
      for (const [name, { data: values }] of after) expect(distance(own.get(name)!.data, values), name).toBe(0);
    }
    const still = [...after].filter(([name, { data: values }]) =>
      values.every((value, at) => value === weights.get(name)!.data[at]),
    );
    // A softmax ignores what it adds to every score.
    const shifts = /encoders\.\w+\.\d\.(?:linear|_key)\.bias$|num_batches_tracked$/;
    expect(still.map(([name]) => name).filter((name) => !shifts.test(name))).toEqual([]);
  });
});

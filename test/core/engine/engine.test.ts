/** What every engine promises: learning, order, repeatability, exact resumption, and an end. */

import { afterEach, describe, expect, test } from "vitest";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineName, EngineOptions, Weights } from "../../../src/core/engine/engine.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import * as tf from "../../../src/core/tfjs/index.js";
import { rowsBetween, toyData, toySpec, toyWith } from "./toy.js";

const open: Engine[] = [];

async function engineFor(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const engine = await createEngine(spec, options);
  open.push(engine);
  return engine;
}

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

const data = toyData(64);

async function train(engine: Engine, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++) {
    const start = (step % 4) * 16;
    losses.push((await engine.step({ data, rows: rowsBetween(start, start + 16) }, 0)).loss);
  }
  return losses;
}

function bytes(weights: Weights): Record<string, string> {
  const entries = [...weights].map(([name, { data: values }]) => [
    name,
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex"),
  ]);
  return Object.fromEntries(entries);
}

describe.each<EngineName>(["compiled", "cpu", "wasm"])("the %s engine", (name) => {
  test("learns: the loss on the rows it trains on falls", async () => {
    const engine = await engineFor(toySpec, { engine: name });
    const losses = await train(engine, 0, 70);
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-8))).toBeLessThan(mean(losses.slice(0, 8)) - 0.05);
    expect(engine.steps).toBe(70);
  });

  test("is bit-identical for the same seed, and another for another seed", async () => {
    const runs = [];
    for (const seed of [1, 1, 2]) {
      const engine = await engineFor(toySpec, { engine: name, seed });
      await train(engine, 0, 12);
      runs.push(bytes(await engine.weights()));
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  test("goes on from a state as if it had never stopped, dropout included", async () => {
    const whole = await engineFor(toySpec, { engine: name });
    await train(whole, 0, 6);
    const state = await whole.state();
    await train(whole, 6, 12);
    const resumed = await engineFor(toySpec, { engine: name });
    await resumed.restore(state);
    expect(resumed.steps).toBe(6);
    await train(resumed, 6, 12);
    expect(bytes(await resumed.weights())).toEqual(bytes(await whole.weights()));
    expect(bytes((await resumed.state()).slots)).toEqual(bytes((await whole.state()).slots));
  });

  test("predicts each row by its own domain's tower, whatever rows stand beside it", async () => {
    const engine = await engineFor(toySpec, { engine: name });
    const all = await engine.predict({ data, rows: rowsBetween(0, 64) });
    const some = await engine.predict({ data, rows: Int32Array.of(5, 3, 60) });
    expect(all.map((output) => output.tower)).toEqual(["ctr", "cvr"]);
    some.forEach((output, task) => {
      [5, 3, 60].forEach((row, i) => {
        expect(output.logits[i]).toBeCloseTo(all[task]?.logits[63 - row] as number, 5);
        expect(output.probabilities[i]).toBeCloseTo(1 / (1 + Math.exp(-(output.logits[i] as number))), 6);
      });
    });
  });

  test("shows every gate, within 0 … gamma", async () => {
    const engine = await engineFor(toySpec, { engine: name });
    const gates = await engine.gates({ data, rows: rowsBetween(0, 10) });
    expect(gates.map(({ module, tower, layer, units, gamma }) => [module, tower, layer, units, gamma])).toEqual([
      ["epnet", null, 0, 13, 2],
      ["ppnet", "ctr", 0, 8, 2],
      ["ppnet", "ctr", 1, 6, 2],
      ["ppnet", "cvr", 0, 8, 2],
      ["ppnet", "cvr", 1, 6, 2],
    ]);
    for (const { values, units } of gates) {
      expect(values.length).toBe(10 * units);
      expect(values.every((value) => value > 0 && value < 2)).toBe(true);
    }
  });

  test("an empty batch predicts nothing, and cannot be trained on", async () => {
    const engine = await engineFor(toySpec, { engine: name });
    expect((await engine.predict({ data, rows: new Int32Array(0) }))[0]?.logits.length).toBe(0);
    await expect(engine.step({ data, rows: new Int32Array(0) }, 0)).rejects.toThrow(/without rows/);
  });

  test("a domain out of range is an error that names the row", async () => {
    const engine = await engineFor(toySpec, { engine: name });
    const wrong = {
      ...data,
      domains: Int32Array.from(data.domains as Int32Array, (domain, row) => (row === 7 ? 3 : domain)),
    };
    await expect(engine.step({ data: wrong, rows: rowsBetween(0, 16) }, 0)).rejects.toThrow(
      /row 7 of 64, column "scene"[\s\S]*received: 3/,
    );
    expect((await engine.step({ data, rows: rowsBetween(0, 16) }, 0)).loss).toBeGreaterThan(0);
  });

  test("refuses calls after it was disposed of, which may be asked twice", async () => {
    const engine = await createEngine(toySpec, { engine: name });
    const running = engine.step({ data, rows: rowsBetween(0, 16) }, 0);
    await Promise.all([engine.dispose(), engine.dispose()]);
    expect((await running).loss).toBeGreaterThan(0);
    await expect(engine.weights()).rejects.toThrow(/disposed/);
  });
});

describe("engines agree", () => {
  const variants: [string, ModelSpec][] = [
    ["as TorchEasyRec computes it", toySpec],
    ["the paper's gate placement", toyWith({ switches: { ...toySpec.switches, gatePlacement: "input" } })],
    ["no stop-gradient", toyWith({ switches: { ...toySpec.switches, stopGradient: false } })],
    ["detached priors", toyWith({ switches: { ...toySpec.switches, detachPriors: true } })],
    [
      "detached priors without stop-gradient",
      toyWith({ switches: { ...toySpec.switches, detachPriors: true, stopGradient: false } }),
    ],
    ["trained gammas", toyWith({ switches: { ...toySpec.switches, learnableGamma: true } })],
    [
      "trained gammas in the paper's placement",
      toyWith({ switches: { ...toySpec.switches, learnableGamma: true, gatePlacement: "input" } }),
    ],
    ["shared towers", toyWith({ switches: { ...toySpec.switches, sharedTowers: true } })],
    ["EPNet off", toyWith({ switches: { ...toySpec.switches, epnet: false } })],
    ["PPNet's gates off", toyWith({ switches: { ...toySpec.switches, ppnet: false } })],
    [
      "dropout and batch norm in towers",
      toyWith({
        towers: toySpec.towers.map((t) => ({ ...t, mlp: t.mlp && { ...t.mlp, batchNorm: true, dropout: [0.3] } })),
      }),
    ],
    [
      "sample weights and several losses",
      toyWith({
        sampleWeights: ["w"],
        towers: toySpec.towers.map((t) => ({
          ...t,
          sampleWeight: "w",
          losses: [...t.losses, { kind: "binary_focal_loss", gamma: 2, alpha: 0.25 }],
        })),
      }),
    ],
    ["tables under the dense optimiser", toyWith({ training: { ...toySpec.training, tablePlacement: "dense" } })],
  ];
  test.each(variants)("%s: ten steps give the same weights, compiled and eager", async (_, spec) => {
    const [compiled, eager] = [await engineFor(spec, { engine: "compiled" }), await engineFor(spec, { engine: "cpu" })];
    const losses = [await train(compiled, 0, 10), await train(eager, 0, 10)] as [number[], number[]];
    for (const [i, loss] of losses[0].entries()) expect(loss).toBeCloseTo(losses[1][i] as number, 4);
    const other = await eager.weights();
    for (const [name, { data: values }] of await compiled.weights()) {
      const expected = other.get(name)?.data as Float32Array;
      // Adam's first steps amplify rounding where a gradient is all but zero: a learning rate's worth is let pass there.
      const far = values.filter((value, i) => Math.abs(value - (expected[i] as number)) > 2e-3);
      expect([name, far.length]).toEqual([name, 0]);
    }
  });
});

test("an eager engine leaves no tensors behind", async () => {
  const engine = await engineFor(toySpec, { engine: "cpu" });
  await train(engine, 0, 3);
  const before = tf.memory().numTensors;
  await train(engine, 3, 30);
  await engine.predict({ data, rows: rowsBetween(0, 16) });
  await engine.gates({ data, rows: rowsBetween(0, 16) });
  expect(tf.memory().numTensors).toBe(before);
});

test("weights that do not fit are all named", async () => {
  const engine = await engineFor(toySpec, { engine: "cpu" });
  const weights = new Map(await engine.weights());
  weights.delete("model.epnet.gate_nu.dense_layers.0.bias");
  weights.set("model.ppnet.linears.0.bias", { shape: [3], data: new Float32Array(3) });
  await expect(createEngine(toySpec, { engine: "compiled", weights })).rejects.toThrow(
    /dense_layers\.0\.bias"\]: missing weight[\s\S]*ppnet\.linears\.0\.bias"\]: the shape differs from the model's/,
  );
});

test("an engine that does not exist is an error with a near name", async () => {
  await expect(createEngine(toySpec, { engine: "wasn" as EngineName })).rejects.toThrow(/did you mean "wasm"/);
});

test("tfjs-node by name: an engine where it is installed, else an error that says how to get it", async () => {
  const asked = createEngine(toySpec, { engine: "tfjs-node" });
  const outcome = await asked.catch((error: Error) => error);
  if (outcome instanceof Error) {
    expect(outcome.message).toMatch(/tfjs-node is not installed[\s\S]*npm run tfjs-node/);
  } else {
    open.push(outcome);
    expect((await train(outcome, 0, 2)).every((loss) => loss > 0)).toBe(true);
    expect(tf.getBackend()).toBe("tensorflow");
  }
});

test("the wasm engine runs on the wasm backend", async () => {
  const engine = await engineFor(toySpec, { engine: "wasm" });
  await train(engine, 0, 1);
  expect(tf.getBackend()).toBe("wasm");
});

/** Accumulated and clipped gradients, averaged weights, parts with an optimiser of their own: against slow references. */
import { afterEach, describe, expect, test } from "vitest";
import { clipGradients, Updates } from "../../../src/core/engine/core/optimizers.js";
import { createArrays, storesIn, type WeightStore } from "../../../src/core/engine/core/weight-store.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineName, Weights } from "../../../src/core/engine/engine.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import type { DenseOptimizerSpec, GradClippingSpec, TrainingSpec } from "../../../src/core/spec/training.js";
import { random } from "../../../src/core/util/random.js";
import { addGradient, rowsBetween, toyData, toySpec, toyWith } from "./toy.js";

const constant = { kind: "constant" } as const;
const sgd = (lr: number): DenseOptimizerSpec => ({
  kind: "sgd",
  lr,
  momentum: 0,
  weightDecay: 0,
  dampening: 0,
  nesterov: false,
});

/** A model's optimisers, fed with random gradients that are kept. */
function simulate(training: Partial<TrainingSpec>, steps: number, rest: Partial<ModelSpec> = {}) {
  const plan = planModel(toyWith({ ...rest, training: { ...toySpec.training, ...training } }));
  const arrays = createArrays(plan, 1, null);
  const { trained: store, shown } = storesIn(plan, arrays);
  const updates = new Updates(plan, store, arrays.averages);
  const start = new Map(store.parameters.map(({ name, values }) => [name, values.slice()]));
  const startOfTable = table(store).values.slice();
  const source = random(9);
  const given: Map<string, Float32Array>[] = [];
  const rows: Float32Array[] = [];
  for (let step = 0; step < steps; step++) {
    const gradients = new Map(
      store.parameters.map(({ name, values }) => [name, values.map(() => Math.fround(source.normal()))]),
    );
    const row = Float32Array.from({ length: 4 }, () => source.normal());
    given.push(new Map([...gradients].map(([name, values]) => [name, values.slice()])));
    rows.push(row);
    addGradient(table(store), 7, row);
    updates.apply(gradients, step, 0);
  }
  return { store, shown, updates, start, startOfTable, given, rows };
}

const table = (store: WeightStore) =>
  store.tables.get("user_emb") as NonNullable<ReturnType<WeightStore["tables"]["get"]>>;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i] as number, digits);
}

describe("gradient accumulation", () => {
  test("the dense optimiser takes the mean of the gradients every so many steps, and nothing between", () => {
    const { store, start, given } = simulate({ dense: sgd(0.1), gradientAccumulation: 3 }, 8);
    for (const { name, values } of store.parameters) {
      const expected = Array.from(start.get(name) as Float32Array);
      for (const window of [given.slice(0, 3), given.slice(3, 6)]) {
        for (let i = 0; i < expected.length; i++) {
          const sum = window.reduce((total, gradients) => total + (gradients.get(name)?.[i] as number), 0);
          expected[i] = (expected[i] as number) - (0.1 * sum) / 3;
        }
      }
      expectClose(values, expected);
    }
  });

  test("tables under the sparse optimiser are updated at every step, by their share of the gradient", () => {
    const sparse = { kind: "sgd", lr: 0.1, maxGradient: null } as const;
    const { store, startOfTable, rows } = simulate({ sparse, gradientAccumulation: 4, tablePlacement: "sparse" }, 3);
    const expected = Array.from(startOfTable.subarray(28, 32), (value, j) =>
      rows.reduce((now, row) => now - (0.1 * (row[j] as number)) / 4, value),
    );
    expectClose(table(store).values.subarray(28, 32), expected);
    expect(table(store).values.subarray(0, 28)).toEqual(startOfTable.subarray(0, 28));
  });

  test("the rate of the sparse optimiser changes when accumulation starts anew, that of the dense one with each step", () => {
    const schedule = {
      kind: "manual_step",
      scheduleSizes: [1, 3],
      learningRates: [0.2, 0.4],
      warmup: false,
      byEpoch: false,
    } as const;
    const sparse = { kind: "sgd", lr: 0.1, maxGradient: null } as const;
    const training = {
      sparse,
      sparseLearningRate: schedule,
      tablePlacement: "sparse",
      gradientAccumulation: 3,
    } as const;
    const { store, startOfTable, rows } = simulate(training, 6);
    // Steps 0 to 2 have the rate of step 0, steps 3 to 5 that of step 3, which is still before the second boundary.
    const rates = [0.1, 0.1, 0.1, 0.2, 0.2, 0.2];
    const expected = Array.from(startOfTable.subarray(28, 32), (value, j) =>
      rows.reduce((now, row, step) => now - (rates[step]! * row[j]!) / 3, value),
    );
    expectClose(table(store).values.subarray(28, 32), expected);
  });

  test("a limit for a row's gradient is that of the divided loss, and for tables of the sparse optimiser only", () => {
    const sparse = { kind: "sgd", lr: 0.1, maxGradient: 0.5 } as const;
    const limitUnder = (tablePlacement: TrainingSpec["tablePlacement"]) => {
      const { store, updates } = simulate({ sparse, gradientAccumulation: 4, tablePlacement }, 1);
      return updates.rowGradientLimit(table(store));
    };
    expect(limitUnder("sparse")).toBe(2);
    expect(limitUnder("dense")).toBeNull();
  });

  test("Adam corrects its bias by updates, not by steps", () => {
    const { store, start, given } = simulate({ gradientAccumulation: 2 }, 2);
    const lr = toySpec.training.dense.lr;
    for (const { name, values } of store.parameters) {
      const expected = Array.from(start.get(name) as Float32Array, (value, i) => {
        const mean = given.reduce((sum, gradients) => sum + (gradients.get(name)?.[i] as number), 0) / 2;
        return value - (lr * mean) / (Math.abs(mean) + 1e-8); // a first step of Adam
      });
      expectClose(values, expected);
    }
  });
});

describe("gradient clipping", () => {
  const arrays = () => [Float32Array.of(3, -4, 0.5), Float32Array.of(-1, 2)];
  const clip = (type: "norm" | "value", maxGradient: number, normType = 2): GradClippingSpec => ({
    type,
    maxGradient,
    normType,
    global: false,
  });
  test.each([
    ["2-norm", 2, Math.sqrt(9 + 16 + 0.25 + 1 + 4)],
    ["1-norm", 1, 3 + 4 + 0.5 + 1 + 2],
    ["3-norm", 3, Math.cbrt(27 + 64 + 0.125 + 1 + 8)],
    ["largest", Number.POSITIVE_INFINITY, 4],
  ])("%s: all arrays are scaled together where their norm is above the limit", (_, normType, norm) => {
    const clipped = arrays();
    clipGradients(clipped, clip("norm", 1.5, normType));
    expectClose(
      clipped.flatMap((a) => [...a]),
      arrays().flatMap((a) => [...a].map((g) => (g * 1.5) / norm)),
    );
    const kept = arrays();
    clipGradients(kept, clip("norm", norm + 1, normType));
    expect(kept).toEqual(arrays());
  });

  test("value: each number by itself", () => {
    const clipped = arrays();
    clipGradients(clipped, clip("value", 1.5));
    expect(clipped).toEqual([Float32Array.of(1.5, -1.5, 0.5), Float32Array.of(-1, 1.5)]);
  });

  test("accumulated gradients are clipped once, at the update", () => {
    const training = { dense: sgd(0.1), gradientAccumulation: 2, gradClipping: clip("norm", 1) };
    const { store, start, given } = simulate(training, 2);
    const mean = (name: string, i: number) =>
      given.reduce((sum, gradients) => sum + (gradients.get(name)?.[i] as number), 0) / 2;
    let squares = 0;
    for (const { name, values } of store.parameters) for (const i of values.keys()) squares += mean(name, i) ** 2;
    expect(squares).toBeGreaterThan(1);
    for (const { name, values } of store.parameters) {
      const expected = Array.from(
        start.get(name) as Float32Array,
        (value, i) => value - (0.1 * mean(name, i)) / Math.sqrt(squares),
      );
      expectClose(values, expected);
    }
  });
});

describe("parts with an optimiser of their own", () => {
  test("the first pattern that matches the whole name decides; the rest is the dense optimiser's", () => {
    const part = (pattern: string, lr: number) => ({ pattern, optimizer: sgd(lr), learningRate: constant });
    const partOptimizers = [part("model\\.epnet\\..*bias", 1), part("model\\.epnet\\..*", 2), part("epnet", 4)];
    const { store, start, given } = simulate({ dense: sgd(0.5), partOptimizers }, 1);
    const rates = new Set<number>();
    for (const { name, values } of store.parameters) {
      const rate = name.startsWith("model.epnet.") ? (name.endsWith("bias") ? 1 : 2) : 0.5;
      rates.add(rate);
      const gradient = given[0]?.get(name) as Float32Array;
      expectClose(
        values,
        Array.from(start.get(name) as Float32Array, (v, i) => v - rate * (gradient[i] as number)),
        4,
      );
    }
    expect([...rates].sort()).toEqual([0.5, 1, 2]);
  });

  test("a part follows its own learning rate schedule", () => {
    const learningRate = {
      kind: "manual_step",
      scheduleSizes: [1],
      learningRates: [0],
      warmup: false,
      byEpoch: false,
    } as const;
    const partOptimizers = [{ pattern: "model\\.epnet\\..*", optimizer: sgd(1), learningRate }];
    const early = simulate({ dense: sgd(0.5), partOptimizers }, 2).store;
    const late = simulate({ dense: sgd(0.5), partOptimizers }, 4).store;
    early.parameters.forEach(({ name, values }, index) => {
      const same = expect(late.parameters[index]?.values);
      if (name.startsWith("model.epnet.")) same.toEqual(values);
      else same.not.toEqual(values);
    });
  });
});

describe("averaged weights", () => {
  test("the first update copies, each later one moves by 1 − decay", () => {
    const weights: Float32Array[] = [];
    for (const steps of [1, 2, 3])
      weights.push(simulate({ dense: sgd(0.1) }, steps).store.parameters[0]?.values as Float32Array);
    const { shown, store } = simulate({ dense: sgd(0.1), emaDecay: 0.8 }, 3);
    const expected = Array.from(weights[0] as Float32Array, (first, i) =>
      [1, 2].reduce((average, step) => 0.8 * average + 0.2 * (weights[step]?.[i] as number), first),
    );
    expectClose(shown.parameters[0]?.values as Float32Array, expected);
    expect(store.parameters[0]?.values).toEqual(weights[2]);
  });

  const open: Engine[] = [];
  afterEach(async () => {
    for (const engine of open.splice(0)) await engine.dispose();
  });
  const engineFor = async (spec: ModelSpec, engine: EngineName, weights?: Weights): Promise<Engine> => {
    const made = await createEngine(spec, { engine, ...(weights ? { weights } : {}) });
    open.push(made);
    return made;
  };
  const data = toyData(64);
  const batch = { data, rows: rowsBetween(0, 64) };
  const training: TrainingSpec = { ...toySpec.training, emaDecay: 0.9, tablePlacement: "planner" };

  test.each<EngineName>(["compiled", "cpu"])("predictions and weights() are the averages, on %s", async (name) => {
    const engine = await engineFor(toyWith({ training }), name);
    for (let step = 0; step < 5; step++) await engine.step(batch, 0);
    const shown = await engine.weights();
    const trained = (await engine.state()).weights;
    const bias = "model.epnet.gate_nu.dense_layers.0.bias";
    expect(shown.get(bias)?.data).not.toEqual(trained.get(bias)?.data);
    const plain = await engineFor(toyWith({ training: { ...training, emaDecay: null } }), name, shown);
    expect(await plain.predict(batch)).toEqual(await engine.predict(batch));
    expect(await plain.gates(batch)).toEqual(await engine.gates(batch));
  });

  test("eval_config { use_dense_ema: false } predicts with the trained weights; true without an average is refused", async () => {
    const extra = (use: boolean) => ({ eval_config: { use_dense_ema: use } });
    const engine = await engineFor(toyWith({ training, extra: extra(false) }), "cpu");
    for (let step = 0; step < 3; step++) await engine.step(batch, 0);
    expect(await engine.weights()).toEqual((await engine.state()).weights);
    const without = toyWith({ training: { ...training, emaDecay: null }, extra: extra(true) });
    await expect(createEngine(without, { engine: "cpu" })).rejects.toThrow(/use_dense_ema/);
  });

  test.each<EngineName>(["compiled", "cpu"])(
    "everything together resumes bit by bit within a window, on %s",
    async (name) => {
      const spec = toyWith({
        training: {
          ...training,
          gradientAccumulation: 3,
          gradClipping: { type: "norm", maxGradient: 0.05, normType: 2, global: false },
        },
      });
      const rows = (step: number) => ({ data, rows: rowsBetween((step % 4) * 16, (step % 4) * 16 + 16) });
      const whole = await engineFor(spec, name);
      for (let step = 0; step < 4; step++) await whole.step(rows(step), 0);
      const state = await whole.state();
      for (let step = 4; step < 9; step++) await whole.step(rows(step), 0);
      const resumed = await engineFor(spec, name);
      await resumed.restore(state);
      for (let step = 4; step < 9; step++) await resumed.step(rows(step), 0);
      expect(await resumed.state()).toEqual(await whole.state());
      expect(await resumed.weights()).toEqual(await whole.weights());
    },
  );
});

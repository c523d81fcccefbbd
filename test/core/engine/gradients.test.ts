/** The gradients that reach gates and what they gate: the same on every engine. */
import { afterEach, expect, test } from "vitest";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineName, Gradients } from "../../../src/core/engine/engine.js";
import type { ModelSpec, SwitchesSpec } from "../../../src/core/spec/model.js";
import { toyData, toySpec, toyWith } from "./toy.js";

const open: Engine[] = [];
const data = toyData(64);
const batch = { data, rows: Int32Array.from({ length: 64 }, (_, row) => 63 - row) };
const switched = (switches: Partial<SwitchesSpec>): ModelSpec =>
  toyWith({ switches: { ...toySpec.switches, ...switches } });

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function engineOf(spec: ModelSpec, engine: EngineName, from?: Engine): Promise<Engine> {
  const made = await createEngine(spec, { engine, ...(from ? { weights: await from.weights() } : {}) });
  open.push(made);
  if (from === undefined) for (let step = 0; step < 5; step++) await made.step(batch, 0);
  return made;
}

test.each<[string, ModelSpec]>([
  ["TorchEasyRec's model", toySpec],
  ["detached priors", switched({ detachPriors: true })],
  ["no stop-gradient", switched({ stopGradient: false })],
  ["the paper's placement, trained gammas", switched({ gatePlacement: "input", learnableGamma: true })],
  ["shared towers, no EPNet", switched({ sharedTowers: true, epnet: false })],
])("of %s: a stopped path takes exactly nothing, an open one something; nothing is learnt", async (_, spec) => {
  const compiled = await engineOf(spec, "compiled");
  const weights = await compiled.weights();
  const got = await compiled.gradients(batch);
  for (const { stopped, norm } of got.paths) {
    if (stopped) expect(norm).toBe(0);
    else expect(norm).toBeGreaterThan(0);
  }
  for (const { norm, size } of got.parts) expect(norm * size).toBeGreaterThan(0);
  expect(await compiled.weights()).toEqual(weights);
  const expected = await (await engineOf(spec, "cpu", compiled)).gradients(batch);
  const norms = ({ parts, paths }: Gradients): number[] => [...parts, ...paths].map(({ norm }) => norm);
  norms(got).forEach((norm, at) => {
    expect(norm).toBeCloseTo(norms(expected)[at]!, 5);
  });
});

test("parts are gates and backbones, named by module, task and layer, every dense parameter in one of them", async () => {
  const engine = await engineOf(toySpec, "compiled");
  const { parts, paths } = await engine.gradients(batch);
  const names = parts.map(({ kind, module, tower, layer }) =>
    [module, kind, tower, layer].filter((x) => x !== null).join(" "),
  );
  expect(names.slice(0, 6)).toEqual([
    "embeddings backbone",
    "epnet gate",
    "ppnet gate ctr 0",
    "ppnet backbone ctr 0",
    "ppnet gate ctr 1",
    "ppnet backbone ctr 1",
  ]);
  expect(names.at(-1)).toBe("tower backbone cvr");
  expect(paths.map(({ module, input, stopped }) => `${module} ${input} ${stopped}`)).toEqual([
    "epnet main true",
    "epnet prior false",
    "ppnet main true",
    "ppnet prior false",
  ]);
  const dense = [...(await engine.weights())].filter(([name]) => !name.includes("embedding_bags"));
  const numbers = dense.reduce((sum, [, { data: values }]) => sum + values.length, 0);
  expect(parts.slice(1).reduce((sum, { size }) => sum + size, 0)).toBe(numbers);
});

test.each<[EngineName, number]>([
  ["compiled", 1],
  ["compiled", 2],
  ["wasm", 1],
  ["cpu", 1],
])("of %s with %i threads: they stay as they are when others are taken", async (name, threads) => {
  const engine = await createEngine(toySpec, { engine: name, threads });
  open.push(engine);
  const half = (from: number) => ({ data, rows: Int32Array.from({ length: 32 }, (_, row) => from + row) });
  const kept = await engine.gradients(half(0), { task: null, tables: true });
  const before = structuredClone({ dense: kept.dense, tables: kept.tables });
  const other = await engine.gradients(half(32), { task: null, tables: true });
  expect({ dense: kept.dense, tables: kept.tables }).toEqual(before);
  expect([...other.dense]).not.toEqual([...kept.dense]);
});

/** Plain descent with a learning rate of 1: a step takes away the gradient. */
function descending(): ModelSpec {
  const sgd = { kind: "sgd", lr: 1, schedule: { kind: "constant" } } as const;
  const { training, ppnet } = toySpec;
  const dense = { ...sgd, momentum: 0, weightDecay: 0, dampening: 0, nesterov: false };
  return toyWith({
    ppnet: { ...ppnet, dropout: [] },
    training: { ...training, sparse: { ...training.sparse, ...sgd }, dense: { ...training.dense, ...dense } } as never,
  });
}

test.each([
  ["compiled", 1],
  ["compiled", 2],
  ["cpu", 1],
] as const)(
  "of tables and single tasks on %s with %i threads: what a step of plain descent takes away",
  async (name, threads) => {
    const engine = await createEngine(descending(), { engine: name, threads });
    open.push(engine);
    const before = await engine.weights();
    const whole = await engine.gradients(batch, { task: null, tables: true });
    const tasks = [
      await engine.gradients(batch, { task: 0, tables: true }),
      await engine.gradients(batch, { task: 1, tables: true }),
    ];
    expect((await engine.gradients(batch)).tables.size).toBe(0);
    await engine.step(batch, 0);
    const after = await engine.weights();
    const valuesOf = ({ dense, tables }: Gradients, weight: string, length: number): Float32Array => {
      const sums = new Float32Array(length);
      const table = tables.get(weight);
      if (table === undefined) return dense.get(weight) ?? sums;
      const dim = table.values.length / table.rows.length;
      for (const [at, row] of table.rows.entries())
        for (let k = 0; k < dim; k++) sums[row * dim + k]! += table.values[at * dim + k]!;
      return sums;
    };
    let tables = 0;
    for (const [weight, { data: start }] of before) {
      const taken = start.map((value, at) => value - after.get(weight)!.data[at]!);
      const got = valuesOf(whole, weight, start.length);
      const [first, second] = tasks.map((each) => valuesOf(each, weight, start.length)) as [Float32Array, Float32Array];
      if (whole.tables.has(weight)) tables++;
      for (const [at, value] of taken.entries()) {
        expect(got[at]).toBeCloseTo(value, 5);
        expect(first[at]! + second[at]!).toBeCloseTo(value, 5);
      }
      if (weight.includes("task_towers.cvr")) expect(Math.max(...first.map(Math.abs))).toBe(0);
      if (weight.includes("task_towers.ctr")) expect(Math.max(...second.map(Math.abs))).toBe(0);
    }
    expect(tables).toBeGreaterThan(2);
  },
);

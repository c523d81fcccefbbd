/** Threads that share batches and weights: the numbers are those of one thread, whatever is trained and how. */
import { afterEach, describe, expect, test } from "vitest";
import { divide, largestShare, memberShare } from "../../../src/core/engine/core/crew.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineState, StepResult } from "../../../src/core/engine/engine.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import type { TrainingSpec } from "../../../src/core/spec/training.js";
import { rowsBetween, toyData, toySpec, toyWith } from "./toy.js";

const open: Engine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function engineFor(spec: ModelSpec, threads: number): Promise<Engine> {
  const engine = await createEngine(spec, { engine: "compiled", threads });
  open.push(engine);
  return engine;
}

const data = toyData(400);
/** Without dropout, whose masks each thread draws for itself. */
const ppnet = { ...toySpec.ppnet, dropout: [] };
const sgd: TrainingSpec["dense"] = {
  kind: "sgd",
  lr: 0.1,
  momentum: 0.5,
  weightDecay: 0,
  dampening: 0,
  nesterov: false,
};

/** Batches of 131 rows: shares of one size, and of another. */
async function train(engine: Engine, steps: number, from = 0): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (let step = from; step < from + steps; step++) {
    const start = (step % 3) * 131;
    results.push(await engine.step({ data, rows: rowsBetween(start, start + 131) }, 0));
  }
  return results;
}

function expectClose(state: EngineState, expected: EngineState): void {
  for (const part of ["weights", "slots"] as const) {
    expect([...state[part].keys()].sort()).toEqual([...expected[part].keys()].sort());
    for (const [name, { data: values }] of expected[part]) {
      const actual = state[part].get(name)?.data as Float32Array;
      const largest = values.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual[i] as number))), 0);
      expect(largest, `${part} ${name}`).toBeLessThan(2e-5);
    }
  }
}

function expectNear(actual: Float32Array, expected: Float32Array | undefined): void {
  const largest = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected?.[i] as number))), 0);
  expect(largest).toBeLessThan(5e-5);
}

const base: TrainingSpec = { ...toySpec.training, dense: sgd, sparse: { kind: "sgd", lr: 0.1, maxGradient: null } };
const cases: Record<string, Partial<ModelSpec>> = {
  "as it is": {},
  "gradients accumulated, clipped by their norm, weights averaged": {
    training: {
      ...base,
      gradientAccumulation: 2,
      gradClipping: { type: "norm", maxGradient: 0.05, normType: 2, global: true },
      emaDecay: 0.9,
    },
  },
  "tables trained by the dense optimiser": { training: { ...base, tablePlacement: "planner" } },
  "weighted rows, whose mean is the batch's": {
    sampleWeights: ["w"],
    towers: toySpec.towers.map((tower) => ({ ...tower, sampleWeight: "w" })),
  },
  "no domains": { domains: null, groups: toySpec.groups.filter(({ name }) => name !== "domain") },
  "a gamma that is trained": { switches: { ...toySpec.switches, learnableGamma: true } },
};

describe.each(Object.entries(cases))("%s", (_, rest) => {
  test("two and three threads train as one does", async () => {
    const spec = toyWith({ ppnet, training: base, ...rest });
    const [one, two, three] = [await engineFor(spec, 1), await engineFor(spec, 2), await engineFor(spec, 3)];
    const losses = await train(one, 6);
    for (const crew of [two, three]) {
      for (const [step, { loss, taskLosses }] of (await train(crew, 6)).entries()) {
        expect(loss).toBeCloseTo(losses[step]?.loss as number, 5);
        expect(Object.keys(taskLosses)).toEqual(Object.keys(losses[step]?.taskLosses ?? {}));
      }
      expectClose(await crew.state(), await one.state());
      const batch = { data, rows: rowsBetween(0, 99) };
      for (const [task, { logits, probabilities }] of (await crew.predict(batch)).entries()) {
        const expected = (await one.predict(batch))[task];
        expect(logits.length).toBe(99);
        expectNear(logits, expected?.logits);
        expectNear(probabilities, expected?.probabilities);
      }
      const gates = await one.gates(batch);
      for (const [site, gate] of (await crew.gates(batch)).entries()) {
        expect({ ...gate, values: gate.values.length }).toEqual({ ...gates[site], values: gates[site]?.values.length });
        expectNear(gate.values, gates[site]?.values);
      }
    }
  });
});

test("threads give the same bits twice, with dropout, and go on from a state as if they had never stopped", async () => {
  const whole = await engineFor(toySpec, 2);
  await train(whole, 4);
  const state = await whole.state();
  await train(whole, 4, 4);
  const again = await engineFor(toySpec, 2);
  await again.restore(state);
  await train(again, 4, 4);
  expect(await again.state()).toEqual(await whole.state());
});

test.each([1, 2, 3])("steps that are sent together have the bits of steps one by one: %i threads", async (threads) => {
  const wide = toyWith({ ppnet: { ...toySpec.ppnet, hidden: [64, 48] } });
  const [apart, together] = [await engineFor(wide, threads), await engineFor(wide, threads)];
  const sizes = [131, 400, 1, 2, 131, 64, 7, 400]; // more and fewer rows than before, down to fewer than threads
  const batches = Array.from({ length: 40 }, (_, step) => ({
    data,
    rows: rowsBetween(0, sizes[step % sizes.length]!),
  }));
  const results: StepResult[] = [];
  for (const batch of batches) results.push(await apart.step(batch, 0));
  expect(await together.train(batches.slice(0, 25), 0)).toEqual(results.slice(0, 25));
  expect(await together.train(batches.slice(25), 0)).toEqual(results.slice(25));
  expect(together.steps).toBe(40);
  expect(await together.state()).toEqual(await apart.state());
});

test("a state goes from any number of threads to any other", async () => {
  const spec = toyWith({ ppnet, training: base });
  const two = await engineFor(spec, 2);
  await train(two, 3);
  const one = await engineFor(spec, 1);
  await one.restore(await two.state());
  const three = await engineFor(spec, 3);
  await three.restore(await one.state());
  expect(await three.state()).toEqual(await two.state());
  await train(one, 2, 3);
  await train(three, 2, 3);
  expectClose(await three.state(), await one.state());
});

test.each([
  ["weights", base],
  ["their averages", { ...base, emaDecay: 0.9 }],
])("predictions and gates follow %s at every change, by a step or a state", async (_, training) => {
  const engine = await engineFor(toyWith({ ppnet, training }), 2);
  const batch = { data, rows: rowsBetween(0, 99) };
  const seen = async () => ({ outputs: await engine.predict(batch), gates: await engine.gates(batch) });
  const [start, before] = [await engine.state(), await seen()];
  await train(engine, 1);
  const [later, after] = [await engine.state(), await seen()];
  expect(after).not.toEqual(before);
  await engine.restore(start);
  expect(await seen()).toEqual(before);
  await engine.restore(later);
  expect(await seen()).toEqual(after);
});

test("batches of any size follow each other, down to one row", async () => {
  const spec = toyWith({ ppnet, training: base });
  const [one, two] = [await engineFor(spec, 1), await engineFor(spec, 2)];
  for (const rows of [1, 31, 32, 33, 400, 7, 200]) {
    const batch = { data, rows: rowsBetween(0, rows) };
    expect((await two.step(batch, 0)).loss).toBeCloseTo((await one.step(batch, 0)).loss, 5);
  }
  expectClose(await two.state(), await one.state());
});

test.each([0, 39])(
  "a row that one thread cannot take (row %i of 40) fails the step, and the next one works",
  async (bad) => {
    const domains = Int32Array.from(data.domains as Int32Array);
    domains[bad] = 7;
    const engine = await engineFor(toySpec, 2);
    const rows = Int32Array.from({ length: 40 }, (_, i) => i);
    await expect(engine.step({ data: { ...data, domains }, rows }, 0)).rejects.toThrow("the domain is out of range");
    await expect(engine.predict({ data: { ...data, domains }, rows })).rejects.toThrow(`row ${bad} of 400`);
    expect(engine.steps).toBe(0);
    const untouched = await engineFor(toySpec, 2);
    expect(await engine.step({ data, rows }, 0)).toEqual(await untouched.step({ data, rows }, 0));
  },
);

test("shares are whole, in order, and nearly equal; few rows stay together", () => {
  const rows = Int32Array.from({ length: 103 }, (_, i) => i * 2);
  for (const size of [1, 2, 3, 6]) {
    const shares = Array.from({ length: size }, (_, rank) => memberShare({ data, rows }, rank, size).rows);
    expect(shares.flatMap((share) => [...share])).toEqual([...rows]);
    expect(Math.max(...shares.map((share) => share.length))).toBe(largestShare(103, size));
    expect(Math.min(...shares.map((share) => share.length))).toBeGreaterThanOrEqual(Math.floor(103 / size));
  }
  expect([0, 1].map((rank) => memberShare({ data, rows: rows.subarray(0, 31) }, rank, 2).rows.length)).toEqual([31, 0]);
});

test("work is divided so that nobody has much more than another", () => {
  const pieces = [50, 40, 30, 20, 10, 10, 9, 1].map((work, i) => ({ name: `piece ${i}`, work }));
  const owners = divide(pieces, 2);
  const load = [0, 1].map((rank) =>
    pieces.reduce((sum, { name, work }) => sum + (owners.get(name) === rank ? work : 0), 0),
  );
  expect(load.reduce((a, b) => a + b)).toBe(170);
  expect(Math.abs((load[0] as number) - (load[1] as number))).toBeLessThanOrEqual(10);
  expect(divide([...pieces].reverse(), 2)).toEqual(owners);
});

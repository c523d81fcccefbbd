/** Threads outlive their engines: the next engine works in them as in fresh ones. */
import { availableParallelism } from "node:os";
import { afterEach, expect, test } from "vitest";
import { bytesIn, movableIn } from "../../../src/core/engine/compiled/worker.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine } from "../../../src/core/engine/engine.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { rowsBetween, toyData, toySpec, toyWith } from "./toy.js";

const open: Engine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

const data = toyData(200);
let started = 0;
process.on("worker", () => started++);

async function trained(spec: ModelSpec, threads: number): Promise<Engine> {
  const engine = await createEngine(spec, { threads });
  open.push(engine);
  for (let step = 0; step < 3; step++) await engine.step({ data, rows: rowsBetween(step * 50, step * 50 + 50) }, 0);
  return engine;
}

test("an engine goes on in the threads of one before, of another model and after a failed step", async () => {
  const first = await trained(toySpec, 2);
  const fresh = await first.state();
  const domains = Int32Array.from(data.domains as Int32Array).fill(9);
  await expect(first.step({ data: { ...data, domains }, rows: rowsBetween(0, 50) }, 0)).rejects.toThrow("out of range");
  await first.dispose();
  await first.dispose();
  const before = started;
  const other = await trained(toyWith({ ppnet: { ...toySpec.ppnet, hidden: [3] } }), 2);
  await other.dispose();
  expect(await (await trained(toySpec, 2)).state()).toEqual(fresh);
  expect(started).toBe(before);
});

test("engines side by side have threads of their own", async () => {
  const [one, two] = await Promise.all([trained(toySpec, 2), trained(toySpec, 2)]);
  expect(await one.state()).toEqual(await two.state());
});

test("small steps use one thread by default, and as many as before from 60 million operations on", async () => {
  const { flopsPerRow } = await import("../../../src/core/nn/plan/size.js").then(({ modelSize }) => modelSize(toySpec));
  const threadsOf = async (batchSize: number | null) => {
    const engine = await createEngine({ ...toySpec, training: { ...toySpec.training, batchSize } }, {});
    open.push(engine);
    return engine.threads;
  };
  const several = Math.min(2, availableParallelism());
  // A step computes the forward products, and backward those to the weights and to the inputs.
  const rows = 20e6 / flopsPerRow;
  expect(await threadsOf(Math.floor(rows * 0.9))).toBe(1);
  expect(await threadsOf(Math.ceil(rows * 1.2))).toBe(several);
  expect(await threadsOf(null)).toBe(several);
});

test("buffers are found wherever they are, and each counted once", () => {
  const shared = new Float32Array(new SharedArrayBuffer(40));
  const own = new Float32Array(4);
  const value = { map: new Map([["a", [own, own.subarray(1)]]]), deep: { shared }, text: "", nothing: null };
  expect(movableIn(value)).toEqual([own.buffer]);
  expect(bytesIn(value)).toBe(56);
});

test.each([0, -1, 1.5, 200_000, 1e9, Number.NaN, "2", null])(
  "%s threads are refused before any starts",
  async (threads) => {
    const before = started;
    await expect(createEngine(toySpec, { threads: threads as number })).rejects.toThrow(
      /options\.threads: not a valid number of threads\n.*\n.*an integer from 1 to \d+/,
    );
    expect(started).toBe(before);
  },
);

/** Steps leave nothing behind: no tensor, and no memory beyond what the first of them needed. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import * as tf from "../../../src/core/tfjs/index.js";
import { rowsBetween, toyData, toyWith } from "./toy.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** One matrix of a batch is some 13 kB at least: kept once a step, it would be 20 MB. Measured: less than 1 MB. */
const most = 512;
const spec = toyWith({ ppnet: { hidden: [24, 16], activation: "nn.ReLU", dropout: [0.2], gamma: 2 } });
const data = toyData(most);

const memory = (): { tensors: number; heap: number; resident: number } => {
  collect();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { tensors: tf.memory().numTensors, heap: (heapUsed + external) / 2 ** 20, resident: rss / 2 ** 20 };
};

/** The eager engine has no threads, whose memory only the system sees: a heap of this process shows its leaks sooner. */
test.each<[EngineName, number, number, number]>([
  ["compiled", 500, 1500, 5],
  ["wasm", 100, 400, 1],
])("%s: after %i steps, %i more", async (name, first, more, mostHeap) => {
  const engine = await createEngine(spec, { engine: name });
  onTestFinished(() => engine.dispose());
  const batch = { data, rows: rowsBetween(0, name === "compiled" ? most : most / 2) };
  const run = async (steps: number): Promise<void> => {
    for (let step = 0; step < steps; step++) {
      await engine.step(batch, 0);
      if (step % 100 === 99) {
        await engine.predict(batch);
        await engine.gates(batch);
      }
    }
  };
  await run(first);
  // A leak grows in every round; a process whose pages the system has not yet taken back grows in one.
  const growths: number[] = [];
  while (growths.length < 3 && !growths.some((growth) => growth < 30)) {
    const before = memory();
    await run(more);
    const after = memory();
    expect([before.tensors, after.tensors]).toEqual([0, 0]);
    expect(after.heap - before.heap).toBeLessThan(mostHeap);
    growths.push(after.resident - before.resident);
  }
  expect(Math.min(...growths)).toBeLessThan(30);
});

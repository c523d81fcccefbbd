/** A thread computes its share in pieces: the numbers are those of the share as a whole. */
import { afterEach, expect, test } from "vitest";
import { largestShare } from "../../../src/core/engine/core/crew.js";
import { pieceRows, splitPieces } from "../../../src/core/engine/core/sequences.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineOptions } from "../../../src/core/engine/engine.js";
import { rowsBetween, toyData, toySpec, toyWith } from "./toy.js";

const open: Engine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function engineFor(options: EngineOptions, spec = plain): Promise<Engine> {
  const engine = await createEngine(spec, options);
  open.push(engine);
  return engine;
}

/** Two threads have three pieces each, one of them a row shorter. */
const rows = 10_001;
const data = toyData(rows);
/** Without dropout, whose masks each piece draws for itself; SGD, whose updates are as near as the gradients. */
const plain = toyWith({
  ppnet: { ...toySpec.ppnet, dropout: [] },
  training: {
    ...toySpec.training,
    dense: { kind: "sgd", lr: 0.1, momentum: 0.5, weightDecay: 0, dampening: 0, nesterov: false },
    sparse: { kind: "sgd", lr: 0.1, maxGradient: null },
  },
});
const batch = { data, rows: rowsBetween(0, rows) };

function distance(actual: Float32Array, expected: Float32Array | undefined): number {
  expect(actual.length).toBe(expected?.length);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected?.[i] as number))), 0);
}

test("batches of several pieces train, predict and show gates as the eager engine does on the whole", async () => {
  const whole = await engineFor({ engine: "wasm" });
  const pieces = await engineFor({ threads: 2 });
  expect(largestShare(rows, 2)).toBeGreaterThan(2 * pieceRows);
  // Fewer rows in between: what the pieces write into is kept, and must not show.
  for (const count of [rows, 700, 5000, rows]) {
    const part = { data, rows: rowsBetween(0, count) };
    expect((await pieces.step(part, 0)).loss).toBeCloseTo((await whole.step(part, 0)).loss, 4);
  }
  const expected = await whole.state();
  for (const [name, { data: values }] of (await pieces.state()).weights) {
    expect(distance(values, expected.weights.get(name)?.data), name).toBeLessThan(1e-5);
  }
  const override = [{ module: "epnet", tower: null, layer: 0, where: null, values: 1 } as const];
  for (const overrides of [undefined, override]) {
    const towers = await whole.predict(batch, overrides);
    for (const [task, { logits }] of (await pieces.predict(batch, overrides)).entries())
      expect(distance(logits, towers[task]?.logits)).toBeLessThan(1e-5);
  }
  const gates = await whole.gates(batch);
  for (const [site, { values }] of (await pieces.gates(batch)).entries())
    expect(distance(values, gates[site]?.values)).toBeLessThan(1e-5);
});

test("with dropout, the same seed gives the same bits, and no piece has another's masks", async () => {
  const first = await engineFor({ threads: 1, seed: 3 }, toySpec);
  const second = await engineFor({ threads: 1, seed: 3 }, toySpec);
  for (const engine of [first, second]) await engine.step(batch, 0);
  expect(await second.state()).toEqual(await first.state());
  // The same rows in each of two pieces: with the same masks, their mean loss would be that of one piece.
  const half = Array.from({ length: pieceRows }, (_, i) => i % 64);
  const twice = { data, rows: Int32Array.from([...half, ...half]) };
  const [one, two] = [
    await engineFor({ threads: 1, seed: 3 }, toySpec),
    await engineFor({ threads: 1, seed: 3 }, toySpec),
  ];
  const { loss } = await one.step({ data, rows: Int32Array.from(half) }, 0);
  expect(Math.abs((await two.step(twice, 0)).loss - loss)).toBeGreaterThan(1e-6);
});

test("pieces are whole, in order, as few as can be and nearly equal", () => {
  for (const [count, sizes] of [
    [0, [0]],
    [1, [1]],
    [100, [100]],
    [101, [50, 51]],
    [299, [99, 100, 100]],
  ] as const) {
    const pieces = splitPieces({ data, rows: rowsBetween(0, count) }, 100);
    expect(pieces.map((piece) => piece.rows.length)).toEqual(sizes);
    expect(pieces.flatMap((piece) => [...piece.rows])).toEqual([...rowsBetween(0, count)]);
  }
});

/** Optimisers: dense ones against PyTorch's numbers, sparse ones against slow references that touch every row. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { denseOptimizer } from "../../../src/core/engine/core/optimizers.js";
import { sparseOptimizer } from "../../../src/core/engine/core/sparse-optimizer.js";
import { EmbeddingTable } from "../../../src/core/engine/core/weight-store.js";
import type { DenseOptimizerSpec, SparseOptimizerSpec } from "../../../src/core/spec/training.js";
import { random } from "../../../src/core/util/random.js";
import { hasShared, sharedPath } from "../../shared.js";
import { addGradient } from "./toy.js";

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface DenseCase {
  readonly name: string;
  readonly param: Tensor;
  readonly grads: readonly Tensor[];
  readonly after: readonly Tensor[];
}

/** `adam lr=0.01 weight_decay=0.1 amsgrad` with PyTorch's defaults. */
function denseSpec(name: string): DenseOptimizerSpec {
  const [kind, ...words] = name.split(" ");
  const given = new Map(words.map((word): [string, string | undefined] => [word.split("=")[0]!, word.split("=")[1]]));
  const number = (key: string, fallback: number) => Number(given.get(key) ?? fallback);
  const shared = { lr: number("lr", 0), weightDecay: number("weight_decay", kind === "adamw" ? 0.01 : 0) };
  switch (kind) {
    case "sgd":
      return { kind, ...shared, momentum: number("momentum", 0), dampening: 0, nesterov: given.has("nesterov") };
    case "adagrad":
      return { kind, ...shared, initialAccumulator: number("initial_accumulator_value", 0), eps: number("eps", 1e-10) };
    case "adam":
    case "adamw":
      return { kind, ...shared, beta1: 0.9, beta2: 0.999, eps: 1e-8, amsgrad: given.has("amsgrad") };
    case "adadelta":
      return { kind, ...shared, rho: number("rho", 0.9), eps: number("eps", 1e-6) };
    case "rmsprop":
      return { kind, ...shared, alpha: number("alpha", 0.99), eps: number("eps", 1e-8) };
    default:
      throw new Error(`an optimiser this test does not know: ${kind}`);
  }
}

describe.skipIf(!hasShared)("dense optimisers are PyTorch's", () => {
  const cases = hasShared
    ? (JSON.parse(readFileSync(sharedPath("golden", "dense_optimizers.json"), "utf8")) as { cases: DenseCase[] }).cases
    : [];
  test.each(cases)("$name", ({ name, param, grads, after }) => {
    const spec = denseSpec(name);
    const values = Float32Array.from(param.data);
    const optimizer = denseOptimizer(spec, values.length);
    grads.forEach((gradient, i) => {
      optimizer.update(values, Float32Array.from(gradient.data), spec.lr, i + 1);
      const expected = after[i] as Tensor;
      const limit = 1e-5 * Math.max(...expected.data.map(Math.abs)) + 1e-7;
      values.forEach((value, k) => {
        expect(Math.abs(value - (expected.data[k] as number))).toBeLessThanOrEqual(limit);
      });
    });
  });
});

const rows = 9;
const dim = 3;
type Reference = (value: number[], gradient: number[], slots: number[][], rate: number, step: number) => void;

const square = (values: number[]) => values.reduce((sum, value) => sum + value * value, 0) / values.length;

function move(values: number[], by: (j: number) => number): void {
  for (let j = 0; j < values.length; j++) values[j] = (values[j] as number) - by(j);
}

const references: [string, SparseOptimizerSpec, Reference][] = [
  ["sgd", { kind: "sgd", lr: 0.1, maxGradient: null }, (w, g, _, rate) => move(w, (j) => rate * (g[j] as number))],
  [
    "adagrad from an initial accumulator",
    { kind: "adagrad", lr: 0.1, initialAccumulator: 0.1, maxGradient: null },
    (w, g, slots, rate) => {
      slots[0] ??= w.map(() => 0.1);
      g.forEach((x, j) => {
        const s = slots[0] as number[];
        s[j] = (s[j] as number) + x * x;
        w[j] = (w[j] as number) - (rate * x) / (Math.sqrt(s[j] as number) + 1e-8);
      });
    },
  ],
  [
    "rowwise_adagrad",
    { kind: "rowwise_adagrad", lr: 0.1, weightDecay: 0, weightDecayMode: "NONE", maxGradient: null },
    (w, g, slots, rate) => {
      slots[0] = [((slots[0]?.[0] as number) ?? 0) + square(g)];
      move(w, (j) => (rate * (g[j] as number)) / (Math.sqrt(slots[0]?.[0] as number) + 1e-8));
    },
  ],
  [
    "adam with decay",
    { kind: "adam", lr: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0.1, maxGradient: null },
    (w, g, slots, rate, step) => adamReference(w, g, slots, rate, step, false, 0.1),
  ],
  [
    "partial_rowwise_adam",
    { kind: "partial_rowwise_adam", lr: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, maxGradient: null },
    (w, g, slots, rate, step) => adamReference(w, g, slots, rate, step, true, 0),
  ],
  ...(["NONE", "L2", "DECOUPLE"] as const).map((weightDecayMode): (typeof references)[number] => [
    `rowwise_adagrad with decay, mode ${weightDecayMode}`,
    { kind: "rowwise_adagrad", lr: 0.1, weightDecay: 0.2, weightDecayMode, maxGradient: null },
    (w, g, slots, rate) => {
      const decayed = weightDecayMode === "L2" ? g.map((x, j) => x + 0.2 * (w[j] as number)) : g;
      slots[0] = [((slots[0]?.[0] as number) ?? 0) + square(decayed)];
      const shrink = weightDecayMode === "DECOUPLE" ? rate * 0.2 : 0;
      const scale = rate / (Math.sqrt(slots[0][0] as number) + 1e-8);
      move(w, (j) => shrink * (w[j] as number) + scale * (decayed[j] as number));
    },
  ]),
];

function adamReference(
  w: number[],
  g: number[],
  slots: number[][],
  rate: number,
  step: number,
  rowwise: boolean,
  decay: number,
) {
  slots[0] ??= w.map(() => 0);
  slots[1] ??= w.map(() => 0);
  const [m, v] = slots as [number[], number[]];
  const mean = square(g);
  g.forEach((x, j) => {
    m[j] = 0.9 * (m[j] as number) + 0.1 * x;
    v[j] = 0.99 * (v[j] as number) + 0.01 * (rowwise ? mean : x * x);
    const scaled = (m[j] as number) / (1 - 0.9 ** step) / (Math.sqrt((v[j] as number) / (1 - 0.99 ** step)) + 1e-8);
    w[j] = (w[j] as number) - rate * (scaled + decay * (w[j] as number));
  });
}

describe("sparse optimisers touch the touched rows only, duplicates summed first", () => {
  test.each(references)("%s", (_, spec, reference) => {
    const source = random(5);
    const start = Float32Array.from({ length: rows * dim }, () => source.normal());
    const table = new EmbeddingTable("t", rows, dim, start.slice());
    const optimizer = sparseOptimizer(spec, table);
    const wanted = Array.from({ length: rows }, (_, row) => Array.from(start.subarray(row * dim, row * dim + dim)));
    const slots: number[][][] = Array.from({ length: rows }, () => []);
    const everTouched = new Set<number>();
    for (let step = 1; step <= 5; step++) {
      const sums = new Map<number, number[]>();
      for (let k = 0; k < 6; k++) {
        const row = source.integer(rows - 2); // the last two rows are never touched
        const gradient = Float32Array.from({ length: dim }, () => source.normal());
        addGradient(table, row, gradient);
        const sum = sums.get(row) ?? new Array<number>(dim).fill(0);
        gradient.forEach((x, j) => {
          sum[j] = (sum[j] as number) + x;
        });
        sums.set(row, sum);
        everTouched.add(row);
      }
      for (const [row, gradient] of sums)
        reference(wanted[row] as number[], gradient, slots[row] as number[][], 0.1, step);
      optimizer.update(0.1, step);
      table.clear();
    }
    expect(everTouched.size).toBeGreaterThan(3);
    for (let row = 0; row < rows; row++) {
      const actual = table.values.subarray(row * dim, row * dim + dim);
      if (!everTouched.has(row)) expect(actual).toEqual(start.subarray(row * dim, row * dim + dim));
      actual.forEach((value, j) => {
        expect(value).toBeCloseTo(wanted[row]?.[j] as number, 5);
      });
    }
  });

  test("a sparse optimiser that is not computed here is refused by its name when it updates", () => {
    const table = new EmbeddingTable("t", rows, dim, new Float32Array(rows * dim));
    const lamb = sparseOptimizer({ kind: "other", field: "lamb_optimizer", config: {} }, table);
    expect(lamb.slots).toEqual({});
    expect(() => lamb.update(0.1, 1)).toThrow(/lamb_optimizer/);
  });
});

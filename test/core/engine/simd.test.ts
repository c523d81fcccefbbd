/** The dense side's vector kernels, bit by bit against one number at a time, whatever the numbers and the memory. */
import { describe, expect, test } from "vitest";
import { clipGradients, denseOptimizer, moveAverage } from "../../../src/core/engine/core/optimizers.js";
import { addInto, kernel } from "../../../src/core/engine/core/simd.js";
import type { DenseOptimizerSpec } from "../../../src/core/spec/training.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { freshState, type State, updated } from "./plain-optimizers.js";

const f = Math.fround;
const [smallest, largest] = [2 ** -149, f(3.4028234e38)];
const edges = [0, -0, Infinity, -Infinity, Number.NaN, smallest, -smallest, 2 ** -126, largest, -largest, 1e-30, -1e20];
/** Below, at and above vectors of four and the 4,096 elements that a kernel takes at a time. */
const sizes = [0, 1, 3, 4, 5, 63, 4095, 4096, 4097, 8195];

/** Numbers of all magnitudes, and each edge at every twentieth place or so. */
function numbers(size: number, source: Random, shared: boolean): Float32Array {
  const bytes = 4 * size;
  const values = new Float32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return fill(values, source);
}

function fill(values: Float32Array, source: Random): Float32Array {
  for (let i = 0; i < values.length; i++) {
    const edge = source.integer(20) === 0;
    values[i] = edge
      ? (edges[source.integer(edges.length)] as number)
      : source.normal() * 10 ** (source.integer(9) - 6);
  }
  return values;
}

/** Equal bits, where NaN is one value and −0 is not 0. */
function expectSame(actual: Float32Array, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const other = Array.from(actual.keys()).filter((i) => !Object.is(actual[i], expected[i]));
  expect(other.slice(0, 3).map((i) => [i, actual[i], expected[i]])).toEqual([]);
}

const sgd = { kind: "sgd", lr: 0.1, momentum: 0, weightDecay: 0, dampening: 0, nesterov: false } as const;
const adagrad = { kind: "adagrad", lr: 0.1, weightDecay: 0, initialAccumulator: 0, eps: 1e-10 } as const;
const adam = { kind: "adam", lr: 0.1, beta1: 0.9, beta2: 0.999, weightDecay: 0, eps: 1e-8, amsgrad: false } as const;
const adadelta = { kind: "adadelta", lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 } as const;
const rmsprop = { kind: "rmsprop", lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0 } as const;
const specs: readonly DenseOptimizerSpec[] = [
  sgd,
  { ...sgd, weightDecay: 0.01 },
  { ...sgd, momentum: 0.9 },
  { ...sgd, momentum: 0.9, weightDecay: 0.01, dampening: 0.3 },
  { ...sgd, momentum: 0.8, weightDecay: 0.01, nesterov: true },
  adagrad,
  { ...adagrad, weightDecay: 0.1, initialAccumulator: 0.1 },
  adam,
  { ...adam, weightDecay: 0.1, beta1: 0.8 },
  { ...adam, amsgrad: true },
  { ...adam, kind: "adamw", weightDecay: 0.1 },
  { ...adam, kind: "adamw", weightDecay: 0.1, amsgrad: true, eps: 1e-5 },
  adadelta,
  { ...adadelta, weightDecay: 0.1, rho: 0.95 },
  rmsprop,
  { ...rmsprop, weightDecay: 0.1, alpha: 0.9 },
];

describe("dense optimisers give the bits of PyTorch's operations, one number at a time", () => {
  test.each(specs.map((spec): [string, DenseOptimizerSpec] => [JSON.stringify(spec), spec]))("%s", (_, spec) => {
    for (const size of sizes) {
      const source = random(size + 1);
      const shared = size % 2 === 1;
      const values = numbers(size, source, shared);
      const optimizer = denseOptimizer(spec, size);
      const expected = Array.from(values);
      const states: State[] = expected.map(() => freshState(spec));
      const gradient = numbers(size, source, shared);
      for (let step = 1; step <= 4; step++) {
        fill(gradient, source);
        const given = gradient.slice();
        optimizer.update(values, gradient, spec.lr / step, step);
        for (let i = 0; i < size; i++)
          expected[i] = updated(
            spec,
            states[i] as State,
            expected[i] as number,
            given[i] as number,
            spec.lr / step,
            step,
          );
        expectSame(values, expected);
        expectSame(gradient, given);
        expect(Object.keys(optimizer.slots)).toEqual(Object.keys(freshState(spec)));
        for (const [name, slot] of Object.entries(optimizer.slots))
          expectSame(
            slot,
            states.map((state) => state[name] as number),
          );
      }
    }
  });

  test("arrays that begin inside of others are updated where they are, and nothing around them", () => {
    const memory = new Float32Array(new SharedArrayBuffer(4 * 40)).fill(7);
    const values = memory.subarray(3, 3 + 10).fill(1);
    denseOptimizer(sgd, 10).update(values, memory.subarray(20, 30), 0.5, 1);
    expect([...memory]).toEqual(Array.from({ length: 40 }, (_, i) => (i >= 3 && i < 13 ? -2.5 : 7)));
  });

  test("a gradient of another size is refused before anything changes", () => {
    const values = Float32Array.of(1, 2, 3);
    expect(() => denseOptimizer(sgd, 3).update(values, Float32Array.of(1, 2), 0.1, 1)).toThrow("3, 2");
    expect([...values]).toEqual([1, 2, 3]);
  });
});

describe("other loops over dense arrays", () => {
  const pairs = (work: (a: Float32Array, b: Float32Array) => void, expected: (a: number, b: number) => number) => {
    for (const size of sizes) {
      const source = random(size + 2);
      const [a, b] = [numbers(size, source, size % 2 === 0), numbers(size, source, size % 2 === 1)];
      const wanted = a.map((value, i) => expected(value, b[i] as number));
      work(a, b);
      expectSame(a, wanted);
    }
  };

  test("sums", () => {
    pairs(addInto, (a, b) => a + b);
    pairs(
      (a, b) => addInto(a, b, 1 / 3),
      (a, b) => a + f(f(1 / 3) * b),
    );
  });

  test("moving averages, with PyTorch's lerp from either end", () => {
    const [near, far] = [f(1 - 0.999), f(1 - 0.3)];
    pairs(
      (a, b) => moveAverage(a, b, 0.5, 1),
      (_, b) => b,
    );
    pairs(
      (a, b) => moveAverage(a, b, 0.999, 2),
      (a, b) => a + f(near * f(b - a)),
    );
    pairs(
      (a, b) => moveAverage(a, b, 0.3, 2),
      (a, b) => b - f(f(b - a) * f(1 - far)),
    );
  });

  test("clipping by value", () => {
    const clipping = { type: "value", maxGradient: 0.1, normType: 2, global: false } as const;
    pairs(
      (a) => clipGradients([a], clipping),
      (a) => Math.min(0.1, Math.max(-0.1, a)),
    );
  });

  test("clipping by norm scales by one float32 number", () => {
    const source = random(3);
    const gradient = Float32Array.from({ length: 4099 }, () => source.normal());
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    const expected = gradient.map((g) => g * f(2 / (norm + 1e-6)));
    clipGradients([gradient], { type: "norm", maxGradient: 2, normType: 2, global: false });
    expectSame(gradient, expected);
  });
});

describe("formulas", () => {
  const compute = (...lines: string[]) => {
    const values = Float32Array.of(3, 5);
    kernel({ arrays: ["x"], scalars: ["two"], lines })({ x: values }, { two: 2 });
    return [...values];
  };

  test("operations go by rank, and from left to right", () => {
    expect(compute("x = x - two * x - two")).toEqual([-5, -7]);
    expect(compute("x = x / two / two + x * (two - x)")).toEqual([-2.25, -13.75]);
    expect(compute("x = max(two * two, min(x, two + two + two))", "y = x * x", "x = sqrt(y) - two")).toEqual([2, 3]);
  });

  test.each(["x = y + x", "x = x +", "x = x two", "x = (x", "x = sqrt(x, two)", "x + two", "= x", "x = x % two"])(
    "%s is refused",
    (line) => {
      expect(() => compute(line)).toThrow(line);
    },
  );
});

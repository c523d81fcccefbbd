/** What compiling promises: the same numbers for any row count, and refusals that name operation and line. */

import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import * as tf from "../../../src/core/tfjs/index.js";
import "../../../src/core/nn/program.js";
import { compile } from "../../../src/core/jit/compile.js";
import { detach } from "../../../src/core/nn/layers.js";
import type { Program, ProgramInput } from "../../../src/core/tfjs/program.js";
import { random } from "../../../src/core/util/random.js";

const matrix: ProgramInput = { name: "x", dtype: "float32", shape: ["rows", 3] };

/** Runs a program eagerly and compiled on the same numbers, for each row count. */
async function compare(program: Program, inputs: readonly ProgramInput[], rowCounts: readonly number[]): Promise<void> {
  const { bytes, inputs: names } = compile(program, { inputs });
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const source = random(1);
  for (const rows of rowCounts) {
    const values = inputs.map(({ name, shape }) => {
      const dims = shape.map((dim) => (typeof dim === "number" ? dim : rows));
      return {
        name,
        dims,
        data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => source.normal()),
      };
    });
    await tf.setBackend("cpu");
    const fed = new Map(values.map(({ name, dims, data }) => [name, tf.tensor(data, dims)]));
    const expected = new Map([...program(fed, new Map())].map(([name, tensor]) => [name, tensor.dataSync()]));
    const feeds = Object.fromEntries(
      values
        .filter(({ name }) => names.includes(name))
        .map(({ name, dims, data }) => [name, new ort.Tensor("float32", data, dims)]),
    );
    const results = await session.run(feeds);
    for (const [name, numbers] of expected) {
      const actual = results[name]?.data as Float32Array;
      expect(actual.length).toBe(numbers.length);
      numbers.forEach((value, i) => {
        expect(Math.abs((actual[i] as number) - value)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(value)));
      });
    }
  }
  await session.release();
}

/** A program of x, with the gradient of its sum. */
function withGradient(f: (x: tf.Tensor) => tf.Tensor): Program {
  return (tensors) => {
    const x = tensors.get("x") as tf.Tensor;
    const { value, grads } = tf.engine().gradients(() => tf.sum(f(x)) as tf.Scalar, [x], undefined, true);
    return new Map([
      ["value", value],
      ["gradient", grads[0] as tf.Tensor],
    ]);
  };
}

test("a gradient over rows x rows is compiled without memory for its ones", () => {
  const pairs = withGradient((x) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, false, true));
  const before = process.resourceUsage().maxRSS;
  compile(pairs, { inputs: [matrix] });
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(500);
});

describe("programs give the same numbers compiled, for any row count", () => {
  const operations: [string, (x: tf.Tensor) => tf.Tensor][] = [
    ["softmax", (x) => tf.mul(tf.softmax(x), x)],
    [
      "layer normalisation by hand",
      (x) => tf.div(tf.sub(x, tf.mean(x, 1, true)), tf.sqrt(tf.add(tf.mean(tf.square(x), 1, true), 1))),
    ],
    [
      "slices, concat and transpose",
      (x) => tf.matMul(tf.concat([tf.slice(x, [0, 1], [-1, 2]), x], 1) as tf.Tensor2D, tf.ones([5, 2])),
    ],
    ["gather with repeated rows", (x) => tf.square(tf.gather(tf.transpose(x), tf.tensor1d([0, 2, 2], "int32")))],
    ["where, maximum and comparison", (x) => tf.where(tf.greater(detach(x), 0.5), tf.square(x), tf.maximum(x, -1))],
    ["leaky ReLU, ELU, SELU, ReLU6", (x) => tf.addN([tf.leakyRelu(x, 0.1), tf.elu(x), tf.selu(x), tf.relu6(x)])],
    [
      "clip, abs, exp, log1p, tanh, erf",
      (x) =>
        tf.mul(tf.clipByValue(x, -1, 1), tf.add(tf.log1p(tf.exp(tf.neg(tf.abs(x)))), tf.add(tf.tanh(x), tf.erf(x)))),
    ],
    [
      "pow, squared difference, rsqrt",
      (x) => tf.mul(tf.squaredDifference(x, 0.3), tf.rsqrt(tf.add(tf.pow(tf.abs(x), 1.5), 1))),
    ],
    ["reshape to groups of columns", (x) => tf.sum(tf.reshape(x, [-1, 3, 1]), 2)],
    ["stack and unstack", (x) => tf.mul(tf.stack(tf.unstack(x, 1), -1), tf.sum(tf.stack([x, x], 1), 1))],
    ["tile", (x) => tf.square(tf.tile(x, [1, 2]))],
    ["maximum, minimum and sum of each row", (x) => tf.mul(tf.max(x, 1), tf.mul(tf.min(x, 1), tf.sum(x, 1)))],
    ["log-sum-exp of rows far apart", (x) => tf.logSumExp(tf.mul(x, 200), 1)],
    [
      "where behind comparisons of what takes a gradient",
      (x) => tf.where(tf.logicalAnd(tf.greater(x, 0), tf.logicalNot(tf.less(x, 0.5))), tf.exp(x), tf.mul(x, 3)),
    ],
    ["a comparison as a number", (x) => tf.mul(x, tf.cast(tf.greaterEqual(x, tf.mean(x, 1, true)), "float32"))],
  ];
  test.each(operations)("%s", async (_, operation) => {
    await compare(withGradient(operation), [matrix], [1, 7, 64]);
  });

  test("an input that tells its number of rows only", async () => {
    const ones: Program = (tensors) => new Map([["ones", tf.ones([tensors.get("x")?.shape[0] as number, 2])]]);
    await compare(ones, [matrix], [1, 7]);
  });
});

/** The line of this file, from 1, on which a text stands. */
const lineOf = (text: string): number =>
  readFileSync(__filename, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text) && !line.includes("lineOf")) + 1;

describe("what cannot be compiled is refused by operation and line, with a way out", () => {
  // Each mark stands on the line that is to be named.
  const refused: [string, (x: tf.Tensor) => tf.Tensor, RegExp][] = [
    [
      "mean",
      (x) => tf.sub(x, /* mark mean */ tf.mean(x, 0)),
      /tf\.mean cannot be compiled: it computes with numbers that depend on the number of rows/,
    ],
    [
      "count",
      (x) => tf.mul(x, /* mark count */ 1 / (x.shape[0] as number)),
      /tf\.mul cannot be compiled: it computes with numbers that depend on the number of rows/,
    ],
    [
      "dataSync",
      (x) => tf.mul(x, /* mark dataSync */ x.dataSync()[0] as number),
      /dataSync cannot be compiled: it reads the values of a tensor/,
    ],
    [
      "array",
      (x) => [x.array(), x][1] as tf.Tensor /* mark array */,
      /array cannot be compiled: it reads the values of a tensor/,
    ],
    [
      "print",
      (x) => [x.print(), x][1] as tf.Tensor /* mark print */,
      /print cannot be compiled: it reads the values of a tensor/,
    ],
    [
      "cumsum",
      (x) => tf.mul(x, /* mark cumsum */ tf.cumsum(x, 1)),
      /tf\.cumsum cannot be compiled: TF\.js's kernel Cumsum has no lowering/,
    ],
    [
      "flow",
      (x) => ((x.shape[0] as number) > 1000 ? x : tf.square(x)) /* mark flow */,
      /tf\.square cannot be compiled: its control flow depends on the number of rows/,
    ],
    [
      "parity",
      (x) => ((x.shape[0] as number) % 2 === 0 ? x : tf.square(x)) /* mark parity */,
      /tf\.square cannot be compiled: its control flow depends on the number of rows/,
    ],
    [
      "uniform",
      (x) => tf.mul(x, /* mark uniform */ tf.randomUniform([3])),
      /tf\.randomUniform cannot be compiled: it draws random numbers/,
    ],
    [
      "dropout",
      (x) => tf.dropout(x, 0.5) /* mark dropout */,
      /tf\.dropout cannot be compiled: it draws random numbers/,
    ],
    [
      "random",
      (x) => tf.mul(x, /* mark random */ Math.random()),
      /Math\.random cannot be compiled: it draws random numbers/,
    ],
    [
      "time",
      (x) => tf.mul(x, /* mark time */ performance.now()),
      /tf\.mul cannot be compiled: its result changes between calls/,
    ],
    ["slice", (x) => tf.slice(x, [1, 0], [-1, -1]) /* mark slice */, /tf\.slice cannot be compiled: a dimension/],
    ["ranks", (x) => tf.matMul(x, tf.ones([1, 3, 2])) /* mark ranks */, /product of tensors of different rank/],
    ["batched", (x) => tf.gather(x, /* mark batched */ tf.tensor2d([[0], [1]], [2, 1], "int32"), 1, 1), /gather/],
  ];
  test.each(refused)("%s", (mark, operation, message) => {
    let error: Error | undefined;
    try {
      compile(withGradient(operation), { inputs: [matrix] });
    } catch (caught) {
      error = caught as Error;
    }
    expect(error?.message).toMatch(message);
    expect(error?.message).toContain(`test/core/jit/compile.test.ts:${lineOf(`/* mark ${mark} */`)}:`);
    expect(error?.message).toMatch(/engine: "wasm"/);
    expect(error?.name).toBe("EngineError");
    expect(Math.random()).not.toBe(Math.random());
  });

  test("a tensor made outside the program", async () => {
    await tf.setBackend("cpu");
    const outside = tf.tensor1d([1, 2, 3]);
    expect(() =>
      compile(
        withGradient((x) => tf.mul(x, outside)),
        { inputs: [matrix] },
      ),
    ).toThrow(/created outside the program/);
  });

  test("a refused trace leaves TF.js on the backend it had", async () => {
    await tf.setBackend("cpu");
    expect(() =>
      compile(
        withGradient((x) => tf.cumsum(x, 1)),
        { inputs: [matrix] },
      ),
    ).toThrow();
    expect(tf.getBackend()).toBe("cpu");
  });

  test("a trace before any other use of TF.js leaves the operations that follow working", () => {
    tf.registerBackend("last", tf.findBackendFactory("cpu"));
    tf.engine().setBackend("last");
    tf.removeBackend("last"); // as in a new process: none is active
    expect(tf.getBackend()).toBe(null);
    compile(
      withGradient((x) => tf.square(x)),
      { inputs: [matrix] },
    );
    expect([...tf.add(tf.ones([2]), 1).dataSync()]).toEqual([2, 2]);
  });
});

/** What compiling promises: the same numbers for any row count, a readable graph, and refusals that name the operation. */
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import {
  compile,
  type InputDeclaration,
  lowerProgram,
  type OnnxGraph,
  type TensorProgram,
} from "../../src/jit/index.js";
import { detach } from "../../src/nn/detach.js";
import { random } from "../../src/util/random.js";

const matrix: InputDeclaration = { name: "x", dtype: "float32", shape: ["rows", 3] };
const weight: InputDeclaration = { name: "w", dtype: "float32", shape: [2, 3] };

/** A graph as text, one operation a line. */
function text(graph: OnnxGraph): string {
  const names = new Map<string, string>();
  const short = (name: string) => names.get(name) ?? name;
  for (const { name, shape, bytes } of graph.constants) {
    const numbers =
      shape.length === 0
        ? new Float32Array(bytes.buffer, bytes.byteOffset, 1)[0]
        : `[${new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8).join()}]`;
    names.set(name, String(numbers));
  }
  return graph.nodes
    .map(({ op, inputs, outputs, attributes }) => {
      const extra = Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `${outputs.join(", ")} = ${op}(${[...inputs.map(short), ...extra].join(", ")})`;
    })
    .join("\n");
}

/** Runs a program eagerly and compiled on the same numbers, for each row count. */
async function compare(
  program: TensorProgram,
  inputs: readonly InputDeclaration[],
  rowCounts: readonly number[],
): Promise<void> {
  const { bytes, inputs: names } = compile(program, inputs, []);
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
function withGradient(f: (x: tf.Tensor) => tf.Tensor): TensorProgram {
  return (tensors) => {
    const x = tensors.get("x") as tf.Tensor;
    const { value, grads } = tf.engine().gradients(() => tf.sum(f(x)) as tf.Scalar, [x], undefined, true);
    return new Map([
      ["value", value],
      ["gradient", grads[0] as tf.Tensor],
    ]);
  };
}

test("the lowered graph of a linear layer with ReLU and its gradient", () => {
  const program: TensorProgram = (tensors) => {
    const [x, w] = [tensors.get("x"), tensors.get("w")] as [tf.Tensor2D, tf.Tensor2D];
    const { value, grads } = tf
      .engine()
      .gradients(() => tf.sum(tf.relu(tf.matMul(x, w, false, true))) as tf.Scalar, [w], undefined, true);
    return new Map([
      ["loss", value],
      ["grad:w", grads[0] as tf.Tensor],
    ]);
  };
  expect(text(lowerProgram(program, [matrix, weight], []))).toMatchInlineSnapshot(`
    "Gemm_0 = Gemm(x, w, transA=0, transB=1)
    Relu_1 = Relu(Gemm_0)
    ReduceSum_3 = ReduceSum(Relu_1, [0,1], keepdims=0)
    Mul_5 = Mul(1, 1)
    Greater_7 = Greater(Relu_1, 0)
    Cast_8 = Cast(Greater_7, to=1)
    Mul_9 = Mul(Mul_5, Cast_8)
    Gemm_10 = Gemm(Mul_9, x, transA=1, transB=0)
    loss = Identity(ReduceSum_3)
    grad:w = Identity(Gemm_10)"
  `);
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
    ["tile", (x) => tf.square(tf.tile(x, [1, 2]))],
  ];
  test.each(operations)("%s", async (_, operation) => {
    await compare(withGradient(operation), [matrix], [1, 7, 64]);
  });
});

describe("what cannot be compiled is refused by name, with a way out", () => {
  const refused: [string, (x: tf.Tensor) => tf.Tensor, RegExp][] = [
    [
      "a mean over rows, whose count TF.js uses as a number",
      (x) => tf.mean(x, 0),
      /number of rows, enter the arithmetic/,
    ],
    [
      "a row count used as a number",
      (x) => tf.mul(x, 1 / (x.shape[0] as number)),
      /number of rows, enter the arithmetic/,
    ],
    [
      "values read while tracing",
      (x) => tf.mul(x, x.dataSync()[0] as number),
      /dataSync[\s\S]*reads a tensor's values/,
    ],
    ["an operation without a lowering", (x) => tf.cumsum(x, 1), /Cumsum has no lowering/],
    [
      "control flow by the number of rows",
      (x) => ((x.shape[0] as number) % 4 === 1 ? x : tf.square(x)),
      /depends on the number of rows|multiple/,
    ],
    ["JavaScript's randomness", (x) => tf.mul(x, tf.randomUniform([3])), /random/],
  ];
  test.each(refused)("%s", (_, operation, message) => {
    const error = (() => {
      try {
        compile(withGradient(operation), [matrix], []);
      } catch (caught) {
        return caught as Error;
      }
      return null;
    })();
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/engine: "wasm"/);
  });

  test("a tensor made outside the program", async () => {
    await tf.setBackend("cpu");
    const outside = tf.tensor1d([1, 2, 3]);
    expect(() =>
      compile(
        withGradient((x) => tf.mul(x, outside)),
        [matrix],
        [],
      ),
    ).toThrow(/made before, outside the program/);
  });

  test("a refused trace leaves TF.js on the backend it had", async () => {
    await tf.setBackend("cpu");
    expect(() =>
      compile(
        withGradient((x) => tf.cumsum(x, 1)),
        [matrix],
        [],
      ),
    ).toThrow();
    expect(tf.getBackend()).toBe("cpu");
  });
});

/** Activations have PyTorch's values and derivatives, and are read as configs write them. */

import { beforeAll, describe, expect, test } from "vitest";
import { activate } from "../../../src/core/nn/layers.js";
import { activationNames, parseActivation } from "../../../src/core/spec/validate/mlp.js";
import * as tf from "../../../src/core/tfjs/index.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0);

/** Error function by its series, exact to double precision on the points below. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** PReLU has a weight, which starts at 0.25. */
const weights = { tensor: () => tf.tensor1d([0.25]) } as never;

/** PyTorch's documented formulas. */
const formulas: Readonly<Record<string, (x: number) => number>> = {
  "nn.Identity()": (x) => x,
  "nn.ReLU": (x) => Math.max(x, 0),
  "nn.ReLU6()": (x) => Math.min(Math.max(x, 0), 6),
  "nn.PReLU": (x) => (x > 0 ? x : 0.25 * x),
  "nn.LeakyReLU": (x) => (x > 0 ? x : 0.01 * x),
  "nn.LeakyReLU(negative_slope=0.2)": (x) => (x > 0 ? x : 0.2 * x),
  "nn.LeakyReLU(0.3, inplace=True)": (x) => (x > 0 ? x : 0.3 * x),
  "nn.ELU(alpha=0.5)": (x) => (x > 0 ? x : 0.5 * Math.expm1(x)),
  "nn.SELU": (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  "nn.CELU(alpha=2.0)": (x) => Math.max(0, x) + Math.min(0, 2 * Math.expm1(x / 2)),
  "nn.GELU": (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  "nn.GELU(approximate='tanh')": (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  "nn.SiLU": (x) => x * sigmoid(x),
  "nn.Mish": (x) => x * Math.tanh(softplus(x)),
  "nn.Sigmoid": sigmoid,
  "nn.LogSigmoid": (x) => -softplus(-x),
  "nn.Hardsigmoid": (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  "nn.Hardswish": (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  "nn.Hardtanh(min_val=-2, max_val=1.5)": (x) => Math.min(Math.max(x, -2), 1.5),
  "torch.nn.Tanh": Math.tanh,
  "nn.Tanhshrink": (x) => x - Math.tanh(x),
  "nn.Softplus(beta=2)": (x) => softplus(2 * x) / 2,
  "nn.Softplus(beta=2, threshold=1.5)": (x) => (2 * x > 1.5 ? x : softplus(2 * x) / 2),
  "nn.Hardshrink": (x) => (Math.abs(x) > 0.5 ? x : 0),
  "nn.Softshrink(lambd=0.6)": (x) => Math.sign(x) * Math.max(Math.abs(x) - 0.6, 0),
  "nn.Softsign": (x) => x / (1 + Math.abs(x)),
};

/** Away from the kinks, where a derivative is what it is on both sides. */
const points = [-4.2, -2.3, -0.7, -0.05, 0.05, 0.9, 1.7, 4.4];

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("values and derivatives", () => {
  test.each(Object.entries(formulas))("%s", (text, formula) => {
    const activation = parseActivation(text, "ppnet.activation");
    const x = tf.tensor1d(points);
    const { value, grads } = tf
      .engine()
      .gradients(() => tf.sum(activate(weights, "layer", x as never, activation)) as tf.Scalar, [x], undefined, true);
    const values = activate(weights, "layer", x as never, activation).dataSync();
    const slopes = grads[0]?.dataSync() as Float32Array;
    points.forEach((point, i) => {
      expect(values[i]).toBeCloseTo(formula(point), 5);
      expect(slopes[i]).toBeCloseTo((formula(point + 1e-5) - formula(point - 1e-5)) / 2e-5, 4);
    });
    expect(value.dataSync()[0]).toBeCloseTo(
      points.reduce((sum, point) => sum + formula(point), 0),
      3,
    );
  });

  test("every activation that is offered is among them", () => {
    const tested = new Set(Object.keys(formulas).map((text) => `nn.${/nn\.(\w+)/.exec(text)?.[1]}`));
    expect(activationNames.filter((name) => !tested.has(name))).toEqual(["Dice"]); // of whole batches: dice.test.ts
  });
});

describe("what is written in a config", () => {
  test("an empty text is no activation", () => {
    expect(parseActivation("", "towers.ctr.mlp.activation").name).toBe("Identity");
  });

  test.each([
    ["nn.Relu", /towers\.ctr\.mlp\.activation: unknown activation[\s\S]*"nn\.Relu"[\s\S]*did you mean "nn\.ReLU"/],
    ["relu", /did you mean "nn\.ReLU"/],
    ["nn.RReLU", /RReLU is not supported here, only in TorchEasyRec[\s\S]*a config that you only print or edit keeps/],
    ["nn.Dice", /unknown activation "nn\.Dice"[\s\S]*did you mean "Dice"/],
    ["nn.LeakyReLU(slope=0.2)", /cannot parse an argument[\s\S]*slope=0\.2[\s\S]*negative_slope=…/],
  ])("%s is refused with the near name", (text, message) => {
    expect(() => parseActivation(text, "towers.ctr.mlp.activation")).toThrow(message);
  });
});

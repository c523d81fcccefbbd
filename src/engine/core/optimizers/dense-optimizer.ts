/**
 * Optimisers of dense parameters with PyTorch's formulas (`torch.optim`, single-tensor code): in float32, rounded
 * after each operation. The rounding matters: PyTorch's Adam decays by a beta2 of 0.9990000129 but adds by 0.001,
 * and over a run the difference reaches the fourth digit of a loss.
 */
import type { DenseOptimizerSpec } from "../../../spec/index.js";
import { kernel } from "../simd/kernel.js";

/** State arrays of one parameter by name, each of the parameter's size, and the update. */
export interface DenseOptimizer {
  readonly slots: Readonly<Record<string, Float32Array>>;
  /** Updates in place. `step` counts from 1. */
  update(values: Float32Array, gradient: Float32Array, learningRate: number, step: number): void;
}

type Maker<K extends DenseOptimizerSpec["kind"]> = (
  spec: Extract<DenseOptimizerSpec, { kind: K }>,
  size: number,
) => DenseOptimizer;

export function denseOptimizer(spec: DenseOptimizerSpec, size: number): DenseOptimizer {
  return makers[spec.kind](spec as never, size);
}

/** The gradient for the formulas. Without decay it is unchanged: 0 · value may be NaN or −0. */
function decayedGradient(decay: number): string {
  return Math.fround(decay) === 0 ? "g = gradient" : "g = gradient + decay * value";
}

const sgd: Maker<"sgd"> = (spec, size) => {
  const { momentum, nesterov, weightDecay: decay } = spec;
  const velocity = new Float32Array(momentum === 0 ? 0 : size);
  const formula = (move: string) =>
    kernel({
      arrays: ["value", "gradient", "velocity"],
      scalars: ["rate", "decay", "keep", "add"],
      lines: [
        decayedGradient(decay),
        momentum !== 0 && `velocity = ${move}`,
        momentum === 0 ? "move = g" : nesterov ? "move = g + keep * velocity" : "move = velocity",
        "value = value - rate * move",
      ],
    });
  const [first, later] = [formula("g"), formula("keep * velocity + add * g")];
  return {
    slots: (momentum === 0 ? {} : { momentum_buffer: velocity }) as Record<string, Float32Array>,
    update(value, gradient, rate, step) {
      const run = step === 1 ? first : later;
      run({ value, gradient, velocity }, { rate, decay, keep: momentum, add: 1 - spec.dampening });
    },
  };
};

const adagrad: Maker<"adagrad"> = (spec, size) => {
  const { weightDecay: decay, eps } = spec;
  const sum = new Float32Array(size).fill(spec.initialAccumulator);
  const run = kernel({
    arrays: ["value", "gradient", "sum"],
    scalars: ["rate", "decay", "eps"],
    lines: [decayedGradient(decay), "sum = sum + g * g", "value = value - rate * (g / (sqrt(sum) + eps))"],
  });
  return {
    slots: { sum },
    update(value, gradient, rate) {
      run({ value, gradient, sum }, { rate, decay, eps });
    },
  };
};

/** Adam adds the decay to the gradient, AdamW shrinks the values. */
const adam: Maker<"adam" | "adamw"> = (spec, size) => {
  const { beta1, beta2, amsgrad, weightDecay, eps } = spec;
  const decoupled = spec.kind === "adamw";
  const decay = decoupled ? 0 : weightDecay;
  const [first, second] = [new Float32Array(size), new Float32Array(size)];
  const largest = new Float32Array(amsgrad ? size : 0);
  const run = kernel({
    arrays: ["value", "gradient", "first", "second", "largest"],
    scalars: ["rate", "correction", "shrink", "decay", "add1", "keep2", "add2", "eps"],
    lines: [
      decoupled && "value = shrink * value",
      decayedGradient(decay),
      "first = first + add1 * (g - first)",
      "second = keep2 * second + add2 * g * g",
      amsgrad && "largest = max(largest, second)",
      `scale = sqrt(${amsgrad ? "largest" : "second"}) / correction + eps`,
      "value = value - rate * (first / scale)",
    ],
  });
  const constants = { decay, add1: 1 - beta1, keep2: beta2, add2: 1 - beta2, eps };
  return {
    slots: { exp_avg: first, exp_avg_sq: second, ...(amsgrad ? { max_exp_avg_sq: largest } : {}) } as Record<
      string,
      Float32Array
    >,
    update(value, gradient, learningRate, step) {
      const rate = learningRate / (1 - beta1 ** step);
      const correction = Math.sqrt(1 - beta2 ** step);
      const shrink = 1 - learningRate * weightDecay;
      run({ value, gradient, first, second, largest }, { ...constants, rate, correction, shrink });
    },
  };
};

const adadelta: Maker<"adadelta"> = (spec, size) => {
  const { rho, eps, weightDecay: decay } = spec;
  const [square, moved] = [new Float32Array(size), new Float32Array(size)];
  const run = kernel({
    arrays: ["value", "gradient", "square", "moved"],
    scalars: ["rate", "decay", "keep", "add", "eps"],
    lines: [
      decayedGradient(decay),
      "square = keep * square + add * g * g",
      "move = sqrt(moved + eps) / sqrt(square + eps) * g",
      "moved = keep * moved + add * move * move",
      "value = value - rate * move",
    ],
  });
  return {
    slots: { square_avg: square, acc_delta: moved },
    update(value, gradient, rate) {
      run({ value, gradient, square, moved }, { rate, decay, keep: rho, add: 1 - rho, eps });
    },
  };
};

const rmsprop: Maker<"rmsprop"> = (spec, size) => {
  const { alpha, eps, weightDecay: decay } = spec;
  const square = new Float32Array(size);
  const run = kernel({
    arrays: ["value", "gradient", "square"],
    scalars: ["rate", "decay", "keep", "add", "eps"],
    lines: [
      decayedGradient(decay),
      "square = keep * square + add * g * g",
      "value = value - rate * (g / (sqrt(square) + eps))",
    ],
  });
  return {
    slots: { square_avg: square },
    update(value, gradient, rate) {
      run({ value, gradient, square }, { rate, decay, keep: alpha, add: 1 - alpha, eps });
    },
  };
};

const makers: { readonly [K in DenseOptimizerSpec["kind"]]: Maker<K> } = {
  sgd,
  adagrad,
  adam: adam as Maker<"adam">,
  adamw: adam as Maker<"adamw">,
  adadelta,
  rmsprop,
};

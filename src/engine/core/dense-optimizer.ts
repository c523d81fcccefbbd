/** Optimisers of dense parameters, as PyTorch computes them (`torch.optim`, single-tensor code). */
import type { DenseOptimizerSpec } from "../../spec/index.js";

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

/** An optimiser for a parameter of `size` numbers. */
export function denseOptimizer(spec: DenseOptimizerSpec, size: number): DenseOptimizer {
  return makers[spec.kind](spec as never, size);
}

const sgd: Maker<"sgd"> = (spec, size) => {
  const { momentum, weightDecay, dampening, nesterov } = spec;
  const velocity = new Float32Array(momentum === 0 ? 0 : size);
  return {
    slots: (momentum === 0 ? {} : { momentum_buffer: velocity }) as Record<string, Float32Array>,
    update(values, gradient, learningRate, step) {
      for (let i = 0; i < size; i++) {
        const g = (gradient[i] as number) + weightDecay * (values[i] as number);
        let move = g;
        if (momentum !== 0) {
          velocity[i] = step === 1 ? g : momentum * (velocity[i] as number) + (1 - dampening) * g;
          move = nesterov ? g + momentum * (velocity[i] as number) : (velocity[i] as number);
        }
        values[i] = (values[i] as number) - learningRate * move;
      }
    },
  };
};

const adagrad: Maker<"adagrad"> = (spec, size) => {
  const sum = new Float32Array(size).fill(spec.initialAccumulator);
  return {
    slots: { sum },
    update(values, gradient, learningRate) {
      for (let i = 0; i < size; i++) {
        const g = (gradient[i] as number) + spec.weightDecay * (values[i] as number);
        sum[i] = (sum[i] as number) + g * g;
        values[i] = (values[i] as number) - (learningRate * g) / (Math.sqrt(sum[i] as number) + spec.eps);
      }
    },
  };
};

/** Adam adds the decay to the gradient, AdamW shrinks the values. */
const adam: Maker<"adam" | "adamw"> = (spec, size) => {
  const { beta1, beta2, eps, weightDecay, amsgrad } = spec;
  const decoupled = spec.kind === "adamw";
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  const largest = new Float32Array(amsgrad ? size : 0);
  return {
    slots: { exp_avg: first, exp_avg_sq: second, ...(amsgrad ? { max_exp_avg_sq: largest } : {}) } as Record<
      string,
      Float32Array
    >,
    update(values, gradient, learningRate, step) {
      const rate = learningRate / (1 - beta1 ** step);
      const correction = Math.sqrt(1 - beta2 ** step);
      const keep = decoupled ? 1 - learningRate * weightDecay : 1;
      const coupled = decoupled ? 0 : weightDecay;
      for (let i = 0; i < size; i++) {
        const value = values[i] as number;
        const g = (gradient[i] as number) + coupled * value;
        const m = beta1 * (first[i] as number) + (1 - beta1) * g;
        const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        let scale = v;
        if (amsgrad) {
          scale = Math.max(largest[i] as number, v);
          largest[i] = scale;
        }
        values[i] = keep * value - (rate * m) / (Math.sqrt(scale) / correction + eps);
      }
    },
  };
};

const adadelta: Maker<"adadelta"> = (spec, size) => {
  const { rho, eps, weightDecay } = spec;
  const square = new Float32Array(size);
  const delta = new Float32Array(size);
  return {
    slots: { square_avg: square, acc_delta: delta },
    update(values, gradient, learningRate) {
      for (let i = 0; i < size; i++) {
        const g = (gradient[i] as number) + weightDecay * (values[i] as number);
        square[i] = rho * (square[i] as number) + (1 - rho) * g * g;
        const move = (Math.sqrt((delta[i] as number) + eps) / Math.sqrt((square[i] as number) + eps)) * g;
        delta[i] = rho * (delta[i] as number) + (1 - rho) * move * move;
        values[i] = (values[i] as number) - learningRate * move;
      }
    },
  };
};

const rmsprop: Maker<"rmsprop"> = (spec, size) => {
  const { alpha, eps, weightDecay } = spec;
  const square = new Float32Array(size);
  return {
    slots: { square_avg: square },
    update(values, gradient, learningRate) {
      for (let i = 0; i < size; i++) {
        const g = (gradient[i] as number) + weightDecay * (values[i] as number);
        square[i] = alpha * (square[i] as number) + (1 - alpha) * g * g;
        values[i] = (values[i] as number) - (learningRate * g) / (Math.sqrt(square[i] as number) + eps);
      }
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

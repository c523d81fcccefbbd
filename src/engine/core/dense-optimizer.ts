/**
 * Optimisers of dense parameters, as PyTorch computes them (`torch.optim`, single-tensor code): in float32, rounded
 * after each of its operations. The rounding is part of it: its Adam decays by a beta2 of 0.9990000129 but adds by
 * 0.001, and over a run the difference grows into the fourth digit of a loss.
 */
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

const f32 = Math.fround;

/** gradient + decay · value */
function decayed(gradient: number, value: number, decay: number): number {
  return decay === 0 ? gradient : f32(gradient + f32(decay * value));
}

const sgd: Maker<"sgd"> = (spec, size) => {
  const { momentum, nesterov } = spec;
  const [decay, keep, add] = [f32(spec.weightDecay), f32(momentum), f32(1 - spec.dampening)];
  const velocity = new Float32Array(momentum === 0 ? 0 : size);
  return {
    slots: (momentum === 0 ? {} : { momentum_buffer: velocity }) as Record<string, Float32Array>,
    update(values, gradient, learningRate, step) {
      const rate = f32(learningRate);
      for (let i = 0; i < size; i++) {
        const value = values[i] as number;
        const g = decayed(gradient[i] as number, value, decay);
        let move = g;
        if (momentum !== 0) {
          const v = step === 1 ? g : f32(f32(keep * (velocity[i] as number)) + f32(add * g));
          velocity[i] = v;
          move = nesterov ? f32(g + f32(keep * v)) : v;
        }
        values[i] = value - f32(rate * move);
      }
    },
  };
};

const adagrad: Maker<"adagrad"> = (spec, size) => {
  const [decay, eps] = [f32(spec.weightDecay), f32(spec.eps)];
  const sum = new Float32Array(size).fill(spec.initialAccumulator);
  return {
    slots: { sum },
    update(values, gradient, learningRate) {
      const rate = f32(learningRate);
      for (let i = 0; i < size; i++) {
        const value = values[i] as number;
        const g = decayed(gradient[i] as number, value, decay);
        const s = f32((sum[i] as number) + f32(g * g));
        sum[i] = s;
        values[i] = value - f32(rate * f32(g / f32(f32(Math.sqrt(s)) + eps)));
      }
    },
  };
};

/** Adam adds the decay to the gradient, AdamW shrinks the values. */
const adam: Maker<"adam" | "adamw"> = (spec, size) => {
  const { beta1, beta2, amsgrad, weightDecay } = spec;
  const decoupled = spec.kind === "adamw";
  const [add1, keep2, add2, eps] = [f32(1 - beta1), f32(beta2), f32(1 - beta2), f32(spec.eps)];
  const decay = f32(decoupled ? 0 : weightDecay);
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  const largest = new Float32Array(amsgrad ? size : 0);
  return {
    slots: { exp_avg: first, exp_avg_sq: second, ...(amsgrad ? { max_exp_avg_sq: largest } : {}) } as Record<
      string,
      Float32Array
    >,
    update(values, gradient, learningRate, step) {
      const rate = f32(learningRate / (1 - beta1 ** step));
      const correction = f32(Math.sqrt(1 - beta2 ** step));
      const shrink = f32(decoupled ? 1 - learningRate * weightDecay : 1);
      for (let i = 0; i < size; i++) {
        const value = f32(shrink * (values[i] as number));
        const g = decayed(gradient[i] as number, value, decay);
        const before = first[i] as number;
        const m = f32(before + f32(add1 * f32(g - before)));
        const v = f32(f32(keep2 * (second[i] as number)) + f32(f32(add2 * g) * g));
        first[i] = m;
        second[i] = v;
        let square = v;
        if (amsgrad) {
          square = Math.max(largest[i] as number, v);
          largest[i] = square;
        }
        const scale = f32(f32(f32(Math.sqrt(square)) / correction) + eps);
        values[i] = value - f32(rate * f32(m / scale));
      }
    },
  };
};

const adadelta: Maker<"adadelta"> = (spec, size) => {
  const [keep, add, eps, decay] = [f32(spec.rho), f32(1 - spec.rho), f32(spec.eps), f32(spec.weightDecay)];
  const square = new Float32Array(size);
  const moved = new Float32Array(size);
  return {
    slots: { square_avg: square, acc_delta: moved },
    update(values, gradient, learningRate) {
      const rate = f32(learningRate);
      for (let i = 0; i < size; i++) {
        const value = values[i] as number;
        const g = decayed(gradient[i] as number, value, decay);
        const s = f32(f32(keep * (square[i] as number)) + f32(f32(add * g) * g));
        square[i] = s;
        const deviation = f32(Math.sqrt(f32(s + eps)));
        const move = f32(f32(f32(Math.sqrt(f32((moved[i] as number) + eps))) / deviation) * g);
        moved[i] = f32(f32(keep * (moved[i] as number)) + f32(f32(add * move) * move));
        values[i] = value - f32(rate * move);
      }
    },
  };
};

const rmsprop: Maker<"rmsprop"> = (spec, size) => {
  const [keep, add, eps, decay] = [f32(spec.alpha), f32(1 - spec.alpha), f32(spec.eps), f32(spec.weightDecay)];
  const square = new Float32Array(size);
  return {
    slots: { square_avg: square },
    update(values, gradient, learningRate) {
      const rate = f32(learningRate);
      for (let i = 0; i < size; i++) {
        const value = values[i] as number;
        const g = decayed(gradient[i] as number, value, decay);
        const s = f32(f32(keep * (square[i] as number)) + f32(f32(add * g) * g));
        square[i] = s;
        values[i] = value - f32(rate * f32(g / f32(f32(Math.sqrt(s)) + eps)));
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

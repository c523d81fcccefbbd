/** The dense optimisers for one number, an operation a line as `torch.optim` has them, each rounded to float32. */
import type { DenseOptimizerSpec } from "../../../src/core/spec/training.js";

const f = Math.fround;

/** State of one number by the optimiser's slot names. */
export type State = Record<string, number>;

/** Slots of a fresh optimiser. */
export function freshState(spec: DenseOptimizerSpec): State {
  switch (spec.kind) {
    case "sgd":
      return spec.momentum === 0 ? {} : { momentum_buffer: 0 };
    case "adagrad":
      return { sum: f(spec.initialAccumulator) };
    case "adam":
    case "adamw":
      return { exp_avg: 0, exp_avg_sq: 0, ...(spec.amsgrad ? { max_exp_avg_sq: 0 } : {}) };
    case "adadelta":
      return { square_avg: 0, acc_delta: 0 };
    case "rmsprop":
      return { square_avg: 0 };
  }
}

/** The number after a step; changes the state. */
export function updated(
  spec: DenseOptimizerSpec,
  state: State,
  value: number,
  given: number,
  rate: number,
  step: number,
): number {
  const decay = spec.kind === "adamw" ? 0 : spec.weightDecay;
  const gradient = decay === 0 ? given : f(given + f(f(decay) * value));
  switch (spec.kind) {
    case "sgd":
      return f(value - f(f(rate) * sgdMove(spec, state, gradient, step)));
    case "adagrad": {
      state["sum"] = f((state["sum"] as number) + f(gradient * gradient));
      const scale = f(f(Math.sqrt(state["sum"])) + f(spec.eps));
      return f(value - f(f(rate) * f(gradient / scale)));
    }
    case "adam":
    case "adamw":
      return adam(spec, state, value, gradient, rate, step);
    case "adadelta": {
      const square = averagedSquare(state, "square_avg", spec.rho, gradient);
      const numerator = f(Math.sqrt(f((state["acc_delta"] as number) + f(spec.eps))));
      const denominator = f(Math.sqrt(f(square + f(spec.eps))));
      const move = f(f(numerator / denominator) * gradient);
      averagedSquare(state, "acc_delta", spec.rho, move);
      return f(value - f(f(rate) * move));
    }
    case "rmsprop": {
      const square = averagedSquare(state, "square_avg", spec.alpha, gradient);
      const scale = f(f(Math.sqrt(square)) + f(spec.eps));
      return f(value - f(f(rate) * f(gradient / scale)));
    }
  }
}

function sgdMove(
  { momentum, dampening, nesterov }: Extract<DenseOptimizerSpec, { kind: "sgd" }>,
  state: State,
  gradient: number,
  step: number,
): number {
  if (momentum === 0) return gradient;
  const kept = f(f(momentum) * (state["momentum_buffer"] as number));
  const velocity = step === 1 ? gradient : f(kept + f(f(1 - dampening) * gradient));
  state["momentum_buffer"] = velocity;
  return nesterov ? f(gradient + f(f(momentum) * velocity)) : velocity;
}

function adam(
  spec: Extract<DenseOptimizerSpec, { kind: "adam" | "adamw" }>,
  state: State,
  value: number,
  gradient: number,
  rate: number,
  step: number,
): number {
  const { beta1, beta2, eps, amsgrad, weightDecay } = spec;
  const shrunk = spec.kind === "adamw" ? f(f(1 - rate * weightDecay) * value) : value;
  const before = state["exp_avg"] as number;
  const first = f(before + f(f(1 - beta1) * f(gradient - before)));
  state["exp_avg"] = first;
  let second = averagedSquare(state, "exp_avg_sq", beta2, gradient);
  if (amsgrad) {
    second = Math.max(state["max_exp_avg_sq"] as number, second);
    state["max_exp_avg_sq"] = second;
  }
  const deviation = f(f(Math.sqrt(second)) / f(Math.sqrt(1 - beta2 ** step)));
  const move = f(first / f(deviation + f(eps)));
  return f(shrunk - f(f(rate / (1 - beta1 ** step)) * move));
}

function averagedSquare(state: State, slot: string, keep: number, x: number): number {
  const average = f(f(f(keep) * (state[slot] as number)) + f(f(f(1 - keep) * x) * x));
  state[slot] = average;
  return average;
}

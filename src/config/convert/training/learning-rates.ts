/**
 * Converts learning rates (`ExponentialDecayLR` and its siblings) to a spec and back.
 */
import type { LearningRateSpec } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import { compact, type Fields } from "../fields.js";

const names = {
  constant: "constant_learning_rate",
  exponential_decay: "exponential_decay_learning_rate",
  manual_step: "manual_step_learning_rate",
  cosine_annealing: "cosine_annealing_learning_rate",
  cosine_annealing_warm_restarts: "cosine_annealing_warm_restarts_learning_rate",
} as const;

/** Whether an optimiser has a separate schedule. */
export function hasLearningRate(optimizer: Fields): boolean {
  return optimizer.which(Object.values(names)) !== null;
}

/** Converts the learning rate of an optimiser message; the default is constant. */
export function readLearningRate(optimizer: Fields): LearningRateSpec {
  const name = optimizer.which(Object.values(names));
  if (name === null || name === names.constant) {
    optimizer.take(names.constant);
    return { kind: "constant" };
  }
  const rate = optimizer.child(name);
  if (name === names.manual_step) {
    return {
      kind: "manual_step",
      scheduleSizes: rate.numbers("schedule_sizes"),
      learningRates: rate.numbers("learning_rates"),
      warmup: rate.flag("warmup"),
      byEpoch: rate.flag("by_epoch"),
    };
  }
  const warmup = {
    minLearningRate: rate.number("min_learning_rate"),
    warmupLearningRate: rate.number("warmup_learning_rate"),
    warmupSize: rate.number("warmup_size"),
    byEpoch: rate.flag("by_epoch"),
  };
  if (name === names.exponential_decay) {
    return {
      kind: "exponential_decay",
      decaySize: rate.number("decay_size"),
      decayFactor: rate.number("decay_factor"),
      staircase: rate.flag("staircase"),
      ...warmup,
    };
  }
  if (name === names.cosine_annealing) return { kind: "cosine_annealing", tMax: rate.number("T_max"), ...warmup };
  return { kind: "cosine_annealing_warm_restarts", t0: rate.number("T_0"), tMult: rate.number("T_mult"), ...warmup };
}

/** Returns the oneof field for an optimiser message. */
export function writeLearningRate(rate: LearningRateSpec): JsonObject {
  return { [names[rate.kind]]: rateMessage(rate) };
}

function rateMessage(rate: LearningRateSpec): JsonObject {
  switch (rate.kind) {
    case "constant":
      return {};
    case "manual_step":
      return compact("ManualStepLR", {
        schedule_sizes: rate.scheduleSizes,
        learning_rates: rate.learningRates,
        warmup: rate.warmup,
        by_epoch: rate.byEpoch,
      });
    case "exponential_decay":
      return compact("ExponentialDecayLR", {
        decay_size: rate.decaySize,
        decay_factor: rate.decayFactor,
        staircase: rate.staircase,
        ...warmupFields(rate),
      });
    case "cosine_annealing":
      return compact("CosineAnnealingLR", { T_max: rate.tMax, ...warmupFields(rate) });
    case "cosine_annealing_warm_restarts":
      return compact("CosineAnnealingWarmRestartsLR", { T_0: rate.t0, T_mult: rate.tMult, ...warmupFields(rate) });
  }
}

function warmupFields(rate: Exclude<LearningRateSpec, { kind: "constant" | "manual_step" }>): JsonObject {
  return {
    warmup_learning_rate: rate.warmupLearningRate,
    warmup_size: rate.warmupSize,
    min_learning_rate: rate.minLearningRate,
    by_epoch: rate.byEpoch,
  };
}

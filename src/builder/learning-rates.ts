/** Learning rates over time, for `train({ denseLearningRate, sparseLearningRate })`. Sizes count steps, or epochs. */
import type { LearningRateSpec } from "../spec/index.js";

/** What all but the constant schedule share. */
export interface WarmupOptions {
  /** Steps (or epochs) over which the rate rises from `from` to the optimiser's. */
  readonly warmup?: {
    /** Steps (or epochs) until the optimiser's rate is reached. */
    readonly size: number;
    /** The first rate. Default: 0. */
    readonly from?: number;
  };
  /** The rate never falls below this. Default: 0. */
  readonly min?: number;
  /** Count epochs instead of steps. */
  readonly byEpoch?: boolean;
}

/** The optimiser's own rate throughout. */
export function constant(): LearningRateSpec {
  return Object.freeze<LearningRateSpec>({ kind: "constant" });
}

/** Settings of {@link exponentialDecay}. */
export interface ExponentialDecayOptions extends WarmupOptions {
  /** Steps (or epochs) over which the rate is multiplied by `factor` once. */
  readonly every: number;
  /** Default: 0.95. */
  readonly factor?: number;
  /** Fall in stairs rather than smoothly. Default: true. */
  readonly staircase?: boolean;
}

/** rate · factor^(step / every). */
export function exponentialDecay(options: ExponentialDecayOptions): LearningRateSpec {
  const { every, factor = 0.95, staircase = true } = options;
  const shared = warmupFields(options);
  return Object.freeze<LearningRateSpec>({
    kind: "exponential_decay",
    decaySize: every,
    decayFactor: factor,
    staircase,
    ...shared,
  });
}

/** Settings of {@link manualSteps}. */
export interface ManualStepsOptions {
  /** `[from step (or epoch), rate]`, ascending. */
  readonly at: readonly (readonly [from: number, rate: number])[];
  /** Rise linearly to the first rate. */
  readonly warmup?: boolean;
  /** Count epochs instead of steps. Default: false. */
  readonly byEpoch?: boolean;
}

/** Rates set by hand: `manualSteps({ at: [[1000, 5e-4], [2000, 1e-4]] })`. */
export function manualSteps({ at, warmup = false, byEpoch = false }: ManualStepsOptions): LearningRateSpec {
  return Object.freeze<LearningRateSpec>({
    kind: "manual_step",
    scheduleSizes: Object.freeze(at.map(([from]) => from)),
    learningRates: Object.freeze(at.map(([, rate]) => rate)),
    warmup,
    byEpoch,
  });
}

/** Settings of {@link cosine}. */
export interface CosineOptions extends WarmupOptions {
  /** Steps (or epochs) until the rate reaches its minimum. */
  readonly over: number;
}

/** Half a cosine from the optimiser's rate down to `min`. */
export function cosine(options: CosineOptions): LearningRateSpec {
  return Object.freeze<LearningRateSpec>({ kind: "cosine_annealing", tMax: options.over, ...warmupFields(options) });
}

/** Settings of {@link cosineRestarts}. */
export interface CosineRestartsOptions extends WarmupOptions {
  /** Steps (or epochs) of the first cosine. */
  readonly first: number;
  /** Each cosine is this many times as long as the one before. Default: 1. */
  readonly times?: number;
}

/** Cosines that start anew. */
export function cosineRestarts(options: CosineRestartsOptions): LearningRateSpec {
  const { first, times = 1 } = options;
  const shared = warmupFields(options);
  return Object.freeze<LearningRateSpec>({
    kind: "cosine_annealing_warm_restarts",
    t0: first,
    tMult: times,
    ...shared,
  });
}

function warmupFields({ warmup, min = 0, byEpoch = false }: WarmupOptions): {
  minLearningRate: number;
  warmupLearningRate: number;
  warmupSize: number;
  byEpoch: boolean;
} {
  return { minLearningRate: min, warmupLearningRate: warmup?.from ?? 0, warmupSize: warmup?.size ?? 0, byEpoch };
}

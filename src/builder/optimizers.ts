/**
 * Optimisers. If both sides support an optimiser, one function returns it for both: `adagrad(0.05)` is a dense and a
 * sparse optimiser, and `.train({ dense, sparse })` uses the matching side. A setting that a side lacks is an error.
 */
import { SpecError } from "../errors/index.js";
import type { DenseOptimizerSpec, SparseOptimizerSpec } from "../spec/training.js";

/** For `train({ dense })`: trains the dense parameters with PyTorch's formulas. */
export interface DenseOptimizer {
  /** The dense spec. Throws {@link SpecError} for a setting that the dense side lacks. */
  toDense(): DenseOptimizerSpec;
}

/** For `train({ sparse })`: trains the embedding tables and updates only the rows of the batch. */
export interface SparseOptimizer {
  /** The sparse spec. Throws {@link SpecError} for a setting that the sparse side lacks. */
  toSparse(): SparseOptimizerSpec;
}

/** For either side. */
export interface Optimizer extends DenseOptimizer, SparseOptimizer {}

/** Settings of {@link adam}; those for one side only are marked. */
export interface AdamOptions {
  /** Decay of the first moment. Default: 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default: 0.999. */
  readonly beta2?: number;
  /** Weight decay: the weights times this are added to the gradient (decoupled in {@link adamw}). Default: 0. */
  readonly weightDecay?: number;
  /** Dense only. Default: 1e-8. */
  readonly eps?: number;
  /** Dense only. */
  readonly amsgrad?: boolean;
  /** Sparse only: each number of a row's gradient is clipped to ± this value before rows of the same id are summed. */
  readonly maxGradient?: number;
}

/** Adam. */
export function adam(lr: number, options: AdamOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, weightDecay = 0, eps = 1e-8, amsgrad = false, maxGradient = null } = options;
  return Object.freeze<Optimizer>({
    toDense() {
      refuse("dense", "adam", options, ["maxGradient"]);
      return { kind: "adam", lr, beta1, beta2, weightDecay, eps, amsgrad };
    },
    toSparse() {
      refuse("sparse", "adam", options, ["eps", "amsgrad"]);
      return { kind: "adam", lr, beta1, beta2, weightDecay, maxGradient };
    },
  });
}

/** Settings of {@link adamw}. */
export type AdamwOptions = Omit<AdamOptions, "maxGradient">;

/** AdamW: Adam with decoupled weight decay (dense). */
export function adamw(lr: number, options: AdamwOptions = {}): DenseOptimizer {
  const { beta1 = 0.9, beta2 = 0.999, weightDecay = 0, eps = 1e-8, amsgrad = false } = options;
  return Object.freeze<DenseOptimizer>({
    toDense: () => ({ kind: "adamw", lr, beta1, beta2, weightDecay, eps, amsgrad }),
  });
}

/** Settings of {@link partialRowwiseAdam}. */
export type PartialRowwiseAdamOptions = Pick<AdamOptions, "beta1" | "beta2" | "weightDecay" | "maxGradient">;

/** Adam with one second moment per row (sparse). */
export function partialRowwiseAdam(lr: number, options: PartialRowwiseAdamOptions = {}): SparseOptimizer {
  const { beta1 = 0.9, beta2 = 0.999, weightDecay = 0, maxGradient = null } = options;
  return Object.freeze<SparseOptimizer>({
    toSparse: () => ({ kind: "partial_rowwise_adam", lr, beta1, beta2, weightDecay, maxGradient }),
  });
}

/** Settings of {@link adagrad}; those for one side only are marked. */
export interface AdagradOptions {
  /** Initial sum of squared gradients. Default: 0. */
  readonly initialAccumulator?: number;
  /** Dense only. */
  readonly weightDecay?: number;
  /** Dense only. Default: 1e-10. */
  readonly eps?: number;
  /** Sparse only: each number of a row's gradient is clipped to ± this value before rows of the same id are summed. */
  readonly maxGradient?: number;
}

/** Adagrad. */
export function adagrad(lr: number, options: AdagradOptions = {}): Optimizer {
  const { initialAccumulator = 0, weightDecay = 0, eps = 1e-10, maxGradient = null } = options;
  return Object.freeze<Optimizer>({
    toDense() {
      refuse("dense", "adagrad", options, ["maxGradient"]);
      return { kind: "adagrad", lr, weightDecay, initialAccumulator, eps };
    },
    toSparse() {
      refuse("sparse", "adagrad", options, ["weightDecay", "eps"]);
      return { kind: "adagrad", lr, initialAccumulator, maxGradient };
    },
  });
}

/** Settings of {@link rowwiseAdagrad}. */
export interface RowwiseAdagradOptions {
  /** Strength, applied as `weightDecayMode` says. Default: 0. */
  readonly weightDecay?: number;
  /** Default: `"NONE"`. */
  readonly weightDecayMode?: "NONE" | "L2" | "DECOUPLE";
  /**
   * Each number of a row's gradient is clipped to ± this value before rows of the same id are summed. Default: none.
   */
  readonly maxGradient?: number;
}

/** Adagrad with one accumulator per row, s += mean(g²) (sparse). */
export function rowwiseAdagrad(lr: number, options: RowwiseAdagradOptions = {}): SparseOptimizer {
  const { weightDecay = 0, weightDecayMode = "NONE", maxGradient = null } = options;
  return Object.freeze<SparseOptimizer>({
    toSparse: () => ({ kind: "rowwise_adagrad", lr, weightDecay, weightDecayMode, maxGradient }),
  });
}

/** Settings of {@link sgd}; those for one side only are marked. */
export interface SgdOptions {
  /** Dense only. */
  readonly momentum?: number;
  /** Dense only. */
  readonly weightDecay?: number;
  /** Dense only. */
  readonly dampening?: number;
  /** Dense only. */
  readonly nesterov?: boolean;
  /** Sparse only: each number of a row's gradient is clipped to ± this value before rows of the same id are summed. */
  readonly maxGradient?: number;
}

/** Stochastic gradient descent. */
export function sgd(lr: number, options: SgdOptions = {}): Optimizer {
  const { momentum = 0, weightDecay = 0, dampening = 0, nesterov = false, maxGradient = null } = options;
  return Object.freeze<Optimizer>({
    toDense() {
      refuse("dense", "sgd", options, ["maxGradient"]);
      return { kind: "sgd", lr, momentum, weightDecay, dampening, nesterov };
    },
    toSparse() {
      refuse("sparse", "sgd", options, ["momentum", "weightDecay", "dampening", "nesterov"]);
      return { kind: "sgd", lr, maxGradient };
    },
  });
}

/** Settings of {@link adadelta}. */
export interface AdadeltaOptions {
  /** Default: 0.95. */
  readonly rho?: number;
  /** Default: 1e-6. */
  readonly eps?: number;
  /** Weight decay: the weights times this are added to the gradient. Default: 0. */
  readonly weightDecay?: number;
}

/** Adadelta (dense). */
export function adadelta(lr: number, options: AdadeltaOptions = {}): DenseOptimizer {
  const { rho = 0.95, eps = 1e-6, weightDecay = 0 } = options;
  return Object.freeze<DenseOptimizer>({ toDense: () => ({ kind: "adadelta", lr, rho, eps, weightDecay }) });
}

/** Settings of {@link rmsprop}. */
export interface RmspropOptions {
  /** Default: 0.99. */
  readonly alpha?: number;
  /** Default: 1e-8. */
  readonly eps?: number;
  /** Weight decay: the weights times this are added to the gradient. Default: 0. */
  readonly weightDecay?: number;
}

/** RMSprop (dense). */
export function rmsprop(lr: number, options: RmspropOptions = {}): DenseOptimizer {
  const { alpha = 0.99, eps = 1e-8, weightDecay = 0 } = options;
  return Object.freeze<DenseOptimizer>({ toDense: () => ({ kind: "rmsprop", lr, alpha, eps, weightDecay }) });
}

/** Rejects settings that one side lacks, so that none is silently ignored. */
function refuse(side: "dense" | "sparse", kind: string, options: object, lacking: readonly string[]): void {
  const unsupported = Object.entries(options).filter(([name, value]) => value !== undefined && lacking.includes(name));
  if (unsupported.length === 0) return;
  throw new SpecError(
    unsupported.map(([name, value]) => ({
      path: `training.${side}.${name}`,
      message: `the ${side} ${kind} has no setting ${name}`,
      received: String(value),
      expected: `${kind} without ${name} on the ${side} side`,
      fix: `write a separate ${kind}(…) for each side`,
    })),
  );
}

/** Optimisers. `adagrad(0.05)` is for both sides of `.train({ dense, sparse })`; a setting that a side lacks throws. */
import { SpecError } from "../errors/index.js";
import { denseOptions, type KnownSparseOptimizer, sparseOptions } from "../spec/tables.js";
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

interface ClipOptions {
  /** Sparse only: each number of a row's gradient is clipped to ± this value before rows of the same id are summed. */
  readonly maxGradient?: number;
}

interface DecayOptions {
  /** Weight decay: the weights times this are added to the gradient (decoupled in {@link adamw}). Default: 0. */
  readonly weightDecay?: number;
}

interface MomentOptions extends DecayOptions {
  /** Decay of the first moment. Default: 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default: 0.999. */
  readonly beta2?: number;
}

/** Settings of {@link adamw}. */
export interface AdamwOptions extends MomentOptions {
  /** Added to the denominator, dense only. Default: 1e-8. */
  readonly eps?: number;
  /** Divide by the largest second moment so far (AMSGrad), dense only. Default: false. */
  readonly amsgrad?: boolean;
}

/** Settings of {@link adam}; those for one side only are marked. */
export interface AdamOptions extends AdamwOptions, ClipOptions {}

/** Adam. */
export function adam(lr: number, options: AdamOptions = {}): Optimizer {
  return optimizer("adam", lr, options);
}

/** AdamW: Adam with decoupled weight decay (dense). */
export function adamw(lr: number, options: AdamwOptions = {}): DenseOptimizer {
  return optimizer("adamw", lr, options);
}

/** Settings of {@link partialRowwiseAdam}. */
export interface PartialRowwiseAdamOptions extends MomentOptions, ClipOptions {}

/** Adam with one second moment per row (sparse). */
export function partialRowwiseAdam(lr: number, options: PartialRowwiseAdamOptions = {}): SparseOptimizer {
  return optimizer("partial_rowwise_adam", lr, options);
}

/** Settings of {@link adagrad}; those for one side only are marked, and weight decay is dense only. */
export interface AdagradOptions extends DecayOptions, ClipOptions {
  /** Initial sum of squared gradients. Default: 0. */
  readonly initialAccumulator?: number;
  /** Added to the denominator, dense only. Default: 1e-10. */
  readonly eps?: number;
}

/** Adagrad. */
export function adagrad(lr: number, options: AdagradOptions = {}): Optimizer {
  return optimizer("adagrad", lr, options, { eps: 1e-10 });
}

/** Settings of {@link rowwiseAdagrad}. */
export interface RowwiseAdagradOptions extends DecayOptions, ClipOptions {
  /** How weight decay is applied. Default: `"NONE"`. */
  readonly weightDecayMode?: "NONE" | "L2" | "DECOUPLE";
}

/** Adagrad with one accumulator per row, s += mean(g²) (sparse). */
export function rowwiseAdagrad(lr: number, options: RowwiseAdagradOptions = {}): SparseOptimizer {
  return optimizer("rowwise_adagrad", lr, options);
}

/** Settings of {@link sgd}: all but `maxGradient` are dense only. */
export interface SgdOptions extends DecayOptions, ClipOptions {
  /** Share of the previous step that is added to each step. Default: 0. */
  readonly momentum?: number;
  /** Share of each gradient that does not enter the momentum. Default: 0. */
  readonly dampening?: number;
  /** Whether to use Nesterov momentum. Default: false. */
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent. */
export function sgd(lr: number, options: SgdOptions = {}): Optimizer {
  return optimizer("sgd", lr, options);
}

/** Settings of {@link adadelta}. */
export interface AdadeltaOptions extends DecayOptions {
  /** Decay of the mean squared gradient and update. Default: 0.95. */
  readonly rho?: number;
  /** Added under both roots. Default: 1e-6. */
  readonly eps?: number;
}

/** Adadelta (dense). */
export function adadelta(lr: number, options: AdadeltaOptions = {}): DenseOptimizer {
  return optimizer("adadelta", lr, options, { rho: 0.95, eps: 1e-6 });
}

/** Settings of {@link rmsprop}. */
export interface RmspropOptions extends DecayOptions {
  /** Decay of the mean squared gradient. Default: 0.99. */
  readonly alpha?: number;
  /** Added to the denominator. Default: 1e-8. */
  readonly eps?: number;
}

/** RMSprop (dense). */
export function rmsprop(lr: number, options: RmspropOptions = {}): DenseOptimizer {
  return optimizer("rmsprop", lr, options, { alpha: 0.99 });
}

const usual = {
  beta1: 0.9,
  beta2: 0.999,
  weightDecay: 0,
  weightDecayMode: "NONE",
  eps: 1e-8,
  amsgrad: false,
  initialAccumulator: 0,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  maxGradient: null,
};

function optimizer(kind: string, lr: number, options: object, defaults: object = {}): Optimizer {
  const present = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: Readonly<Record<string, unknown>> = { ...usual, ...defaults, ...Object.fromEntries(present), lr };
  const side = (name: "dense" | "sparse", settingNames: readonly string[]): never => {
    // A setting that one side lacks would be ignored in silence.
    const unsupported = present.filter(([setting]) => !settingNames.includes(setting));
    const problems = unsupported.map(([setting, value]) => ({
      path: `training.${name}.${setting}`,
      message: `the ${name} ${kind} has no setting ${setting}`,
      received: String(value),
      expected: `${kind} without ${setting} on the ${name} side`,
      fix: `write a separate ${kind}(…) for each side`,
    }));
    if (problems.length > 0) throw new SpecError(problems);
    return Object.fromEntries([
      ["kind", kind],
      ...settingNames.map((setting) => [setting, settings[setting]]),
    ]) as never;
  };
  const dense = denseOptions[kind as DenseOptimizerSpec["kind"]] as object | undefined;
  const sparse = sparseOptions[kind as KnownSparseOptimizer["kind"]] as object | undefined;
  return Object.freeze({
    ...(dense && { toDense: () => side("dense", Object.keys(dense)) }),
    ...(sparse && { toSparse: () => side("sparse", [...Object.keys(sparse), "maxGradient"]) }),
  }) as Optimizer;
}

/** Optimisers. `adagrad(0.05)` is for both sides of `.train({ dense, sparse })`; a setting that a side lacks throws. */
import { SpecError } from "../errors/index.js";
import { denseOptions, type KnownSparseOptimizer, sparseOptions } from "../spec/tables.js";
import type { DenseOptimizerSpec, SparseOptimizerSpec } from "../spec/training.js";
import type { OfKind } from "../util/shape.js";

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

/** For either side of `train({ dense, sparse })`. */
export interface Optimizer extends DenseOptimizer, SparseOptimizer {}

interface ClipOptions {
  /** Sparse only: each number of a row's gradient is clipped to ± this value before rows of the same id are summed. */
  readonly maxGradient?: number;
}

type Settings<Spec extends { readonly kind: string }, Kind extends Spec["kind"]> = Partial<
  Omit<OfKind<Spec, Kind>, "kind" | "lr" | "maxGradient">
>;

/** Settings of {@link adamw}. Defaults: beta1 0.9, beta2 0.999, eps 1e-8, no decay. */
export interface AdamwOptions extends Settings<DenseOptimizerSpec, "adamw"> {}

/** Settings of {@link adam}, as of {@link adamw}; `eps` and `amsgrad` are dense only. */
export interface AdamOptions extends AdamwOptions, ClipOptions {}

/** Adam. */
export function adam(lr: number, options: AdamOptions = {}): Optimizer {
  return optimizer("adam", lr, options);
}

/** AdamW: Adam with decoupled weight decay (dense). */
export function adamw(lr: number, options: AdamwOptions = {}): DenseOptimizer {
  return optimizer("adamw", lr, options);
}

/** Settings of {@link partialRowwiseAdam}. Defaults: beta1 0.9, beta2 0.999, no decay. */
export interface PartialRowwiseAdamOptions extends Settings<SparseOptimizerSpec, "partial_rowwise_adam">, ClipOptions {}

/** Adam with one second moment per row (sparse). */
export function partialRowwiseAdam(lr: number, options: PartialRowwiseAdamOptions = {}): SparseOptimizer {
  return optimizer("partial_rowwise_adam", lr, options);
}

/** Settings of {@link adagrad}; `eps` (1e-10) and the decay (0) are dense only. The initial accumulator is 0. */
export interface AdagradOptions extends Settings<DenseOptimizerSpec, "adagrad">, ClipOptions {}

/** Adagrad. */
export function adagrad(lr: number, options: AdagradOptions = {}): Optimizer {
  return optimizer("adagrad", lr, options, { eps: 1e-10 });
}

/** Settings of {@link rowwiseAdagrad}. Defaults: no decay, in the mode `"NONE"`. */
export interface RowwiseAdagradOptions extends Settings<SparseOptimizerSpec, "rowwise_adagrad">, ClipOptions {}

/** Adagrad with one accumulator per row, s += mean(g²) (sparse). */
export function rowwiseAdagrad(lr: number, options: RowwiseAdagradOptions = {}): SparseOptimizer {
  return optimizer("rowwise_adagrad", lr, options);
}

/** Settings of {@link sgd}: all but `maxGradient` are dense only. Defaults: 0 and false. */
export interface SgdOptions extends Settings<DenseOptimizerSpec, "sgd">, ClipOptions {}

/** Stochastic gradient descent. */
export function sgd(lr: number, options: SgdOptions = {}): Optimizer {
  return optimizer("sgd", lr, options);
}

/** Settings of {@link adadelta}. Defaults: rho 0.95, eps 1e-6, no decay. */
export interface AdadeltaOptions extends Settings<DenseOptimizerSpec, "adadelta"> {}

/** Adadelta (dense). */
export function adadelta(lr: number, options: AdadeltaOptions = {}): DenseOptimizer {
  return optimizer("adadelta", lr, options, { rho: 0.95, eps: 1e-6 });
}

/** Settings of {@link rmsprop}. Defaults: alpha 0.99, eps 1e-8, no decay. */
export interface RmspropOptions extends Settings<DenseOptimizerSpec, "rmsprop"> {}

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
    // A setting that one side lacks would be ignored silently.
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

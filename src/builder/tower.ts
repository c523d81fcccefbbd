/** One task's tower: `.tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce().auc())` (TorchEasyRec `TaskTower`). */
import type { LossSpec, MetricSpec, TowerSpec } from "../spec/index.js";
import { deepFreeze } from "../util/freeze.js";
import type { MlpOptions } from "./mlp.js";
import { mlpSpec } from "./mlp.js";

/** A union of declared names, or advice in the error where none is declared yet. */
export type Declared<Names extends string, Advice extends string> = [Names] extends [never] ? Advice : Names;

/** A label that the model has. */
export type LabelName<L extends string> = Declared<L, "add .labels(…) first">;
/** A feature that the model has. */
export type FeatureName<F extends string> = Declared<F, "add .features(…) first">;

/** A tower under construction; each method returns a new one. `L`: the model's labels; `F`: its features. */
export interface Tower<L extends string, F extends string = string> {
  /** The task's name, such as `ctr`. */
  readonly name: string;
  /** The label column that the task predicts. */
  label(name: LabelName<L>): Tower<L, F>;
  /** Hidden layers, then options: `mlp(256, 128, 64, { dropout: 0.1 })`. Without, one linear layer alone. */
  mlp(...layers: readonly (number | MlpOptions)[]): Tower<L, F>;
  /** Binary cross entropy. */
  bce(options?: { readonly labelSmoothing?: number }): Tower<L, F>;
  /** Focal loss: hard examples weigh more. Defaults: gamma 2, alpha 0.5. */
  focal(options?: { readonly gamma?: number; readonly alpha?: number }): Tower<L, F>;
  /** Softmax cross entropy over classes 0 … numClass − 1. */
  softmax(numClass: number, options?: { readonly labelSmoothing?: number }): Tower<L, F>;
  /** Squared error, for a label that is a number. */
  l2(): Tower<L, F>;
  /** TorchEasyRec's AUC by thresholds, beside the exact one. Default: 200. */
  auc(options?: { readonly thresholds?: number }): Tower<L, F>;
  /** AUC within the rows of each value of a feature (usually the user), then the plain mean. */
  gauc(groupingKey: FeatureName<F>): Tower<L, F>;
  /** Share of right answers. Defaults: threshold 0.5, topK 1. */
  accuracy(options?: { readonly threshold?: number; readonly topK?: number }): Tower<L, F>;
  /** Mean absolute error. */
  mae(): Tower<L, F>;
  /** Mean squared error. */
  mse(): Tower<L, F>;
  /** Log loss divided by that of the mean rate. */
  normalizedEntropy(options?: { readonly eta?: number }): Tower<L, F>;
  /** Rows with `label` > 0 weigh `in`, the others `out`, in this task's loss. Defaults: in 1, out 1. */
  taskSpace(label: LabelName<L>, weights?: { readonly in?: number; readonly out?: number }): Tower<L, F>;
  /** The weight of this task's loss in the sum. Default: 1. */
  weight(weight: number): Tower<L, F>;
  /** A column, declared with `.sampleWeights(…)`, that weighs each row in this task's loss. */
  sampleWeight(field: string): Tower<L, F>;
  /** The tower so far, as frozen data. */
  toSpec(): TowerSpec;
}

/** The empty tower that `.tower(name, build)` hands to `build`. */
export function tower<L extends string, F extends string>(name: string): Tower<L, F> {
  return towerBuilder<L, F>({
    name,
    label: "",
    numClass: 1,
    mlp: null,
    losses: [],
    metrics: [],
    weight: 1,
    sampleWeight: null,
    taskSpace: null,
    extra: {},
  });
}

function towerBuilder<L extends string, F extends string>(spec: TowerSpec): Tower<L, F> {
  const next = (change: Partial<TowerSpec>): Tower<L, F> => towerBuilder<L, F>({ ...spec, ...change });
  const loss = (added: LossSpec, change: Partial<TowerSpec> = {}): Tower<L, F> =>
    next({ losses: [...spec.losses, added], ...change });
  const metric = (added: MetricSpec): Tower<L, F> => next({ metrics: [...spec.metrics, added] });
  return Object.freeze<Tower<L, F>>({
    name: spec.name,
    label: (name) => next({ label: name }),
    mlp: (...layers) => next({ mlp: mlpSpec(`towers.${spec.name}.mlp`, layers) }),
    bce: ({ labelSmoothing = 0 } = {}) => loss({ kind: "binary_cross_entropy", labelSmoothing }),
    focal: ({ gamma = 2, alpha = 0.5 } = {}) => loss({ kind: "binary_focal_loss", gamma, alpha }),
    softmax: (numClass, { labelSmoothing = 0 } = {}) =>
      loss({ kind: "softmax_cross_entropy", labelSmoothing }, { numClass }),
    l2: () => loss({ kind: "l2_loss" }),
    auc: ({ thresholds = 200 } = {}) => metric({ kind: "auc", thresholds }),
    gauc: (groupingKey) => metric({ kind: "grouped_auc", groupingKey }),
    accuracy: ({ threshold = 0.5, topK = 1 } = {}) => metric({ kind: "accuracy", threshold, topK }),
    mae: () => metric({ kind: "mean_absolute_error" }),
    mse: () => metric({ kind: "mean_squared_error" }),
    normalizedEntropy: ({ eta = 1e-12 } = {}) => metric({ kind: "normalized_entropy", eta }),
    taskSpace: (label, weights = {}) =>
      next({ taskSpace: { indicatorLabel: label, inWeight: weights.in ?? 1, outWeight: weights.out ?? 1 } }),
    weight: (weight) => next({ weight }),
    sampleWeight: (field) => next({ sampleWeight: field }),
    toSpec: () => deepFreeze({ ...spec }),
  });
}

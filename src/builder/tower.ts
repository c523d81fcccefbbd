/** One task's tower: `.tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce().auc())` (TorchEasyRec `TaskTower`). */
import type { LossSpec, MetricSpec, TowerSpec } from "../spec/index.js";
import { deepFreeze } from "../util/freeze.js";
import type { MlpOptions } from "./mlp.js";
import { mlpSpec } from "./mlp.js";

/** A union of declared names, or advice for the compiler error if none is declared. */
export type Declared<Names extends string, Advice extends string> = [Names] extends [never] ? Advice : Names;

/** A label of the model. */
export type LabelName<L extends string> = Declared<L, "add .labels(…) first">;
/** A feature of the model; `name[]` is a sequence of features. */
export type FeatureName<F extends string> = Declared<F, "add .features(…) first">;

/** The builder of a tower; each method returns a new builder. `L`: the model's labels; `F`: its features. */
export interface Tower<L extends string, F extends string = string> {
  /** The task's name, such as `ctr`. */
  readonly name: string;
  /** Sets the label column that the task predicts. */
  label(name: LabelName<L>): Tower<L, F>;
  /**
   * Sets hidden layers and options: `mlp(256, 128, 64, { dropout: 0.1 })`. Without it, the tower is one linear
   * layer.
   */
  mlp(...layers: readonly (number | MlpOptions)[]): Tower<L, F>;
  /** Binary cross entropy. */
  bce(options?: { readonly labelSmoothing?: number }): Tower<L, F>;
  /** Focal loss: hard examples have more weight. Defaults: gamma 2, alpha 0.5. */
  focal(options?: { readonly gamma?: number; readonly alpha?: number }): Tower<L, F>;
  /** Softmax cross entropy over classes 0 … numClass − 1. */
  softmax(numClass: number, options?: { readonly labelSmoothing?: number }): Tower<L, F>;
  /**
   * JRC: cross entropy of two classes, and a ranking of the rows with the same value of a feature, such as a user or a
   * request: each positive row against the negative ones, and the reverse. `alpha`: the share of the cross entropy.
   * Default: 0.5.
   */
  jrc(session: FeatureName<F>, options?: { readonly alpha?: number }): Tower<L, F>;
  /** Squared error, for a numeric label. */
  l2(): Tower<L, F>;
  /** TorchEasyRec's AUC by thresholds, in addition to the exact AUC. Default: 200. */
  auc(options?: { readonly thresholds?: number }): Tower<L, F>;
  /** Grouped AUC: the unweighted mean of the AUC within the rows of each value of a feature (usually the user). */
  gauc(groupingKey: FeatureName<F>): Tower<L, F>;
  /** Accuracy: the share of correct predictions. Defaults: threshold 0.5, topK 1. */
  accuracy(options?: { readonly threshold?: number; readonly topK?: number }): Tower<L, F>;
  /** AUC of each of several classes against the others, by thresholds. Defaults: 200, the plain mean over classes. */
  multiclassAuc(options?: { readonly thresholds?: number; readonly average?: "macro" | "weighted" }): Tower<L, F>;
  /**
   * The share of pairs of rows whose predictions are in the order of their labels, for an L2 loss. `inBatch`: pairs
   * within each batch of evaluation only.
   */
  xauc(options?: { readonly inBatch?: boolean }): Tower<L, F>;
  /** {@link Tower.xauc} within the rows of each value of a feature, weighted by their number. */
  groupedXauc(groupingKey: FeatureName<F>): Tower<L, F>;
  /** Mean absolute error. */
  mae(): Tower<L, F>;
  /** Mean squared error. */
  mse(): Tower<L, F>;
  /** Log loss divided by the log loss of the mean rate (normalised entropy). */
  normalizedEntropy(options?: { readonly eta?: number }): Tower<L, F>;
  /** Rows with `label` > 0 have weight `in` in this task's loss, the others `out`. Defaults: in 1, out 1. */
  taskSpace(label: LabelName<L>, weights?: { readonly in?: number; readonly out?: number }): Tower<L, F>;
  /** Sets the weight of this task's loss in the sum. Default: 1. */
  weight(weight: number): Tower<L, F>;
  /** Sets the column, declared with `.sampleWeights(…)`, that weights each row in this task's loss. */
  sampleWeight(field: string): Tower<L, F>;
  /** The tower so far, as frozen data. */
  toSpec(): TowerSpec;
}

/** The empty tower that `.tower(name, build)` passes to `build`. */
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
    jrc: (sessionName, { alpha = 0.5 } = {}) => loss({ kind: "jrc_loss", sessionName, alpha }, { numClass: 2 }),
    l2: () => loss({ kind: "l2_loss" }),
    auc: ({ thresholds = 200 } = {}) => metric({ kind: "auc", thresholds }),
    gauc: (groupingKey) => metric({ kind: "grouped_auc", groupingKey }),
    accuracy: ({ threshold = 0.5, topK = 1 } = {}) => metric({ kind: "accuracy", threshold, topK }),
    multiclassAuc: ({ thresholds = 200, average = "macro" } = {}) =>
      metric({ kind: "multiclass_auc", thresholds, average }),
    xauc: ({ inBatch = false } = {}) => metric({ kind: "xauc", sampleRatio: 0.001, maxPairs: null, inBatch }),
    groupedXauc: (groupingKey) => metric({ kind: "grouped_xauc", groupingKey, maxPairsPerGroup: 100 }),
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

/** One task's tower: `.tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce().auc())` (TorchEasyRec `TaskTower`). */
import { SpecError } from "../errors/index.js";
import { type LossMethods, type LossSpec, losses } from "../spec/losses.js";
import { isTrainMetric, type MetricMethods, type MetricSpec, metrics, type TrainMetricDecay } from "../spec/metrics.js";
import type { MlpSpec } from "../spec/mlp.js";
import { defaultMlp, type TowerSpec } from "../spec/model.js";
import { mlpOptions } from "../spec/tables.js";
import { checkOptions } from "../spec/validate/checks.js";
import { deepFreeze } from "../util/json.js";

/** A union of declared names, or advice for the compiler error if none is declared. */
export type Declared<Names extends string, Advice extends string> = [Names] extends [never] ? Advice : Names;

/** A label of the model. */
export type LabelName<L extends string> = Declared<L, "add .labels(…) first">;
/** A feature of the model; `name[]` is a sequence of features. */
export type FeatureName<F extends string> = Declared<F, "add .features(…) first">;

/** The builder of a tower; each method returns a new builder. `L`: the model's labels; `F`: its features. */
export interface Tower<L extends string, F extends string = string>
  extends LossMethods<Tower<L, F>, FeatureName<F>>,
    MetricMethods<Tower<L, F>, FeatureName<F>> {
  /** The task's name, such as `ctr`. */
  readonly name: string;
  /** Sets the label column that the task predicts. */
  label(name: LabelName<L>): Tower<L, F>;
  /** Sets hidden layers: `mlp(256, 128, 64, { dropout: 0.1 })`. Without it, the tower is one linear layer. */
  mlp(...layers: readonly (number | MlpOptions)[]): Tower<L, F>;
  /** Rows with `label` > 0 have weight `in` in this task's loss, the others `out`. Defaults: in 1, out 1. */
  taskSpace(label: LabelName<L>, weights?: { readonly in?: number; readonly out?: number }): Tower<L, F>;
  /** Sets the weight of this task's loss in the sum. Default: 1. */
  weight(weight: number): Tower<L, F>;
  /** Sets the least weight of each of its losses under `.train({ lossWeights: "pareto" })`: 0 to below 1. Default: 0. */
  minWeight(weight: number): Tower<L, F>;
  /** Sets the column, declared with `.sampleWeights(…)`, that weights each row in this task's loss. */
  sampleWeight(field: string): Tower<L, F>;
  /**
   * Also computes its metrics on the batches of training (TorchEasyRec's `train_metrics`: AUC by thresholds, accuracy,
   * errors, ordered pairs), for the history. Defaults: decayRate 0.9, decayStep 100.
   */
  whileTraining(decay?: Partial<TrainMetricDecay>): Tower<L, F>;
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
  return Object.freeze<Tower<L, F>>({
    ...choiceMethods<Tower<L, F>, FeatureName<F>>(spec, next),
    name: spec.name,
    label: (name) => next({ label: name }),
    mlp: (...layers) => next({ mlp: mlpSpec(`towers.${spec.name}.mlp`, layers) }),
    taskSpace: (label, weights = {}) =>
      next({ taskSpace: { indicatorLabel: label, inWeight: weights.in ?? 1, outWeight: weights.out ?? 1 } }),
    weight: (weight) => next({ weight }),
    minWeight: (minWeight) => next({ minWeight }),
    sampleWeight: (field) => next({ sampleWeight: field }),
    whileTraining: ({ decayRate = 0.9, decayStep = 100 } = {}) =>
      next({
        trainMetrics: spec.metrics.filter(isTrainMetric).map((metric) => ({ ...metric, decayRate, decayStep })),
      }),
    toSpec: () => deepFreeze({ ...spec }),
  });
}

function choiceMethods<T, F>(
  spec: TowerSpec,
  next: (change: Partial<TowerSpec>) => T,
): LossMethods<T, F> & MetricMethods<T, F> {
  const ofLosses = Object.entries(losses).map(([kind, { method, make }]) => [
    method,
    (...values: never[]) => {
      const { numClass = spec.numClass, ...options } = make(...values);
      return next({ losses: [...spec.losses, { kind, ...options } as LossSpec], numClass });
    },
  ]);
  const ofMetrics = Object.entries(metrics).map(([kind, { method, make }]) => [
    method,
    (...values: never[]) => next({ metrics: [...spec.metrics, { kind, ...make(...values) } as MetricSpec] }),
  ]);
  return Object.fromEntries([...ofLosses, ...ofMetrics]);
}

/** Settings of the layers of a tower (TorchEasyRec `MLP`). Defaults: ReLU, a bias, and none of the others. */
export interface MlpOptions extends Partial<Pick<MlpSpec, "activation" | "batchNorm" | "layerNorm" | "bias">> {
  /** Hidden units, if not passed as numbers: `mlp({ hidden: [256, 128] })`. */
  readonly hidden?: readonly number[];
  /** One ratio for all layers, or one per layer. */
  readonly dropout?: number | readonly number[];
}

export function mlpSpec(path: string, layers: readonly (number | MlpOptions)[]): MlpSpec {
  const last = layers.at(-1);
  const options: MlpOptions = typeof last === "object" ? last : {};
  checkOptions(path, options, Object.keys(mlpOptions));
  const units = typeof last === "object" ? layers.slice(0, -1) : layers;
  if (units.some((unit) => typeof unit !== "number")) {
    throw new SpecError({
      path,
      message: "hidden units must be numbers, followed by the options",
      received: JSON.stringify(layers),
      expected: "mlp(256, 128, 64) or mlp(256, 128, 64, { dropout: 0.1 })",
    });
  }
  if (units.length > 0 && options.hidden !== undefined) {
    throw new SpecError({
      path,
      message: "hidden units are passed twice",
      received: JSON.stringify(layers),
      expected: "either numbers or { hidden }",
    });
  }
  const hidden = options.hidden === undefined ? (units as readonly number[]) : [...options.hidden];
  return { ...defaultMlp, ...definedOnly(options), hidden, dropout: ratios(options.dropout) };
}

export function definedOnly<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

export function ratios(dropout: number | readonly number[] | undefined): readonly number[] {
  if (dropout === undefined) return [];
  return typeof dropout === "number" ? [dropout] : [...dropout];
}

/** One task's tower: `.tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce().auc())` (TorchEasyRec `TaskTower`). */
import { type LossMethods, losses, type MetricMethods, metrics, type TowerSpec } from "../spec/index.js";
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
export interface Tower<L extends string, F extends string = string>
  extends LossMethods<Tower<L, F>, FeatureName<F>>,
    MetricMethods<Tower<L, F>, FeatureName<F>> {
  /** The task's name, such as `ctr`. */
  readonly name: string;
  /** Sets the label column that the task predicts. */
  label(name: LabelName<L>): Tower<L, F>;
  /**
   * Sets hidden layers and options: `mlp(256, 128, 64, { dropout: 0.1 })`. Without it, the tower is one linear
   * layer.
   */
  mlp(...layers: readonly (number | MlpOptions)[]): Tower<L, F>;
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
  return Object.freeze<Tower<L, F>>({
    ...choiceMethods<Tower<L, F>, FeatureName<F>>(spec, next),
    name: spec.name,
    label: (name) => next({ label: name }),
    mlp: (...layers) => next({ mlp: mlpSpec(`towers.${spec.name}.mlp`, layers) }),
    taskSpace: (label, weights = {}) =>
      next({ taskSpace: { indicatorLabel: label, inWeight: weights.in ?? 1, outWeight: weights.out ?? 1 } }),
    weight: (weight) => next({ weight }),
    sampleWeight: (field) => next({ sampleWeight: field }),
    toSpec: () => deepFreeze({ ...spec }),
  });
}

/** The methods of the registries: each adds its loss or metric to the tower. */
function choiceMethods<T, F>(
  spec: TowerSpec,
  next: (change: Partial<TowerSpec>) => T,
): LossMethods<T, F> & MetricMethods<T, F> {
  const ofLosses = Object.values(losses).map(({ method, make }) => [
    method,
    (...options: never[]) => {
      const { loss, numClass = spec.numClass } = make(...options);
      return next({ losses: [...spec.losses, loss], numClass });
    },
  ]);
  const ofMetrics = Object.values(metrics).map(({ method, make }) => [
    method,
    (...options: never[]) => next({ metrics: [...spec.metrics, make(...options)] }),
  ]);
  return Object.fromEntries([...ofLosses, ...ofMetrics]);
}

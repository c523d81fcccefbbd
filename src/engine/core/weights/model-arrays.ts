import { EngineError } from "../../../errors/index.js";
import type { Plan } from "../../../nn/plan/index.js";
import { denseTables, tableSizes } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import type { Weights } from "../../engine.js";
import { arraysByName, createWeights, type Memory, storeWith, type WeightStore, weightsFrom } from "./weight-store.js";

export interface ModelArrays {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Of the dense optimiser's arrays; none unless `training.emaDecay` is set. */
  readonly averages: ReadonlyMap<string, Float32Array>;
}

/** Initial weights from a seed, or the given ones. @throws EngineError for given weights that do not fit */
export function createArrays(plan: Plan, seed: number, initial: Weights | null, memory?: Memory): ModelArrays {
  const store = createWeights(plan, seed, initial, memory);
  const weights = arraysByName(store);
  const averages = new Map<string, Float32Array>();
  if (plan.spec.training.emaDecay !== null) {
    for (const name of denseNames(plan, store)) {
      const values = weights.get(name)!;
      const average = memory?.(values.length) ?? new Float32Array(values.length);
      average.set(values);
      averages.set(name, average);
    }
  }
  return { weights, averages };
}

/** The weights in such arrays: those for training, and those for predictions. */
export function storesIn(plan: Plan, arrays: ModelArrays): { trained: WeightStore; shown: WeightStore } {
  const trained = weightsFrom(plan, arrays.weights);
  return { trained, shown: showsAverages(plan) ? storeWith(trained, arrays.averages) : trained };
}

/** The names of tables that training does not change (`trainable: false`). */
export function fixedTables({ spec }: Plan): ReadonlySet<string> {
  return new Set(tableSizes(spec).flatMap(({ table, isTrained }) => (isTrained ? [] : [table])));
}

/** The arrays of the dense optimiser: the dense parameters, and tables that a config's constraints assign to it. */
export function denseNames(plan: Plan, store: WeightStore): string[] {
  const fixed = fixedTables(plan);
  const dense = new Set([...denseTables(plan.spec)].filter((table) => !fixed.has(table)));
  return [
    ...store.parameters.map(({ name }) => name),
    ...[...store.tables].flatMap(([table, { name }]) => (dense.has(table) ? [name] : [])),
  ];
}

/** Whether predictions use the moving averages: true if they exist, unless `eval_config.use_dense_ema` disables it. */
function showsAverages({ spec }: Plan): boolean {
  const evaluation = spec.extra["eval_config"] as JsonObject | undefined;
  const useAverages = evaluation?.["use_dense_ema"] as boolean | undefined;
  const hasAverages = spec.training.emaDecay !== null;
  if (useAverages === true && !hasAverages) {
    throw new EngineError({
      path: "extra.eval_config.use_dense_ema",
      message: "evaluation needs averaged weights, but training keeps no average",
      received: "true",
      fix: "set training.emaDecay (train_config.dense_optimizer.ema), or remove the option",
    });
  }
  return hasAverages && useAverages !== false;
}

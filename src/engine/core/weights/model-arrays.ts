/** The arrays that all threads of a crew hold in common: the weights, and their moving averages where there are any. */
import { EngineError } from "../../../errors/index.js";
import { embeddingName, type Plan } from "../../../nn/plan/index.js";
import { denseTables } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import type { Weights } from "../../engine.js";
import { arraysByName, createWeights, type Memory, storeWith, type WeightStore, weightsFrom } from "./weight-store.js";

/** Arrays by name. */
export interface ModelArrays {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Of what the dense optimiser trains; none where `training.emaDecay` is not set. */
  readonly averages: ReadonlyMap<string, Float32Array>;
}

/** Initial weights from a seed, or the given ones. @throws EngineError for given ones that do not fit. */
export function createArrays(plan: Plan, seed: number, given: Weights | null, memory?: Memory): ModelArrays {
  const store = createWeights(plan, seed, given, memory);
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

/** The weights in such arrays: those that are trained, and those that predictions are made with. */
export function storesIn(plan: Plan, arrays: ModelArrays): { trained: WeightStore; shown: WeightStore } {
  const trained = weightsFrom(plan, arrays.weights);
  return { trained, shown: showsAverages(plan) ? storeWith(trained, arrays.averages) : trained };
}

/** What the dense optimiser trains: the dense parameters, and tables that a config's constraints give it. */
export function denseNames(plan: Plan, store: WeightStore): string[] {
  const tables = new Set([...denseTables(plan.spec)].map(embeddingName));
  return [
    ...store.parameters.map(({ name }) => name),
    ...[...store.tables.values()].map(({ name }) => name).filter((name) => tables.has(name)),
  ];
}

/** Whether predictions use the moving averages: where there are any, unless `eval_config.use_dense_ema` says otherwise. */
function showsAverages({ spec }: Plan): boolean {
  const evaluation = spec.extra["eval_config"] as JsonObject | undefined;
  const wanted = evaluation?.["use_dense_ema"] as boolean | undefined;
  const there = spec.training.emaDecay !== null;
  if (wanted === true && !there) {
    throw new EngineError({
      path: "extra.eval_config.use_dense_ema",
      message: "evaluation needs averaged weights, but training keeps no average",
      received: "true",
      fix: "set training.emaDecay (train_config.dense_optimizer.ema), or remove the option",
    });
  }
  return there && wanted !== false;
}

/**
 * `model.findLearningRate(data)`: runs a short training with a growing learning rate and suggests a rate from its
 * losses.
 */
import type { EngineName } from "../../../engine/index.js";
import { assertThreads } from "../../../engine/threads/index.js";
import { notebookDisplay } from "../../../port/index.js";
import { assertValid, type ModelSpec } from "../../../spec/index.js";
import type { SweptRates } from "../../../train/index.js";
import { deepFreeze } from "../../../util/freeze.js";
import { type DatasetSource, dataset, fittedSpec } from "../../data/index.js";
import { openEngine } from "../engine.js";
import { LearningRateResult } from "./result.js";

/** Options of the learning-rate finder. */
export interface LearningRateOptions {
  /** Rate of the first step. Default: 1e-5. */
  readonly from?: number;
  /** Rate of the last step. Default: 1. */
  readonly to?: number;
  /** Batches to train on. Default: 100. */
  readonly steps?: number;
  /**
   * Which rates grow. `both` (default): the dense rate as set, the sparse rate in the model's proportion; `dense` or
   * `sparse`: only that rate, the other keeps the model's value.
   */
  readonly rates?: SweptRates;
  /** Overrides the model's seed. */
  readonly seed?: number;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores). */
  readonly threads?: number;
  /** Aborts the sweep, which then returns its results so far. In a notebook an interrupt does this. */
  readonly signal?: AbortSignal;
}

/** Finds a learning rate; see `Model.findLearningRate`. */
export async function findLearningRate(
  spec: ModelSpec,
  source: DatasetSource,
  options: LearningRateOptions = {},
): Promise<LearningRateResult> {
  const { from = 1e-5, to = 1, steps = 100, rates = "both", seed = spec.training.seed } = options;
  const { sweepLearningRates, sweepTraining } = await import("../../../train/index.js");
  const training = { ...sweepTraining(spec.training, { from, to, steps, rates }), seed };
  const swept = deepFreeze({ ...spec, training });
  assertValid(swept);
  assertThreads(options.threads, "findLearningRate: threads");
  const data = await dataset(source);
  const fitted = await fittedSpec(swept, data);
  const encoded = await data.encode(fitted);
  const engine = await openEngine(fitted, { seed, engine: options.engine, threads: options.threads });
  try {
    const signal = options.signal ?? notebookDisplay()?.signal();
    return new LearningRateResult(await sweepLearningRates(engine, encoded, rates, signal));
  } finally {
    await engine.dispose();
  }
}

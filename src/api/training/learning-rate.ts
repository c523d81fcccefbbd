import { assertThreads } from "../../engine/threads.js";
import { notebookDisplay } from "../../port/notebook.js";
import type { ModelSpec } from "../../spec/model.js";
import { assertValid } from "../../spec/validate/model.js";
import type { LearningRateSweep, SweptRates } from "../../train/learning-rate.js";
import { deepFreeze } from "../../util/random.js";
import type { Sheet } from "../../views/view.js";
import type { DatasetSource } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { dataset } from "../data/open.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, tables } from "../result.js";
import { type EngineChoice, openEngine } from "./engines.js";

/** Options of the learning-rate finder. */
export interface LearningRateOptions extends EngineChoice {
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
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export async function findLearningRate(
  spec: ModelSpec,
  source: DatasetSource,
  options: LearningRateOptions = {},
): Promise<LearningRateResult> {
  const { from = 1e-5, to = 1, steps = 100, rates = "both", seed = spec.training.seed } = options;
  const { sweepLearningRates, sweepTraining } = await import("../../train/learning-rate.js");
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

const LearningRateFacts: ChartedFactsBase<LearningRateSweep> = chartedFactsBase();

/** Losses by learning rate, with the rate that a rule suggests. Made by `model.findLearningRate(data)`. */
export class LearningRateResult extends LearningRateFacts {
  /** @internal */
  constructor(facts: LearningRateSweep) {
    super(facts, facts.note === null ? [] : [facts.note]);
  }

  /** @internal */
  sheet(): Sheet {
    return tables().learningRateSheet(this.facts);
  }

  /** Loss against learning rate on a log axis, the suggestion marked. */
  async chart(): Promise<ChartOutput> {
    const { learningRateChart } = await import("../../views/saved-runs.js");
    return new ChartOutput(learningRateChart(this.facts));
  }
}

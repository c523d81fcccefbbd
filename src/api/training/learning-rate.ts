import type { EngineName } from "../../engine/engine.js";
import { assertThreads } from "../../engine/threads.js";
import { notebookDisplay } from "../../port/notebook.js";
import type { ModelSpec } from "../../spec/model.js";
import { assertValid } from "../../spec/validate/model.js";
import type { LearningRatePoint, LearningRateSweep, SweptRates } from "../../train/learning-rate.js";
import { deepFreeze } from "../../util/random.js";
import type { Sheet } from "../../views/view.js";
import type { DatasetSource } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { dataset } from "../data/open.js";
import { ChartOutput, ResultWithChart, tables } from "../result.js";
import { openEngine } from "./engines.js";

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
  readonly seed?: number;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores). */
  readonly threads?: number;
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

/** Losses by learning rate, with the rate that a rule suggests. */
export class LearningRateResult extends ResultWithChart {
  readonly facts: LearningRateSweep;
  readonly rates: SweptRates;
  readonly points: readonly LearningRatePoint[];
  /** The suggested rate: the dense optimiser's, or with `rates: "sparse"` the sparse one's; or `null`. */
  readonly suggestion: number | null;
  readonly rule: string;
  /** Why there is no suggestion, or a note about it; `null`: none. */
  readonly note: string | null;
  readonly ended: LearningRateSweep["ended"];
  /** The rates to train with, by optimiser; `null` without a suggestion, and for a rate that was not varied. */
  readonly suggested: LearningRateSweep["suggested"];

  /** Made by `model.findLearningRate(data)`. @internal */
  constructor(facts: LearningRateSweep) {
    super(facts.note === null ? [] : [facts.note]);
    this.facts = facts;
    this.rates = facts.rates;
    this.points = facts.points;
    this.suggestion = facts.suggestion;
    this.rule = facts.rule;
    this.note = facts.note;
    this.ended = facts.ended;
    this.suggested = facts.suggested;
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

/** `model.findLearningRate(data)`: a short training with a growing learning rate, and what its losses speak for. */
import type { EngineName } from "../../engine/engine.js";
import { assertThreads } from "../../engine/threads.js";
import { notebookDisplay } from "../../port/index.js";
import { assertValid, type ModelSpec } from "../../spec/index.js";
import type { LearningRatePoint, LearningRateSweep, SweptRates } from "../../train/index.js";
import { deepFreeze } from "../../util/freeze.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";
import { openEngine } from "./engine.js";

/** How to look for a learning rate. */
export interface LearningRateOptions {
  /** Rate of the first step. Default: 1e-5. */
  readonly from?: number;
  /** Rate of the last step. Default: 1. */
  readonly to?: number;
  /** Batches to train on. Default: 100. */
  readonly steps?: number;
  /**
   * Which rates grow. `both` (default): the dense one as given, the sparse one in the proportion that the model has
   * them; `dense` or `sparse`: that one alone, the other as the model has it.
   */
  readonly rates?: SweptRates;
  /** Whatever the model says. */
  readonly seed?: number;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores). */
  readonly threads?: number;
  /** Aborts the sweep; what there is by then is returned. In a notebook an interrupt does this by itself. */
  readonly signal?: AbortSignal;
}

/** Losses by learning rate, with the rate that a rule suggests. */
export class LearningRateResult extends Displayable implements LearningRateSweep {
  /** Which optimisers' rates were moved. */
  readonly rates: SweptRates;
  /** One a step, in order, up to where it ended. */
  readonly points: readonly LearningRatePoint[];
  /** The rate by the rule, of the dense optimiser unless `rates` is `sparse`; `null` where the losses do not say. */
  readonly suggestion: number | null;
  readonly rule: string;
  readonly note: string | null;
  readonly ended: LearningRateSweep["ended"];
  /** The rates to train with, by optimiser; `null` without a suggestion, and for one that did not move. */
  readonly suggested: LearningRateSweep["suggested"];

  /** Made by `model.findLearningRate(data)`. @internal */
  constructor(sweep: LearningRateSweep) {
    super();
    this.rates = sweep.rates;
    this.points = sweep.points;
    this.suggestion = sweep.suggestion;
    this.rule = sweep.rule;
    this.note = sweep.note;
    this.ended = sweep.ended;
    this.suggested = sweep.suggested;
  }

  /** Loss against learning rate on a log axis, the suggestion marked. */
  async chart(): Promise<ChartOutput> {
    const { learningRateChart } = await import("../../charts/index.js");
    return new ChartOutput(learningRateChart(this));
  }

  /** The chart, with the table of its numbers as text. */
  async bundle(): Promise<DisplayBundle> {
    return (await this.chart()).bundle();
  }
}

/** Looks for a learning rate; see `Model.findLearningRate`. */
export async function findLearningRate(
  spec: ModelSpec,
  source: DatasetSource,
  options: LearningRateOptions = {},
): Promise<LearningRateResult> {
  const { from = 1e-5, to = 1, steps = 100, rates = "both", seed = spec.training.seed } = options;
  const { sweepLearningRates, sweepTraining } = await import("../../train/index.js");
  const training = { ...sweepTraining(spec.training, { from, to, steps, rates }), seed };
  const swept = deepFreeze({ ...spec, training });
  assertValid(swept);
  assertThreads(options.threads, "findLearningRate: threads");
  const encoded = await (await dataset(source)).encode(swept);
  const { engine: name, threads } = options;
  const engine = await openEngine(swept, {
    seed,
    ...(name === undefined ? {} : { engine: name }),
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    const signal = options.signal ?? notebookDisplay()?.signal();
    return new LearningRateResult(await sweepLearningRates(engine, encoded, rates, signal));
  } finally {
    await engine.dispose();
  }
}

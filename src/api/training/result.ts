/** Losses by learning rate, with the rate that a rule suggests. */
import type { LearningRatePoint, LearningRateSweep, SweptRates } from "../../train/learning-rate.js";
import type { Sheet } from "../../views/view.js";
import { ChartOutput, ResultWithChart, tables } from "../result.js";

/** Losses by learning rate, with the rate that a rule suggests. */
export class LearningRateResult extends ResultWithChart {
  /** The numbers as plain data, as charts read them. */
  readonly facts: LearningRateSweep;
  /** The optimisers whose rates were varied. */
  readonly rates: SweptRates;
  /** One point per step, in order, until the sweep ended. */
  readonly points: readonly LearningRatePoint[];
  /**
   * The suggested rate of the dense optimiser, or of the sparse one if `rates` is `sparse`; `null` if the losses
   * suggest none.
   */
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

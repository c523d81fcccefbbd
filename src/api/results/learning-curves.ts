/** Learning curves as a result. */
import type { LearningCurves, MetricName, TaskLearningCurves } from "../../metrics/index.js";
import type { AucReference, Sheet } from "../../views/index.js";
import { ChartOutput, ResultWithChart, tables } from "../output/index.js";

/** A metric on the validation rows at every evaluation during training, by task and domain. */
export class LearningCurvesResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: LearningCurves;
  /** The metric. */
  readonly metric: MetricName;
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** Steps at which the model was evaluated. */
  readonly steps: readonly number[];
  /** Passes over the data at each evaluation. */
  readonly epochs: readonly number[];
  /** The step whose weights were kept; `null`: the last. */
  readonly bestStep: number | null;
  /** In the order of the model's towers. */
  readonly tasks: readonly TaskLearningCurves[];
  /** AUCs to compare with. */
  readonly references: readonly AucReference[];

  /** Made by `run.learningCurves()`. @internal */
  constructor(facts: LearningCurves, references: readonly AucReference[] = []) {
    super();
    this.facts = facts;
    this.metric = facts.metric;
    this.domainNames = facts.domainNames;
    this.steps = facts.steps;
    this.epochs = facts.epochs;
    this.bestStep = facts.bestStep;
    this.tasks = facts.tasks;
    this.references = references;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().learningCurvesSheet(this.facts);
  }

  /** The curves, a panel per task. */
  async chart(): Promise<ChartOutput> {
    const { learningCurvesChart } = await import("../../views/index.js");
    return new ChartOutput(learningCurvesChart(this.facts, this.references));
  }
}

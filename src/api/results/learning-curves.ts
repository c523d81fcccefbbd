/** Learning curves that show themselves. */
import type { AucReference } from "../../charts/index.js";
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { LearningCurves, TaskLearningCurves } from "../../metrics/learning-curves.js";
import type { MetricName } from "../../metrics/types.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** A metric of the validation rows at every evaluation of a training, by task and domain. */
export class LearningCurvesResult extends Displayable implements LearningCurves {
  readonly metric: MetricName;
  readonly domainNames: readonly string[];
  readonly steps: readonly number[];
  readonly epochs: readonly number[];
  readonly bestStep: number | null;
  readonly tasks: readonly TaskLearningCurves[];
  /** AUCs to compare with; empty where there are none. */
  readonly references: readonly AucReference[];

  /** Made by `run.learningCurves()`. @internal */
  constructor(curves: LearningCurves, references: readonly AucReference[] = []) {
    super();
    this.metric = curves.metric;
    this.domainNames = curves.domainNames;
    this.steps = curves.steps;
    this.epochs = curves.epochs;
    this.bestStep = curves.bestStep;
    this.tasks = curves.tasks;
    this.references = references;
  }

  /** The curves, a panel a task. */
  async chart(): Promise<ChartOutput> {
    const { learningCurvesChart } = await import("../../charts/index.js");
    return new ChartOutput(learningCurvesChart(this, this.references));
  }

  /** The curves as a danfo frame, a row a step, task and domain; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { learningCurveRecords, recordsFrame } = await import("../output/frames.js");
    return recordsFrame(learningCurveRecords(this), frameClass);
  }

  /** The chart, with its table as text. */
  async bundle(): Promise<DisplayBundle> {
    return (await this.chart()).bundle();
  }
}

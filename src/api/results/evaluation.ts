/** An evaluation that shows itself: AUC by task and domain, beside a reference where there is one. */
import type { AucReference } from "../../charts/index.js";
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { Evaluation, IntervalMethod, MetricName, TaskEvaluation, TaskMeans } from "../../metrics/types.js";
import { numbersMime } from "../../port/index.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** Metrics by task and domain. */
export class EvaluationResult extends Displayable implements Evaluation {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly tasks: readonly TaskEvaluation[];
  /** AUCs to compare with, such as the best achievable on generated data; empty where there are none. */
  readonly references: readonly AucReference[];
  /** The column whose values stand in the place of domains; `null`: they are the domains. */
  readonly by: string | null;
  /** The column that says whose row each is: `groupedAuc` is over its values; `null`: none is known. */
  readonly user: string | null;
  /** How intervals were made; `null`: there are none. */
  readonly intervalMethod: IntervalMethod | null;
  /** Means over the tasks with their intervals; `null` without intervals, or with one task. */
  readonly taskMeans: TaskMeans | null;
  /** What a reader has to know, such as rare values that were pooled. */
  readonly notes: readonly string[];

  /** Made by `run.evaluate()`. @internal */
  constructor(evaluation: Evaluation, references: readonly AucReference[] = []) {
    super();
    this.rows = evaluation.rows;
    this.domainNames = evaluation.domainNames;
    this.tasks = evaluation.tasks;
    this.references = references;
    this.by = evaluation.by ?? null;
    this.user = evaluation.user ?? null;
    this.intervalMethod = evaluation.intervalMethod ?? null;
    this.taskMeans = evaluation.taskMeans ?? null;
    this.notes = evaluation.notes ?? [];
  }

  /** A task's AUC, over all rows (of its space) or in one domain; `null` where it is not defined. */
  auc(tower: string, domain?: number): number | null {
    const task = this.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.auc ?? null;
  }

  /** AUC by task and domain as bars, or by the values of a column with its intervals. */
  async chart(): Promise<ChartOutput> {
    const { aucBarsChart, drillDownChart } = await import("../../charts/index.js");
    return new ChartOutput(this.by === null ? aucBarsChart(this, this.references) : drillDownChart(this));
  }

  /**
   * One metric by task and domain, with its intervals, the total over all rows and the mean over tasks.
   *
   * @example
   * await (await run.evaluate(test)).matrix("logLoss");
   */
  async matrix(metric: MetricName = "auc"): Promise<ChartOutput> {
    const { metricMatrixChart } = await import("../../charts/index.js");
    const { metricMatrix } = await import("../../metrics/index.js");
    return new ChartOutput(metricMatrixChart(metricMatrix(this, metric)));
  }

  /** The metrics as a danfo frame, a row a task and domain; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { evaluationRecords, recordsFrame } = await import("../output/frames.js");
    return recordsFrame(evaluationRecords(this), frameClass);
  }

  /** The chart, the table of its numbers and the notes as text, and the main numbers for programs. */
  async bundle(): Promise<DisplayBundle> {
    const bundle = await (await this.chart()).bundle();
    const text = [bundle["text/plain"], ...this.notes.map((note) => `note: ${note}`)].join("\n");
    return { ...bundle, "text/plain": text, ...this.numbers() };
  }

  /** AUC and log loss by task, as an output says them to programs: an index of many notebooks shows them. */
  numbers(): DisplayBundle {
    const named = this.tasks.flatMap(({ tower, overall }) => [
      [`${tower} AUC`, overall.auc],
      [`${tower} log loss`, overall.logLoss],
    ]);
    return { [numbersMime]: Object.fromEntries(named.filter(([, value]) => value !== null)) };
  }
}

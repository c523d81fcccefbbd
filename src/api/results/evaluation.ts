/** An evaluation as a result: metrics by task and domain, with reference AUCs. */
import type { Evaluation, IntervalMethod, MetricName, TaskEvaluation, TaskMeans } from "../../metrics/index.js";
import type { AucReference, Sheet } from "../../tables/index.js";
import { ChartOutput, ResultWithChart, tables } from "../output/index.js";

/** Metrics by task and domain. */
export class EvaluationResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: Evaluation;
  /** Number of evaluated rows. */
  readonly rowCount: number;
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** In the order of the model's towers. */
  readonly tasks: readonly TaskEvaluation[];
  /** AUCs to compare with, such as the best achievable on generated data. */
  readonly references: readonly AucReference[];
  /** The column whose values replace the domains; `null`: none. */
  readonly by: string | null;
  /** The user column, over whose values `groupedAuc` is computed; `null`: none. */
  readonly user: string | null;
  /** How intervals were computed; `null`: no intervals. */
  readonly intervalMethod: IntervalMethod | null;
  /** Means over the tasks with their intervals; `null` without intervals, or with one task. */
  readonly taskMeans: TaskMeans | null;

  /** Made by `run.evaluate()`. @internal */
  constructor(facts: Evaluation, references: readonly AucReference[] = []) {
    super(facts.notes);
    this.facts = facts;
    this.rowCount = facts.rows;
    this.domainNames = facts.domainNames;
    this.tasks = facts.tasks;
    this.references = references;
    this.by = facts.by ?? null;
    this.user = facts.user ?? null;
    this.intervalMethod = facts.intervalMethod ?? null;
    this.taskMeans = facts.taskMeans ?? null;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().evaluationSheet(this.facts, this.references);
  }

  /** A task's AUC, over all rows (of its space) or in one domain; `null` if it is not defined. */
  auc(tower: string, domain?: number): number | null {
    const task = this.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.auc ?? null;
  }

  /** AUC by domain as sorted dots with their intervals, a panel per task; or by the values of a column. */
  async chart(): Promise<ChartOutput> {
    const { aucByDomainChart, drillDownChart } = await import("../../charts/index.js");
    return new ChartOutput(
      this.by === null ? aucByDomainChart(this.facts, this.references) : drillDownChart(this.facts),
    );
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
    return new ChartOutput(metricMatrixChart(metricMatrix(this.facts, metric)));
  }

  /** AUC and log loss by task: an index of many notebooks shows them. @internal */
  override numbers(): Readonly<Record<string, number>> {
    const named = this.tasks.flatMap(({ tower, overall }) => [
      [`${tower} AUC`, overall.auc],
      [`${tower} log loss`, overall.logLoss],
    ]);
    return Object.fromEntries(named.filter(([, value]) => value !== null));
  }
}

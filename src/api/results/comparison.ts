/** A comparison as a result: wins and losses by cell, and differences with their intervals. */
import type { Comparison, ComparisonMethod, Difference, MetricName, TaskComparison } from "../../metrics/index.js";
import type { Sheet } from "../../views/index.js";
import { ChartOutput, type DisplayBundle, ResultWithChart, tables } from "../output/index.js";

/** Two models on the same rows: differences are the first's value less the second's. */
export class ComparisonResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: Comparison;
  /** The names of the models. */
  readonly names: readonly [string, string];
  /** Number of rows that both models predicted. */
  readonly rowCount: number;
  /** Display names, in order; empty if the models have no domains. */
  readonly domainNames: readonly string[];
  /** In the order of the first model's towers. */
  readonly tasks: readonly TaskComparison[];
  /** The compared metrics. */
  readonly metrics: readonly MetricName[];
  /** How intervals and verdicts were computed. */
  readonly method: ComparisonMethod;

  /** Made by `run.compare()`. @internal */
  constructor(facts: Comparison) {
    super(facts.notes);
    this.facts = facts;
    this.names = facts.names;
    this.rowCount = facts.rows;
    this.domainNames = facts.domainNames;
    this.tasks = facts.tasks;
    this.metrics = facts.metrics;
    this.method = facts.method;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().comparisonSheet(this.facts);
  }

  /** A difference by task, over all rows or in one domain; `null` for a name that does not exist. */
  difference(tower: string, metric: MetricName = "auc", domain?: number): Difference | null {
    const task = this.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.metrics[metric] ?? null;
  }

  /** Describes which cells are won, lost, or do not differ beyond noise. */
  async verdict(metric: MetricName = "auc"): Promise<string> {
    const { comparisonVerdict } = await import("../../metrics/index.js");
    return comparisonVerdict(this.facts, metric);
  }

  /** The seesaw map: one metric's differences by task and domain, with their verdicts. */
  async chart(metric: MetricName = this.metrics[0] ?? "auc"): Promise<ChartOutput> {
    const { seesawChart } = await import("../../views/index.js");
    return new ChartOutput(seesawChart(this.facts, metric));
  }

  /** One metric's differences with their intervals, one below the other. */
  async differences(metric: MetricName = "auc"): Promise<ChartOutput> {
    const { differencesChart } = await import("../../views/index.js");
    return new ChartOutput(differencesChart(this.facts, metric));
  }

  /** The seesaw map; as text the verdict, the table and the notes. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    return { ...bundle, "text/plain": `${await this.verdict(this.metrics[0])}\n${bundle["text/plain"]}` };
  }
}

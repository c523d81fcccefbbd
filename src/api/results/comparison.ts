/** A comparison that shows itself: which cells were won and lost, and the differences with their intervals. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type {
  Comparison,
  ComparisonMethod,
  Difference,
  TaskComparison,
} from "../../metrics/comparison/comparison-types.js";
import type { MetricName } from "../../metrics/types.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** Two models on the same rows: differences are the first's value less the second's. */
export class ComparisonResult extends Displayable implements Comparison {
  readonly names: readonly [string, string];
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly tasks: readonly TaskComparison[];
  readonly metrics: readonly MetricName[];
  readonly method: ComparisonMethod;
  readonly notes: readonly string[];

  /** Made by `run.compare()`. @internal */
  constructor(comparison: Comparison) {
    super();
    this.names = comparison.names;
    this.rows = comparison.rows;
    this.domainNames = comparison.domainNames;
    this.tasks = comparison.tasks;
    this.metrics = comparison.metrics;
    this.method = comparison.method;
    this.notes = comparison.notes;
  }

  /** A difference by task, over all rows or in one domain; `null` for a name that is not there. */
  difference(tower: string, metric: MetricName = "auc", domain?: number): Difference | null {
    const task = this.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.metrics[metric] ?? null;
  }

  /** Which cells were won, lost, or differ by no more than noise, in words. */
  async verdict(metric: MetricName = "auc"): Promise<string> {
    const { comparisonVerdict } = await import("../../metrics/index.js");
    return comparisonVerdict(this, metric);
  }

  /** The seesaw map: one metric's differences by task and domain, with what they say. */
  async chart(metric: MetricName = "auc"): Promise<ChartOutput> {
    const { seesawChart } = await import("../../charts/index.js");
    return new ChartOutput(seesawChart(this, metric));
  }

  /** One metric's differences with their intervals, one below the other. */
  async differences(metric: MetricName = "auc"): Promise<ChartOutput> {
    const { differencesChart } = await import("../../charts/index.js");
    return new ChartOutput(differencesChart(this, metric));
  }

  /** The differences as a danfo frame, a row a metric, task and domain; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { comparisonRecords, recordsFrame } = await import("../output/frames.js");
    return recordsFrame(comparisonRecords(this), frameClass);
  }

  /** The seesaw map, with the verdict and the table as text. */
  async bundle(): Promise<DisplayBundle> {
    const metric = this.metrics[0] ?? "auc";
    const bundle = await (await this.chart(metric)).bundle();
    const lines = [await this.verdict(metric), bundle["text/plain"], ...this.notes.map((note) => `note: ${note}`)];
    return { ...bundle, "text/plain": lines.join("\n") };
  }
}

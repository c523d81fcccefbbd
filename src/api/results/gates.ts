/** Gate statistics as a result: fields by domain, the spread of each gate, and the variance explained by the domain. */
import type {
  ColdGates,
  EmbeddingsReport,
  FieldGates,
  Gap,
  GateDifferences,
  GateReport,
  GatesReport,
  GradientsReport,
} from "../../gates/index.js";
import type { Sheet } from "../../views/index.js";
import { ChartOutput, type DisplayBundle, ResultWithChart, TableOutput, tables } from "../output/index.js";

/** A chart of gates by name. */
export type GateChartName =
  | "all"
  | "fields"
  | "histograms"
  | "quantiles"
  | "saturation"
  | "variance"
  | "explained"
  | "distances"
  | "differences"
  | "embeddings";

/** A table of gates by name. */
export type GateTableName =
  | "statistics"
  | "fields"
  | "explained"
  | "distances"
  | "differences"
  | "cold"
  | "embeddings"
  | "gradients"
  | "paths"
  | "gaps";

/**
 * Statistics of every gate by domain. They are descriptive: a difference between domains does not mean that it matters,
 * since the domain's embedding feeds the gates even if domains have no effect.
 */
export class GatesResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: GatesReport;
  /** Rows of the sample. */
  readonly rowCount: number;
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** Every gate, in the model's order. */
  readonly gates: readonly GateReport[];
  /** EPNet's gates by feature field. */
  readonly fields: readonly FieldGates[];
  /** Each domain's gates less the others', with intervals; `null` with fewer than two domains of ten rows (users). */
  readonly differences: GateDifferences | null;
  /** Gates of rows with ids that are rare in training, compared with the others. */
  readonly cold: readonly ColdGates[];
  /** Embeddings before and after EPNet; `null`: not computed. */
  readonly embeddings: EmbeddingsReport | null;
  /** Gradients through the gates; `null`: not computed. */
  readonly gradients: GradientsReport | null;
  /** Missing statistics, with the reason. */
  readonly gaps: readonly Gap[];

  /** Made by `run.gates()`. @internal */
  constructor(facts: GatesReport, notes: readonly string[] = []) {
    super(notes);
    this.facts = facts;
    this.rowCount = facts.rows;
    this.domainNames = facts.domainNames;
    this.gates = facts.gates;
    this.fields = facts.fields;
    this.differences = facts.differences;
    this.cold = facts.cold;
    this.embeddings = facts.embeddings;
    this.gradients = facts.gradients;
    this.gaps = facts.gaps;
  }

  /** @internal */
  sheet(name: GateTableName = "statistics"): Sheet {
    const sheets = tables();
    const make = {
      statistics: sheets.gateStatisticsSheet,
      fields: sheets.fieldGatesSheet,
      explained: sheets.explainedVarianceSheet,
      distances: sheets.distancesSheet,
      differences: sheets.gateDifferencesSheet,
      cold: sheets.coldGatesSheet,
      embeddings: sheets.embeddingsSheet,
      gradients: sheets.gradientsSheet,
      paths: sheets.gradientPathsSheet,
      gaps: sheets.gateGapsSheet,
    }[name];
    return make(this.facts);
  }

  /**
   * The numbers, one table per question: `statistics` (the default, and what `rows()` has), `fields`, `explained`,
   * `distances`, `differences` (with intervals), `cold`, `embeddings`, `gradients`, `paths` (where gradients are stopped), and `gaps` (missing
   * statistics, and why).
   */
  override table(name: GateTableName = "statistics"): TableOutput {
    return new TableOutput(this.sheet(name));
  }

  /**
   * One chart of the statistics. `differences`: each domain's mean gates less the mean of the others, by field and layer,
   * with intervals over rows or users of this model; another seed has other gates.
   *
   * @example
   * await (await run.gates(test, { user: "user_id" })).chart("differences");
   */
  async chart(name: GateChartName = "all"): Promise<ChartOutput> {
    const charts = await import("../../views/index.js");
    const make = {
      all: charts.gatesChart,
      fields: charts.fieldGatesChart,
      histograms: charts.gateHistogramsChart,
      quantiles: charts.gateQuantilesChart,
      saturation: charts.gateSaturationChart,
      variance: charts.domainVarianceChart,
      explained: charts.explainedVarianceChart,
      distances: charts.domainDistancesChart,
      differences: charts.gateDifferencesChart,
      embeddings: charts.embeddingMapChart,
    }[name];
    return new ChartOutput(make(this.facts));
  }

  /** The most informative charts in one figure; the text also lists missing statistics. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    if (this.gaps.length === 0) return bundle;
    const missing = this.gaps.map(({ what, reason }) => `missing: ${what}: ${reason}`);
    return { ...bundle, "text/plain": [bundle["text/plain"], "", ...missing].join("\n") };
  }
}

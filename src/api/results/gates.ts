/** Gate statistics that show themselves: fields by domain, the spread of each gate, what the domain explains. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type {
  ColdGates,
  EmbeddingsReport,
  FieldGates,
  Gap,
  GateReport,
  GatesReport,
  GradientsReport,
} from "../../gates/types.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";
import { type GateTableName, gateTable } from "../output/gate-tables.js";
import type { TableOutput } from "../output/table.js";

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
  | "embeddings";

/**
 * Statistics of every gate by domain. They describe; a difference between domains does not yet say that it matters,
 * since the domain's embedding feeds the gates even where domains have no effect.
 */
export class GatesResult extends Displayable implements GatesReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly gates: readonly GateReport[];
  readonly fields: readonly FieldGates[];
  readonly cold: readonly ColdGates[];
  readonly embeddings: EmbeddingsReport | null;
  readonly gradients: GradientsReport | null;
  readonly gaps: readonly Gap[];

  /** Made by `run.gates()`. @internal */
  constructor(report: GatesReport) {
    super();
    this.rows = report.rows;
    this.domainNames = report.domainNames;
    this.gates = report.gates;
    this.fields = report.fields;
    this.cold = report.cold;
    this.embeddings = report.embeddings;
    this.gradients = report.gradients;
    this.gaps = report.gaps;
  }

  /** One chart of them. */
  async chart(name: GateChartName = "all"): Promise<ChartOutput> {
    const charts = await import("../../charts/index.js");
    const make = {
      all: charts.gatesChart,
      fields: charts.fieldGatesChart,
      histograms: charts.gateHistogramsChart,
      quantiles: charts.gateQuantilesChart,
      saturation: charts.gateSaturationChart,
      variance: charts.domainVarianceChart,
      explained: charts.explainedVarianceChart,
      distances: charts.domainDistancesChart,
      embeddings: charts.embeddingMapChart,
    }[name];
    return new ChartOutput(make(this));
  }

  /**
   * The numbers behind them, one table a question: `statistics`, `fields`, `explained`, `distances`, `cold`,
   * `embeddings`, `gradients`, `paths` (what is stopped), and `gaps` (what is missing, and why).
   */
  table(name: GateTableName = "statistics"): TableOutput {
    return gateTable(this, name);
  }

  /** The statistics as a danfo frame, a row a gate and domain; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { gateRecords, recordsFrame } = await import("../output/frames.js");
    return recordsFrame(gateRecords(this), frameClass);
  }

  /** The most telling charts in one figure; as text with what is missing. */
  async bundle(): Promise<DisplayBundle> {
    const bundle = await (await this.chart()).bundle();
    const missing = this.gaps.map(({ what, reason }) => `\nmissing: ${what}: ${reason}`).join("");
    return { ...bundle, "text/plain": `${bundle["text/plain"]}${missing && `\n${missing}`}` };
  }
}

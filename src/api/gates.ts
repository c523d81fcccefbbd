/** The explanation of a row as a result: the row, its predictions, and the effect of each gate. */
import type { Row } from "../data/table/table.js";
import type { ExplainedGate, ExplainedTask, RowExplanation } from "../gates/explain.js";
import type {
  ColdGates,
  EmbeddingsReport,
  FieldGates,
  Gap,
  GateDifferences,
  GateReport,
  GatesReport,
  GradientsReport,
} from "../gates/types.js";
import type { PositionValues } from "../views/gates/explanation.js";
import type { GateChartName, GateTableName } from "../views/results.js";
import type { Sheet } from "../views/view.js";
import { rowCells } from "./data/preview.js";
import type { DisplayBundle } from "./displayable.js";
import { ChartOutput, Result, ResultWithChart, TableOutput, table, tables } from "./result.js";

/** One row through its gates. */
export class ExplanationResult extends Result {
  /** The numbers as plain data. */
  readonly facts: RowExplanation;
  /** The row's number in the data, from 0. */
  readonly row: number;
  /** The row's domain; `null` if the model has none. */
  readonly domain: string | null;
  /** Number of rows to compare with. */
  readonly rowCount: number;
  /** In the order of the model's towers. */
  readonly tasks: readonly ExplainedTask[];
  /** Gates, sorted by their largest change of a logit. */
  readonly gates: readonly ExplainedGate[];
  /** The row's values in the data. */
  readonly values: Row;

  /** Positions of the row's sequences, with their values, weights and effects; empty without sequences. */
  readonly positions: readonly PositionValues[];

  /** Made by `run.explain()`. @internal */
  constructor(facts: RowExplanation, values: Row, positions: readonly PositionValues[] = []) {
    super();
    this.positions = positions;
    this.facts = facts;
    this.row = facts.row;
    this.domain = facts.domain;
    this.rowCount = facts.rows;
    this.tasks = facts.tasks;
    this.gates = facts.gates;
    this.values = values;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().explanationSheet(this.facts);
  }

  /** One row per position of its sequences: values, weights, and the change of each logit without it. */
  positionsTable(): TableOutput {
    return new TableOutput(this.#positionsSheet());
  }

  /** What each position of its sequences adds to the logits. */
  async chart(): Promise<ChartOutput> {
    const { positionsChart } = await import("../views/gates/explanation.js");
    return new ChartOutput(positionsChart(this.row, this.#towers(), this.positions));
  }

  #towers(): string[] {
    return this.tasks.map(({ tower }) => tower);
  }

  #positionsSheet(): Sheet {
    return tables().positionsSheet(this.row, this.#towers(), this.positions);
  }

  /** The row, its predictions, its gates, and the positions of its sequences. */
  override async bundle(): Promise<DisplayBundle> {
    const { explainedTasksSheet, sheetTable, tableHtml, tableText } = tables();
    const title = this.domain === null ? `Row ${this.row}` : `Row ${this.row}, ${this.domain}`;
    const row = table([rowCells(this.values)], title).sheet();
    const positions = this.positions.length === 0 ? [] : [this.#positionsSheet()];
    const all = [row, explainedTasksSheet(this.facts), this.sheet(), ...positions].map(sheetTable);
    return {
      "text/html": all.map((each) => tableHtml(each)).join(""),
      "text/plain": all.map((each) => tableText(each)).join("\n\n"),
    };
  }
}

/** Gate statistics as a result: fields by domain, the spread of each gate, and the variance explained by the domain. */

/**
 * Statistics of every gate by domain. They are descriptive: a difference between domains does not mean that it matters,
 * since the domain's embedding feeds the gates even if domains have no effect.
 */
export class GatesResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: GatesReport;
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
    const { gateViews, namedView } = tables();
    return namedView(gateViews, "sheet", name, "gates")(this.facts);
  }

  /**
   * The numbers, one table per question: `statistics` (the default, and what `rows()` has), `fields`, `histograms`,
   * `explained`, `distances`, `differences` (with intervals), `cold`, `embeddings`, `gradients`, `paths` (where gradients
   * are stopped), and `gaps` (missing statistics, and why). Throws a DataError for an unknown name, as `chart` does.
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
    const { gateViews, namedView } = tables();
    return new ChartOutput(namedView(gateViews, "chart", name, "gates")(this.facts));
  }

  /** The most informative charts in one figure; the text also lists missing statistics. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    if (this.gaps.length === 0) return bundle;
    const missing = this.gaps.map(({ what, reason }) => `missing: ${what}: ${reason}`);
    return { ...bundle, "text/plain": [bundle["text/plain"], "", ...missing].join("\n") };
  }
}

/** The results of inspecting a trained model: its gates, conflicts, faults and one row's explanation. */
import type { Row } from "../core/data/table/table.js";
import type { Audit, AuditCheckName } from "../lab/gates/audit-checks.js";
import type { RowExplanation } from "../lab/gates/explain.js";
import type { Conflicts, GatesReport } from "../lab/gates/types.js";
import type { PositionValues } from "../lab/views/gates/explanation.js";
import type { AuditTableName, GateChartName, GateTableName } from "../lab/views/results.js";
import type { Sheet } from "../lab/views/view.js";
import { rowCells } from "./data/preview.js";
import {
  type ChartedFactsBase,
  ChartOutput,
  chartedFactsBase,
  type DisplayBundle,
  type FactsBase,
  factsBase,
  sheetsBundle,
  TableOutput,
  table,
  tables,
} from "./result.js";

const ExplanationFacts: FactsBase<RowExplanation> = factsBase("explanationSheet");

/** One row through its gates. Made by `run.explain()`. */
export class ExplanationResult extends ExplanationFacts {
  readonly values: Row;
  /** Positions of the row's sequences, with their values, weights and effects; empty without sequences. */
  override readonly positions: readonly PositionValues[];

  /** @internal */
  constructor(facts: RowExplanation, values: Row, positions: readonly PositionValues[] = []) {
    super(facts);
    this.positions = positions;
    this.values = values;
  }

  /** One row per position of its sequences: values, weights, and the change of each logit without it. */
  positionsTable(): TableOutput {
    return new TableOutput(this.#positionsSheet());
  }

  /**
   * What each position of its sequences adds to the logits; without sequences, what each gate adds beyond its mean: a
   * row per field of EPNet with the row's value of the field, and per layer of PPNet.
   */
  async chart(): Promise<ChartOutput> {
    const { positionsChart, rowGatesChart } = await import("../lab/views/gates/explanation.js");
    if (this.positions.length === 0) return new ChartOutput(rowGatesChart(this.facts, rowCells(this.values)));
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
    const { explainedTasksSheet } = tables();
    const title = this.domain === null ? `Row ${this.row}` : `Row ${this.row}, ${this.domain}`;
    const row = table([rowCells(this.values)], title).sheet();
    const positions = this.positions.length === 0 ? [] : [this.#positionsSheet()];
    return sheetsBundle([row, explainedTasksSheet(this.facts), this.sheet(), ...positions]);
  }
}

const GatesFacts: ChartedFactsBase<GatesReport> = chartedFactsBase();

/**
 * Statistics of every gate by domain. They only describe: a difference between domains may not matter, because the
 * domain's embedding feeds the gates even if domains have no effect. Made by `run.gates()`.
 */
export class GatesResult extends GatesFacts {
  /** @internal */
  sheet(name: GateTableName = "statistics"): Sheet {
    const { gateViews, namedView } = tables();
    return namedView(gateViews, "sheet", name, "gates")(this.facts);
  }

  /**
   * The numbers, one table per question: `statistics` (the default, and what `rows()` has), `fields`
   * and `gaps` (missing statistics, and why). Throws a DataError for an unknown name, as `chart` does.
   */
  override table(name: GateTableName = "statistics"): TableOutput {
    return new TableOutput(this.sheet(name));
  }

  /**
   * One chart of the statistics.
   * @example await (await run.gates(test)).chart("fields");
   */
  async chart(name: GateChartName = "all"): Promise<ChartOutput> {
    const { gateViews, namedView } = tables();
    return new ChartOutput(namedView(gateViews, "chart", name, "gates")(this.facts));
  }

  /** The most informative charts in one figure; the text also lists missing statistics. */
  override async bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle> {
    const bundle = await super.bundle(options);
    if (this.gaps.length === 0) return bundle;
    const missing = this.gaps.map(({ what, reason }) => `missing: ${what}: ${reason}`);
    return { ...bundle, "text/plain": [bundle["text/plain"], "", ...missing].join("\n") };
  }
}

const ConflictsFacts: ChartedFactsBase<Conflicts> = chartedFactsBase("conflictsSheet");

/** Where tasks, and domains, conflict. Made by `run.conflicts()`. */
export class ConflictsResult extends ConflictsFacts {
  /** A map of the cosines that differ from 0 beyond noise: a row for each two tasks or domains, a column for each part. */
  async chart(): Promise<ChartOutput> {
    return new ChartOutput(tables().conflictsChart(this.facts));
  }
}

const AuditFacts: ChartedFactsBase<Audit> = chartedFactsBase();

/** Faults of a model, with their evidence and what may help. Made by `run.audit()`. */
export class AuditResult extends AuditFacts {
  /** @internal */
  sheet(name: AuditTableName = "findings"): Sheet {
    const { auditViews, namedView } = tables();
    return namedView(auditViews, "sheet", name, "audit")(this.facts);
  }

  /** `findings` (the default, and what `rows()` has), `checks`, or `gaps`: what was not checked, and why. */
  override table(name: AuditTableName = "findings"): TableOutput {
    return new TableOutput(this.sheet(name));
  }

  /** The places with a fault of this kind; empty if there are none. */
  named(check: AuditCheckName): readonly string[] {
    return this.findings.filter(({ judge }) => judge === check).map(({ path }) => path);
  }

  /** Each check's place that is furthest beyond its limit, or nearest to it. */
  async chart(): Promise<ChartOutput> {
    return new ChartOutput(tables().auditViews.checks.chart(this.facts));
  }
}

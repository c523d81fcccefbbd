/** A data set at a glance: its columns, positive rates and hashed features, as tables and charts. */
import type {
  ColumnSummary,
  DomainSummary,
  DriftReport,
  HashSharing,
  LabelCounts,
  TableSummary,
} from "../../data/index.js";
import type { CountedRows } from "../../metrics/index.js";
import type { LabelRate, PositiveRows, Sheet } from "../../views/index.js";
import { ChartOutput, type DisplayBundle, ResultWithChart, TableOutput, tables } from "../output/index.js";

/** A table of a data set by name. */
export type DataTableName = "columns" | "rates" | "hashed" | "drift";

/** A chart of a data set by name. */
export type DataChartName = "columns" | "labels" | "drift";

/** A data set at a glance. */
export class DataSummary extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: TableSummary;
  /** What was described: a path, or the kind of in-memory columns. */
  readonly source: string;
  /** Number of rows. */
  readonly rowCount: number;
  /** In the source's order. */
  readonly columns: readonly ColumnSummary[];
  /** By label, over all rows. */
  readonly positiveRates: Readonly<Record<string, number | null>>;
  /** The counts behind the rates. */
  readonly labels: readonly LabelCounts[];
  /** By domain, ascending; empty if no domain column was named. */
  readonly domains: readonly DomainSummary[];
  /** The hashed features of the model; empty without a model. */
  readonly hashed: readonly HashSharing[];
  /** Columns and labels compared with the training rows; `null` without `against`. */
  readonly drift: DriftReport | null;
  /** Display names, in the order of `domains`. */
  readonly domainNames: readonly string[];

  /** Use `data.describe()`. @internal */
  constructor(facts: TableSummary, domainNames: readonly string[] | null = null, notes: readonly string[] = []) {
    super(notes);
    this.facts = facts;
    this.source = facts.source;
    this.rowCount = facts.rows;
    this.columns = facts.columns;
    this.positiveRates = facts.positiveRates;
    this.labels = facts.labels;
    this.domains = facts.domains;
    this.hashed = facts.hashed;
    this.drift = facts.drift;
    this.domainNames = facts.domains.map(({ domain }) => domainNames?.[Number(domain)] ?? String(domain));
  }

  /** @internal */
  sheet(name: DataTableName = "columns"): Sheet {
    if (name === "drift") return tables().driftSheet(this.drift, this.domainNames);
    if (name === "rates") return tables().positiveRatesSheet(this.facts, this.domainNames);
    return name === "hashed" ? tables().hashedFeaturesSheet(this.hashed) : tables().summarySheet(this.facts);
  }

  /** `columns` (the default, and what `rows()` has), positive `rates` by domain, `hashed` features, or `drift`. */
  override table(name: DataTableName = "columns"): TableOutput {
    return new TableOutput(this.sheet(name));
  }

  /**
   * `columns` (the default): distinct values, missing rows and, with training rows, rows with values that training
   * lacks; `labels`: rows by domain, and each label's positive rate with its interval; `drift`: columns and labels' rates against the training rows,
   * with what two random samples of these sizes have.
   *
   * @example
   * const summary = await test.describe({ model, against: train });
   * await summary.chart("drift");
   */
  async chart(name: DataChartName = "columns"): Promise<ChartOutput> {
    const { columnStatisticsChart, driftChart, labelRatesChart } = await import("../../views/index.js");
    if (name === "drift") return new ChartOutput(driftChart(this.drift, this.domainNames));
    if (name === "labels") return new ChartOutput(labelRatesChart(await this.#labelRates(), this.domainNames));
    return new ChartOutput(columnStatisticsChart(this.columns, this.rowCount));
  }

  /** The rates of labels with their intervals and those of the training rows. */
  async #labelRates(): Promise<LabelRate[]> {
    const { criticalZ, wilson } = await import("../../metrics/intervals/index.js");
    const z = criticalZ(0.95);
    const rate = ({ rows, positives }: CountedRows, training: CountedRows | undefined): PositiveRows => {
      const { low, high } = rows === 0 ? { low: undefined, high: undefined } : wilson(positives, rows, z);
      return { rows, positives, low, high, training };
    };
    return this.labels.map(({ label, domains, ...overall }) => {
      const drift = this.drift?.labels.find((each) => each.label === label);
      return {
        label,
        ...rate(overall, drift?.overall.training),
        domains: domains.map((domain, d) => rate(domain, drift?.domains[d]?.training)),
      };
    });
  }

  /** The notes and every table as text. */
  text(): string {
    const { sheetTable, tableText } = tables();
    const notes = this.notes.map((note) => `note: ${note}`);
    return [...notes, ...this.#sheets().map((sheet) => tableText(sheetTable(sheet)))].join("\n\n");
  }

  /** Every table. */
  override async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../render/index.js");
    const { sheetTable, tableHtml } = tables();
    const notes = this.notes.map((note) => `<p style="font-size:13px">note: ${escapeHtml(note)}</p>`);
    const html = this.#sheets().map((sheet) => tableHtml(sheetTable(sheet)));
    return { "text/html": [...notes, ...html].join(""), "text/plain": this.text() };
  }

  /** The tables, and the charts below, which follow the page's theme. @internal */
  override async outputs(): Promise<readonly DisplayBundle[]> {
    const names: DataChartName[] = this.labels.length > 0 ? ["labels", "columns"] : ["columns"];
    if (this.drift !== null) names.unshift("drift");
    const charts = names.map(async (name) => (await this.chart(name)).bundle());
    return Promise.all([this.bundle(), ...charts]);
  }

  /** The tables that have rows. */
  #sheets(): readonly Sheet[] {
    const names: DataTableName[] = ["columns"];
    if (this.labels.length > 0) names.unshift("rates");
    if (this.hashed.length > 0) names.push("hashed");
    if (this.drift !== null) names.push("drift");
    return names.map((name) => this.sheet(name));
  }
}

/** What `data.describe()` gives: the numbers, their charts, and how they show themselves. */
import type { ColumnSummary, DomainSummary, LabelCounts, TableSummary } from "../data/index.js";
import { ChartOutput } from "./chart-output.js";
import { Displayable, type DisplayBundle } from "./display.js";
import { columnsTable, ratesTable } from "./tables.js";

/** A data set at a glance. */
export class DataSummary extends Displayable implements TableSummary {
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly positiveRates: Readonly<Record<string, number | null>>;
  readonly labels: readonly LabelCounts[];
  readonly domains: readonly DomainSummary[];
  /** For people, in the order of `domains`. */
  readonly domainNames: readonly string[];
  /** What splitting and opening said of these rows. */
  readonly notes: readonly string[];

  /** Use `data.describe()`. */
  constructor(summary: TableSummary, domainNames: readonly string[] | null = null, notes: readonly string[] = []) {
    super();
    this.source = summary.source;
    this.rows = summary.rows;
    this.columns = summary.columns;
    this.positiveRates = summary.positiveRates;
    this.labels = summary.labels;
    this.domains = summary.domains;
    this.domainNames = summary.domains.map(({ domain }) => domainNames?.[Number(domain)] ?? String(domain));
    this.notes = notes;
  }

  /** Distinct values, missing rows and, against training rows, rows with values that those lack, by column. */
  async columnsChart(): Promise<ChartOutput> {
    const { columnStatisticsChart } = await import("../charts/index.js");
    return new ChartOutput(columnStatisticsChart(this.columns, this.rows));
  }

  /** How often each label is positive, by domain. */
  async labelsChart(): Promise<ChartOutput> {
    const { labelRatesChart } = await import("../charts/index.js");
    return new ChartOutput(labelRatesChart(this.labels, this.domainNames));
  }

  /** Tables of columns and of positive rates, with their charts below as pictures. */
  async bundle(): Promise<DisplayBundle> {
    const { escapeHtml, figurePng, tableHtml, tableText } = await import("../render/index.js");
    const caption = `${this.rows.toLocaleString("en-US")} rows, ${this.source}`;
    const tables = [columnsTable(this, caption)];
    const charts = [await this.columnsChart()];
    if (this.labels.length > 0) {
      tables.unshift(ratesTable(this, this.domainNames));
      charts.unshift(await this.labelsChart());
    }
    const pictures = await Promise.all(
      charts.map(async ({ figure, title }) => {
        const png = await figurePng(figure, { width: 760 });
        const bytes = png === null ? "" : Buffer.from(png).toString("base64");
        return (
          bytes &&
          `<img style="max-width:760px;width:100%" alt="${escapeHtml(title)}" src="data:image/png;base64,${bytes}">`
        );
      }),
    );
    const notes = this.notes.map((note) => `<p style="font-size:13px">note: ${escapeHtml(note)}</p>`);
    return {
      "text/html": [...notes, ...tables.map((table) => tableHtml(table)), ...pictures].join(""),
      "text/plain": [...this.notes.map((note) => `note: ${note}`), ...tables.map((table) => tableText(table))].join(
        "\n\n",
      ),
    };
  }
}

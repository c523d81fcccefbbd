/** What `data.describe()` gives: the numbers, their charts, and how they show themselves. */
import type { Table } from "../../charts/index.js";
import type { ColumnSummary, DomainSummary, HashSharing, LabelCounts, TableSummary } from "../../data/index.js";
import { count } from "../../util/format.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";
import { columnsTable, hashedTable, ratesTable } from "./tables.js";

/** CSS pixels. */
const pictureWidth = 760;

/** A data set at a glance. */
export class DataSummary extends Displayable implements TableSummary {
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly positiveRates: Readonly<Record<string, number | null>>;
  readonly labels: readonly LabelCounts[];
  readonly domains: readonly DomainSummary[];
  readonly hashed: readonly HashSharing[];
  /** For people, in the order of `domains`. */
  readonly domainNames: readonly string[];
  /** What splitting and opening said of these rows. */
  readonly notes: readonly string[];

  /** Use `data.describe()`. @internal */
  constructor(summary: TableSummary, domainNames: readonly string[] | null = null, notes: readonly string[] = []) {
    super();
    this.source = summary.source;
    this.rows = summary.rows;
    this.columns = summary.columns;
    this.positiveRates = summary.positiveRates;
    this.labels = summary.labels;
    this.domains = summary.domains;
    this.hashed = summary.hashed;
    this.domainNames = summary.domains.map(({ domain }) => domainNames?.[Number(domain)] ?? String(domain));
    this.notes = notes;
  }

  /** Distinct values, missing rows and, against training rows, rows with values that those lack, by column. */
  async columnsChart(): Promise<ChartOutput> {
    const { columnStatisticsChart } = await import("../../charts/index.js");
    return new ChartOutput(columnStatisticsChart(this.columns, this.rows));
  }

  /** How often each label is positive, by domain. */
  async labelsChart(): Promise<ChartOutput> {
    const { labelRatesChart } = await import("../../charts/index.js");
    return new ChartOutput(labelRatesChart(this.labels, this.domainNames));
  }

  /** The tables as text: notes, positive rates, columns. */
  async text(): Promise<string> {
    const { tableText } = await import("../../tables/index.js");
    return [...this.notes.map((note) => `note: ${note}`), ...this.tables().map((table) => tableText(table))].join(
      "\n\n",
    );
  }

  /** Tables of columns and of positive rates, with their charts below as pictures. */
  async bundle(): Promise<DisplayBundle> {
    const { escapeHtml, figurePng } = await import("../../render/index.js");
    const { tableHtml } = await import("../../tables/index.js");
    const charts = [...(this.labels.length > 0 ? [await this.labelsChart()] : []), await this.columnsChart()];
    const pictures = await Promise.all(
      charts.map(async ({ figure, title }) => {
        const png = await figurePng(figure, { width: pictureWidth });
        if (png === null) return "";
        const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
        return `<img style="max-width:${pictureWidth}px;width:100%" alt="${escapeHtml(title)}" src="${source}">`;
      }),
    );
    const notes = this.notes.map((note) => `<p style="font-size:13px">note: ${escapeHtml(note)}</p>`);
    return {
      "text/html": [...notes, ...this.tables().map((table) => tableHtml(table)), ...pictures].join(""),
      "text/plain": await this.text(),
    };
  }

  /** Positive rates by domain if there are labels, the columns, and the hashed features if a model has some. */
  tables(): readonly Table[] {
    const caption = `${count(this.rows, "row")}, ${this.source}`;
    return [
      ...(this.labels.length > 0 ? [ratesTable(this, this.domainNames)] : []),
      columnsTable(this, caption),
      ...(this.hashed.length > 0 ? [hashedTable(this.hashed)] : []),
    ];
  }
}

/** What `data.describe()` gives: the numbers, and how they show themselves. */
import type { ColumnSummary, DomainSummary, TableSummary } from "../data/index.js";
import { Displayable, type DisplayBundle } from "./display.js";
import { columnsTable, ratesTable } from "./tables.js";

/** A data set at a glance. */
export class DataSummary extends Displayable implements TableSummary {
  readonly source: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly positiveRates: Readonly<Record<string, number | null>>;
  readonly domains: readonly DomainSummary[];

  /** Use `data.describe()`. */
  constructor(summary: TableSummary) {
    super();
    this.source = summary.source;
    this.rows = summary.rows;
    this.columns = summary.columns;
    this.positiveRates = summary.positiveRates;
    this.domains = summary.domains;
  }

  /** Two tables: columns, and positive rates where labels were named. */
  async bundle(): Promise<DisplayBundle> {
    const { tableHtml, tableText } = await import("../render/index.js");
    const caption = `${this.rows.toLocaleString("en-US")} rows, ${this.source}`;
    const tables = [columnsTable(this, caption)];
    if (Object.keys(this.positiveRates).length > 0) tables.push(ratesTable(this));
    return {
      "text/html": tables.map((table) => tableHtml(table)).join(""),
      "text/plain": tables.map((table) => tableText(table)).join("\n\n"),
    };
  }
}

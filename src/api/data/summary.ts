/** The results of looking at data before training: their contents and their faults. */
import type { TableCheck } from "../../core/data/check/reported.js";
import type { TableSummary } from "../../core/data/summary/describe.js";
import type { PositiveCounts } from "../../core/data/summary/label-counts.js";
import type { Finding } from "../../core/errors/finding.js";
import { DataError } from "../../core/errors/index.js";
import type { CountedRows } from "../../core/metrics/drift.js";
import { count, percent, visibleLine } from "../../core/util/text.js";
import type { LabelRate, PositiveRows } from "../../lab/views/data/label-rates.js";
import type { DataChartName, DataTableName } from "../../lab/views/results.js";
import type { Sheet } from "../../lab/views/view.js";
import {
  type ChartedFactsBase,
  ChartOutput,
  chartedFactsBase,
  type DisplayBundle,
  type FactsBase,
  factsBase,
  sheetsBundle,
  sheetsText,
  TableOutput,
  tables,
} from "../result.js";

const SummaryFacts: ChartedFactsBase<TableSummary> = chartedFactsBase();

/** A data set at a glance. Made by `data.describe()`. */
export class DataSummary extends SummaryFacts {
  readonly domainNames: readonly string[];

  /** @internal */
  constructor(facts: TableSummary, domainNames: readonly string[] | null = null, notes: readonly string[] = []) {
    super(facts, notes);
    this.domainNames = facts.domains.map(({ domain }) => domainNames?.[Number(domain)] ?? String(domain));
  }

  /** @internal */
  sheet(name: DataTableName = "columns"): Sheet {
    const { dataViews, namedView } = tables();
    return namedView(dataViews, "sheet", name, "summary")(this.facts, this.domainNames, []);
  }

  /** `columns` (the default, and what `rows()` has), positive `rates` by domain, `hashed` features, or `drift`. */
  override table(name: DataTableName = "columns"): TableOutput {
    return new TableOutput(this.sheet(name));
  }

  /**
   * `columns` (the default): a card for each of the first 24 columns, with its values, how many are missing, and
   * possible problems; `labels`: rows by domain, and each label's positive rate with its interval; `drift`: columns and
   * label rates compared with the training rows, beside the difference of two random samples of these sizes.
   * @example
   * const summary = await test.describe({ model, training: train });
   * await summary.chart("drift");
   */
  async chart(name: DataChartName = "columns"): Promise<ChartOutput> {
    const { dataViews, namedView } = tables();
    const make = namedView(dataViews, "chart", name, "summary");
    return new ChartOutput(make(this.facts, this.domainNames, await this.#labelRates()));
  }

  /** The rates of labels with their intervals and those of the training rows. */
  async #labelRates(): Promise<LabelRate[]> {
    const { independentNoise, rateInterval } = await import("../../core/metrics/intervals/clusters.js");
    const tails = 0.05;
    const rate = (cell: PositiveCounts, training: CountedRows | undefined, domains: number): PositiveRows => {
      const { rows, positives, noise = independentNoise } = cell;
      if (rows === 0 || noise === null) return { rows, positives, training };
      const { low, high } = rateInterval(positives / rows, rows, tails, noise);
      return {
        rows,
        positives,
        low,
        high,
        together: rateInterval(positives / rows, rows, tails / domains, noise),
        training,
      };
    };
    return this.labels.map(({ label, domains, ...overall }) => {
      const drift = this.drift?.labels.find((each) => each.label === label);
      return {
        label,
        user: this.user,
        ...rate(overall, drift?.overall.training, 1),
        domains: domains.map((domain, d) => rate(domain, drift?.domains[d]?.training, domains.length)),
      };
    });
  }

  /** The notes and every table as text. @param width letters in a line; default: unbounded */
  text(width?: number): string {
    return sheetsText(this.#sheets(), this.notes, width);
  }

  /** Every table. */
  override async bundle(): Promise<DisplayBundle> {
    return sheetsBundle(this.#sheets(), this.notes);
  }

  /** The tables, and the charts below, which follow the page's theme. @internal */
  override async outputs(): Promise<readonly DisplayBundle[]> {
    const names: DataChartName[] = this.labels.length > 0 ? ["labels", "columns"] : ["columns"];
    if (this.drift !== null) names.unshift("drift");
    return Promise.all([this.bundle(), ...names.map(async (name) => (await this.chart(name)).bundle())]);
  }

  #sheets(): readonly Sheet[] {
    const names: DataTableName[] = ["columns"];
    if (this.labels.length > 0) names.unshift("rates");
    if (this.hashed.length > 0) names.push("hashed");
    if (this.drift !== null) names.push("drift");
    return names.map((name) => this.sheet(name));
  }
}

const CheckFacts: FactsBase<TableCheck> = factsBase("checkSheet");

/** Problems that would make training fail (errors) or affect its results (warnings). Made by `data.check(model)`. */
export class DataCheck extends CheckFacts {
  /** Problems that training rejects. */
  get errors(): readonly Finding[] {
    return this.findings.filter(({ severity }) => severity === "error");
  }

  /** Problems that training accepts. */
  get warnings(): readonly Finding[] {
    return this.findings.filter(({ severity }) => severity !== "error");
  }

  /** Whether training would accept these rows. */
  get ok(): boolean {
    return this.errors.length === 0;
  }

  /** Throws a DataError that lists all errors, if there are any; for scripts. */
  throwIfAny(): void {
    if (this.ok) return;
    throw new DataError(
      this.errors.map((finding) => ({
        ...finding,
        message: finding.rows === undefined ? finding.message : `${finding.message} (${finding.rows} rows)`,
        received: receivedValues(finding),
      })),
    );
  }

  /** The findings as text. */
  text(): string {
    return [this.#verdict(), ...this.findings.map((finding) => this.#lines(finding).join("\n"))].join("\n\n");
  }

  /** The findings as a list. */
  override async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../core/util/escape.js");
    const items = this.findings.map((finding) => {
      const [first = "", ...rest] = this.#lines(finding);
      const lines = rest.map((line) => `<br><span style="opacity:0.8">${escapeHtml(line.trim())}</span>`);
      return `<li style="margin:4px 0">${escapeHtml(first)}${lines.join("")}</li>`;
    });
    return {
      "text/html": `<div style="font-size:13px"><b>${escapeHtml(this.#verdict())}</b><ul>${items.join("")}</ul></div>`,
      "text/plain": this.text(),
    };
  }

  #verdict(): string {
    const counts = `${count(this.errors.length, "error")}, ${count(this.warnings.length, "warning")}`;
    const verdict = this.findings.length === 0 ? "no problems for training" : counts;
    return `${count(this.rowCount, "row")}, ${this.source}: ${verdict}`;
  }

  /** Formats a finding as lines of text, without the source, which the verdict already names. */
  #lines(finding: Finding): readonly string[] {
    const { severity, path, message, received, rows, examples = [], expected, fix } = finding;
    const place = path.startsWith(`${this.source}: `) ? path.slice(this.source.length + 2) : path;
    const affected = rows === undefined ? "" : ` (${count(rows, "row")}, ${percent(rows / this.rowCount)})`;
    const what = received === undefined ? message : `${message}: ${received}`;
    const lines = [`${severity === "error" ? severity : "warning"}: ${place}: ${what}${affected}`];
    const such = examples.map(({ row, source, value }) => {
      return `row ${row}${source === this.source ? "" : ` of ${source}`}: ${value}`;
    });
    if (such.length > 0) lines.push(`  such as ${such.join(", ")}`);
    if (expected !== undefined) lines.push(`  expected: ${expected}`);
    if (fix !== undefined) lines.push(`  fix: ${fix}`);
    return lines.map(visibleLine);
  }
}

/** The received values, as the user would write them. */
function receivedValues({ received, examples = [] }: Finding): string | undefined {
  const values = examples.map(({ source, row, value }) => `${value} (${source}, row ${row})`);
  return received ?? (values.join(", ") || undefined);
}

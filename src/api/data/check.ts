/** The result of checking data against a model, with all findings. */
import type { Finding, TableCheck } from "../../data/index.js";
import { DataError } from "../../errors/index.js";
import { count, percent } from "../../util/text/format.js";
import { visibleLine } from "../../util/text/visible.js";
import type { Sheet } from "../../views/index.js";
import { type DisplayBundle, Result, tables } from "../output/index.js";

/** Problems that would make training fail (errors) or affect its results (warnings). */
export class DataCheck extends Result {
  /** The findings as plain data. */
  readonly facts: TableCheck;
  /** What was checked: a path, or the kind of in-memory columns. */
  readonly source: string;
  /** Number of rows that were checked. */
  readonly rowCount: number;
  /** Errors first. */
  readonly findings: readonly Finding[];

  /** Use `data.check(model)`. @internal */
  constructor(facts: TableCheck) {
    super();
    this.facts = facts;
    this.source = facts.source;
    this.rowCount = facts.rows;
    this.findings = facts.findings;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().findingsSheet(this.facts);
  }

  /** Problems that training rejects. */
  get errors(): readonly Finding[] {
    return this.findings.filter(({ severity }) => severity === "error");
  }

  /** Problems that training accepts. */
  get warnings(): readonly Finding[] {
    return this.findings.filter(({ severity }) => severity === "warning");
  }

  /** Whether training would accept these rows. */
  get ok(): boolean {
    return this.errors.length === 0;
  }

  /** Throws a DataError that lists all errors, if there are any; for scripts. */
  throwIfAny(): void {
    if (this.ok) return;
    throw new DataError(
      this.errors.map(({ path, message, rows, examples, expected, fix }) => ({
        path,
        message: rows === null || rows === 0 ? message : `${message} (${rows} rows)`,
        received: examples.map(({ source, row, value }) => `${value} (${source}, row ${row})`).join(", ") || undefined,
        expected: expected ?? undefined,
        fix: fix ?? undefined,
      })),
    );
  }

  /** The findings as text. */
  text(): string {
    return [this.#verdict(), ...this.findings.map((finding) => this.#lines(finding).join("\n"))].join("\n\n");
  }

  /** The findings as a list. */
  override async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../render/index.js");
    const items = this.findings.map((finding) => {
      const [first = "", ...rest] = this.#lines(finding);
      const lines = rest.map((line) => `<br><span style="opacity:0.8">${escapeHtml(line.trim())}</span>`);
      return `<li style="margin:4px 0">${escapeHtml(first)}${lines.join("")}</li>`;
    });
    const verdict = escapeHtml(this.#verdict());
    return {
      "text/html": `<div style="font-size:13px"><b>${verdict}</b><ul>${items.join("")}</ul></div>`,
      "text/plain": this.text(),
    };
  }

  #verdict(): string {
    const counts = `${count(this.errors.length, "error")}, ${count(this.warnings.length, "warning")}`;
    const verdict = this.findings.length === 0 ? "no problems for training" : counts;
    return `${count(this.rowCount, "row")}, ${this.source}: ${verdict}`;
  }

  /** Formats a finding as lines of text, without the source, which the verdict already names. */
  #lines({ severity, path, message, rows, examples, expected, fix }: Finding): readonly string[] {
    const place = path.startsWith(`${this.source}: `) ? path.slice(this.source.length + 2) : path;
    const affected = rows ? ` (${count(rows, "row")}, ${percent(rows / this.rowCount)})` : "";
    const lines = [`${severity}: ${place}: ${message}${affected}`];
    const such = examples.map(({ row, source, value }) => {
      return `row ${row}${source === this.source ? "" : ` of ${source}`}: ${value}`;
    });
    if (such.length > 0) lines.push(`  such as ${such.join(", ")}`);
    if (expected !== null) lines.push(`  expected: ${expected}`);
    if (fix !== null) lines.push(`  fix: ${fix}`);
    return lines.map(visibleLine);
  }
}

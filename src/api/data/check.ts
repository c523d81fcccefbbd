/** What `data.check(model)` gives: every finding, and how they show themselves. */
import type { Finding, TableCheck } from "../../data/index.js";
import { DataError } from "../../errors/index.js";
import { count, percent } from "../../util/format.js";
import { visibleLine } from "../../util/text/visible.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** Everything that would go wrong in training (errors) and everything worth knowing before it (warnings). */
export class DataCheck extends Displayable implements TableCheck {
  /** What was checked: a path, or what kind of columns in memory. */
  readonly source: string;
  /** Rows that were checked. */
  readonly rows: number;
  /** Errors first. */
  readonly findings: readonly Finding[];

  /** Use `data.check(model)`. @internal */
  constructor(check: TableCheck) {
    super();
    this.source = check.source;
    this.rows = check.rows;
    this.findings = check.findings;
  }

  /** What training refuses. */
  get errors(): readonly Finding[] {
    return this.findings.filter(({ severity }) => severity === "error");
  }

  /** What training goes on with. */
  get warnings(): readonly Finding[] {
    return this.findings.filter(({ severity }) => severity === "warning");
  }

  /** Whether training would take these rows. */
  get ok(): boolean {
    return this.errors.length === 0;
  }

  /** Throws a DataError with every error, if there is one: for scripts. */
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

  /** The findings as a list. */
  async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../render/index.js");
    const found = `${count(this.errors.length, "error")}, ${count(this.warnings.length, "warning")}`;
    const verdict = this.findings.length === 0 ? "nothing here would go wrong in training" : found;
    const head = `${count(this.rows, "row")}, ${this.source}: ${verdict}`;
    const items = this.findings.map((finding) => findingLines(finding, this));
    const list = items.map(([first, ...rest]) => {
      const lines = rest.map((line) => `<br><span style="opacity:0.8">${escapeHtml(line.trim())}</span>`);
      return `<li style="margin:4px 0">${escapeHtml(first as string)}${lines.join("")}</li>`;
    });
    return {
      "text/html": `<div style="font-size:13px"><b>${escapeHtml(head)}</b><ul>${list.join("")}</ul></div>`,
      "text/plain": [head, ...items.map((lines) => lines.join("\n"))].join("\n\n"),
    };
  }
}

/** A finding as lines of text; the source, which the head names, is left out of its place. */
function findingLines(finding: Finding, { source, rows: all }: TableCheck): readonly string[] {
  const { severity, path, message, rows, examples, expected, fix } = finding;
  const place = path.startsWith(`${source}: `) ? path.slice(source.length + 2) : path;
  const share = !rows ? "" : ` (${count(rows, "row")}, ${percent(rows / all)})`;
  const shown = examples.map((example) => {
    const where = example.source === source ? "" : ` of ${example.source}`;
    return `row ${example.row}${where}: ${example.value}`;
  });
  return [
    `${severity}: ${place}: ${message}${share}`,
    ...(shown.length === 0 ? [] : [`  such as ${shown.join(", ")}`]),
    ...(expected === null ? [] : [`  expected: ${expected}`]),
    ...(fix === null ? [] : [`  fix: ${fix}`]),
  ].map(visibleLine);
}

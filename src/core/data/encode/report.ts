/** Findings of encoding; row numbers are resolved to files and rows at the end. */
import type { Finding, Severity } from "../../errors/finding.js";
import { DataError, type Problem } from "../../errors/index.js";
import { markedColumns } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { type Fault, mostExamples, type RowFinding, type RowProblems } from "../row-findings.js";
import { type Table, textsOf } from "../table/table.js";

/** Reports of encoding on rows that training accepts. */
export type RowJudge =
  | "absent domain"
  | "default value"
  | "id beyond 2^53"
  | "id outside the table"
  | "integer with a point"
  | "no value"
  | "row number with a fraction"
  | "time without a zone";

const severities: Partial<Record<RowJudge, Severity>> = { "absent domain": "serious", "id beyond 2^53": "moderate" };

/** Collects problems and findings of a column over all parts; equal ones are merged. */
export class Report implements RowProblems {
  constructor(readonly table: Table) {}

  /** Problems of columns and the model. */
  readonly problems: Problem[] = [];
  readonly #findings: RowFinding[] = [];
  readonly #places = new Map<string, number>();
  readonly #keys = new Set<string>();
  /** The column, or columns joined by ×, of the current feature. */
  column = "";
  #firstRow = 0;
  #subject = "";

  /** Rows that training refuses. */
  get errors(): readonly RowFinding[] {
    return this.#findings.filter(({ severity }) => severity === "error");
  }

  /** Findings on rows that training accepts. */
  get accepted(): readonly RowFinding[] {
    return this.#findings.filter(({ severity }) => severity !== "error");
  }

  get warnings(): Finding[] {
    return this.accepted.map(({ severity, judge, column, rows, message }) => {
      return { severity, judge, path: `column "${column}"`, column, message, rows: rows || undefined };
    });
  }

  startPart(firstRow: number): void {
    this.#firstRow = firstRow;
  }

  /** Sets the current feature, label or weight, and the name of its column; several may read one column. */
  about(subject: string, column = ""): void {
    this.#subject = subject;
    this.column = column;
  }

  problem(problem: Problem): void {
    const key = JSON.stringify([problem.path, problem.message]);
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.problems.push(problem);
  }

  fault(column: string, fault: Fault, words: Pick<RowFinding, "message" | "expected" | "fix">): void {
    this.#add({ ...words, severity: "error", column }, fault);
  }

  warn(judge: RowJudge, column: string, message: string, fault: Fault): void {
    this.#add({ severity: severities[judge] ?? "minor", judge, column, message }, fault);
  }

  absentDomain(column: string, message: string): void {
    const judge = "absent domain";
    this.#findings.push({ severity: severities[judge]!, judge, column, rows: 0, message, examples: [] });
  }

  #add(finding: Omit<RowFinding, "rows" | "examples">, fault: Fault): void {
    if (fault.rows === 0) return;
    const key = JSON.stringify([finding.severity, this.#subject, finding.column, finding.message]);
    const place = this.#places.get(key) ?? this.#findings.length;
    this.#places.set(key, place);
    const before = this.#findings[place];
    const more = fault.examples.map(({ row, received }) => ({ row: row + this.#firstRow, received }));
    const examples = [...(before?.examples ?? []), ...more].slice(0, mostExamples);
    this.#findings[place] = { ...(before ?? finding), rows: (before?.rows ?? 0) + fault.rows, examples };
  }

  async throwIfAny(): Promise<void> {
    const located = await Promise.all(this.errors.map((problem) => this.#located(problem)));
    const problems = [...this.problems, ...located];
    if (problems.length > 0) throw new DataError(problems);
  }

  async #located(problem: RowFinding): Promise<Problem> {
    const { column, rows, message, examples, expected } = problem;
    const [{ row: first, received } = { row: 0, received: "" }] = examples;
    const { source, row } = await this.table.locate(first);
    const others = rows > 1 ? ` (and in ${rows - 1} other row${rows > 2 ? "s" : ""})` : "";
    const path = `${source}: row ${row} (from 0), column "${column}"`;
    return { path, message: `${message}${others}`, received, expected, fix: await this.fixOf(problem) };
  }

  /** The fix of a problem, which may depend on all cells of its column. */
  async fixOf({ fix }: RowFinding): Promise<string | undefined> {
    if (typeof fix !== "function") return fix;
    // Held-out rows are part of the column that the fix changes. Without a fix for all, a filter may have left out
    // others.
    const whole = this.table.ofAllRows();
    return (await fix((column) => textsOf(whole, column))) ?? fix((column) => textsOf(this.table, column));
  }
}

/** Findings without those on missing values that an indicator of the model marks. */
export function withoutMarked<F extends Pick<Finding, "judge"> & { readonly column?: string | undefined }>(
  findings: readonly F[],
  spec: ModelSpec,
): F[] {
  const marked = markedColumns(spec);
  const isMissing = ({ judge }: F): boolean => judge === "no value" || judge === "default value";
  return findings.filter((finding) => !(isMissing(finding) && marked.has(finding.column ?? "")));
}

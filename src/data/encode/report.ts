/** Problems and counted warnings of encoding; row numbers are resolved to files and rows at the end. */
import { DataError, type Problem } from "../../errors/index.js";
import type { DataWarning } from "../encoded/encoded.js";
import { type Fault, mostExamples, type RowProblem, type RowProblems } from "../table/column.js";
import { type Table, textsOf } from "../table/table.js";

export type WarningKind =
  | "absent domain"
  | "default value"
  | "id beyond 2^53"
  | "id outside the table"
  | "integer with a point"
  | "no value"
  | "row number with a fraction"
  | "time without a zone";

export interface RowWarning extends RowProblem {
  readonly kind: WarningKind;
}

/** Collects problems and warnings of a column over all parts; equal ones are merged. */
export class Report implements RowProblems {
  readonly problems: Problem[] = [];
  readonly rowProblems: RowProblem[] = [];
  readonly rowWarnings: RowWarning[] = [];
  readonly #places = new Map<string, number>();
  readonly #keys = new Set<string>();
  /** The column, or columns joined by ×, of the current feature. */
  column = "";
  #firstRow = 0;
  #subject = "";

  get warnings(): DataWarning[] {
    return this.rowWarnings.map(({ column, rows, message }) => ({ column, rows, message }));
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

  fault(column: string, fault: Fault, words: Pick<RowProblem, "message" | "expected" | "fix">): void {
    this.#add("problem", this.rowProblems, { ...words, column }, fault);
  }

  warn(kind: WarningKind, column: string, message: string, fault: Fault): void {
    this.#add("warning", this.rowWarnings, { kind, column, message }, fault);
  }

  absentDomain(column: string, message: string): void {
    this.rowWarnings.push({ kind: "absent domain", column, rows: 0, message, examples: [] });
  }

  #add<Entry extends RowProblem>(
    kind: string,
    entries: Entry[],
    entry: Omit<Entry, "rows" | "examples">,
    fault: Fault,
  ): void {
    if (fault.rows === 0) return;
    const key = JSON.stringify([kind, this.#subject, entry.column, entry.message]);
    const place = this.#places.get(key) ?? entries.length;
    this.#places.set(key, place);
    const before = entries[place];
    const more = fault.examples.map(({ row, received }) => ({ row: row + this.#firstRow, received }));
    const examples = [...(before?.examples ?? []), ...more].slice(0, mostExamples);
    entries[place] = { ...(before ?? (entry as Entry)), rows: (before?.rows ?? 0) + fault.rows, examples };
  }

  async throwIfAny(table: Table): Promise<void> {
    const located = await Promise.all(this.rowProblems.map((problem) => locate(problem, table)));
    const problems = [...this.problems, ...located];
    if (problems.length > 0) throw new DataError(problems);
  }
}

async function locate(problem: RowProblem, table: Table): Promise<Problem> {
  const { column, rows, message, examples, expected } = problem;
  const [{ row: first, received } = { row: 0, received: "" }] = examples;
  const { source, row } = await table.locate(first);
  const others = rows > 1 ? ` (and in ${rows - 1} other row${rows > 2 ? "s" : ""})` : "";
  const path = `${source}: row ${row} (from 0), column "${column}"`;
  return { path, message: `${message}${others}`, received, expected, fix: await fixOf(problem, table) };
}

/** The fix of a problem, which may depend on all cells of its column. */
export async function fixOf({ fix }: RowProblem, table: Table): Promise<string | undefined> {
  if (typeof fix !== "function") return fix;
  // Held-out rows are part of the column that the fix changes. Without a fix for all, a filter may have left out
  // others.
  const whole = table.ofAllRows();
  return (await fix((column) => textsOf(whole, column))) ?? fix((column) => textsOf(table, column));
}

/**
 * Collects the results of encoding: all problems, and warnings with counts. Encoders note row numbers of the table;
 * at the end each is resolved to its file and row.
 */
import { DataError, type Problem } from "../../errors/index.js";
import type { DataWarning } from "../encoded/encoded.js";
import { type Example, type Fault, mostExamples, type RowProblem } from "../table/column.js";
import type { Table } from "../table/table.js";

/** What a warning is about. */
export type WarningKind =
  | "absent domain"
  | "default value"
  | "id beyond 2^53"
  | "id outside the table"
  | "integer with a point"
  | "no value"
  | "row number with a fraction"
  | "time without a zone";

/** A counted warning with some of its rows. */
export interface RowWarning extends DataWarning {
  readonly kind: WarningKind;
  readonly examples: readonly Example[];
}

/** Collects problems and warnings of a column over all parts; equal ones are merged. */
export class Report {
  readonly warnings: DataWarning[] = [];
  /** The warnings with some of their rows, for `check`. */
  readonly rowWarnings: RowWarning[] = [];
  readonly problems: Problem[] = [];
  readonly rowProblems: RowProblem[] = [];
  /** The index of each problem and warning, by its subject. */
  readonly #places = new Map<string, number>();
  /** Paths and messages of problems so far. */
  readonly #keys = new Set<string>();
  #firstRow = 0;
  #subject = "";

  /** Sets the offset of the following row numbers in the table. */
  startPart(firstRow: number): void {
    this.#firstRow = firstRow;
  }

  /** Sets the current feature, label or weight: two may read one column. */
  about(subject: string): void {
    this.#subject = subject;
  }

  /** Adds a problem of a column or of the whole model, once. */
  problem(problem: Problem): void {
    const key = JSON.stringify([problem.path, problem.message]);
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.problems.push(problem);
  }

  /** Adds a problem in rows of this part. */
  rowProblem(problem: RowProblem): void {
    const at = this.#place("problem", problem, this.rowProblems.length);
    const entry = this.rowProblems[at];
    if (entry === undefined) {
      const examples = problem.examples === undefined ? {} : { examples: this.#inTable(problem.examples) };
      this.rowProblems.push({ ...problem, row: problem.row + this.#firstRow, ...examples });
    } else {
      const examples = this.#more(entry.examples, problem.examples);
      this.rowProblems[at] = { ...entry, rows: entry.rows + problem.rows, examples };
    }
  }

  /** Adds a warning about rows of this part, if there are any. */
  warn(kind: WarningKind, column: string, message: string, { rows, examples }: Fault): void {
    if (rows === 0) return;
    const at = this.#place("warning", { column, message }, this.warnings.length);
    const entry = this.rowWarnings[at];
    const total = (entry?.rows ?? 0) + rows;
    const all = entry === undefined ? this.#inTable(examples) : (this.#more(entry.examples, examples) ?? []);
    this.warnings[at] = { column, rows: total, message };
    this.rowWarnings[at] = { kind, column, rows: total, message, examples: all };
  }

  /** Adds a warning that no row has a domain. */
  absentDomain(column: string, message: string): void {
    this.warnings.push({ column, rows: 0, message });
    this.rowWarnings.push({ kind: "absent domain", column, rows: 0, message, examples: [] });
  }

  /** The index of a known problem or warning, or `next` for a new one. */
  #place(kind: string, { column, message }: { column: string; message: string }, next: number): number {
    const key = JSON.stringify([kind, this.#subject, column, message]);
    const place = this.#places.get(key) ?? next;
    this.#places.set(key, place);
    return place;
  }

  #inTable(examples: readonly Example[]): Example[] {
    return examples.map(({ row, received }) => ({ row: row + this.#firstRow, received }));
  }

  #more(earlier: readonly Example[] | undefined, examples: readonly Example[] | undefined): Example[] | undefined {
    if (earlier === undefined) return undefined;
    return [...earlier, ...this.#inTable(examples ?? [])].slice(0, mostExamples);
  }

  /** Throws a DataError with every problem, if any. */
  async throwIfAny(table: Table): Promise<void> {
    const located = await Promise.all(this.rowProblems.map((problem) => locate(problem, table)));
    const problems = [...this.problems, ...located];
    if (problems.length > 0) throw new DataError(problems);
  }
}

async function locate(problem: RowProblem, table: Table): Promise<Problem> {
  const { source, row } = await table.locate(problem.row);
  const { column, rows, message, received, expected, fix } = problem;
  const others = rows > 1 ? ` (and in ${rows - 1} other row${rows > 2 ? "s" : ""})` : "";
  return {
    path: `${source}: row ${row} (from 0), column "${column}"`,
    message: `${message}${others}`,
    received,
    expected,
    fix,
  };
}

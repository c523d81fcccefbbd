/**
 * What encoding found: problems, all of them, and warnings with counts. Encoders note rows of the table;
 * at the end each is traced to its file and row.
 */
import { DataError, type Problem } from "../../errors/index.js";
import type { DataWarning } from "../encoded/encoded.js";
import type { Table } from "../table/table.js";

/** A problem in some rows of a column; the first of them is shown. */
export interface RowProblem {
  readonly column: string;
  /** First row where it is so. */
  readonly row: number;
  /** Rows where it is so. */
  readonly rows: number;
  readonly message: string;
  readonly received?: string | undefined;
  readonly expected?: string | undefined;
  readonly fix?: string | undefined;
  /** Some of the rows; where left out, the first. */
  readonly examples?: readonly Example[];
}

/** A row of the table and what it holds. */
export interface Example {
  readonly row: number;
  readonly received: string;
}

/** A counted warning with some of its rows. */
export interface RowWarning extends DataWarning {
  readonly examples: readonly Example[];
}

const mostExamples = 5;

/**
 * Collects while columns are encoded, part by part: what several parts have in common becomes one problem or warning.
 */
export class Report {
  readonly warnings: DataWarning[] = [];
  /** The warnings again, each with some of its rows: what `check` shows. */
  readonly rowWarnings: RowWarning[] = [];
  readonly problems: Problem[] = [];
  readonly rowProblems: RowProblem[] = [];
  /** Where each problem and warning of rows stands, by what it is about. */
  readonly #places = new Map<string, number>();
  /** Paths and messages of problems so far. */
  readonly #said = new Set<string>();
  #firstRow = 0;
  #subject = "";

  /** From now on rows are counted from this row of the table. */
  startPart(firstRow: number): void {
    this.#firstRow = firstRow;
  }

  /** From now on this is about a feature, label or weight: two may read one column. */
  about(subject: string): void {
    this.#subject = subject;
  }

  /** Something wrong with a column or the model as a whole; said once. */
  problem(problem: Problem): void {
    const key = JSON.stringify([problem.path, problem.message]);
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.problems.push(problem);
  }

  /** Something wrong in rows of this part. */
  rowProblem(problem: RowProblem): void {
    const at = this.#place("problem", problem, this.rowProblems.length);
    const known = this.rowProblems[at];
    if (known === undefined) {
      const examples = problem.examples === undefined ? {} : { examples: this.#inTable(problem.examples) };
      this.rowProblems.push({ ...problem, row: problem.row + this.#firstRow, ...examples });
    } else {
      const examples = this.#more(known.examples, problem.examples);
      this.rowProblems[at] = { ...known, rows: known.rows + problem.rows, ...(examples ? { examples } : {}) };
    }
  }

  /** Rows of this part that share a fate worth telling. */
  warn(column: string, rows: number, message: string, examples: readonly Example[] = []): void {
    if (rows === 0) return;
    const at = this.#place("warning", { column, message }, this.warnings.length);
    const known = this.rowWarnings[at];
    if (known === undefined) {
      this.warnings.push({ column, rows, message });
      this.rowWarnings.push({ column, rows, message, examples: this.#inTable(examples) });
    } else {
      this.warnings[at] = { column, rows: known.rows + rows, message };
      const more = this.#more(known.examples, examples) ?? [];
      this.rowWarnings[at] = { column, rows: known.rows + rows, message, examples: more };
    }
  }

  /** Something that no row has. */
  absent(column: string, message: string): void {
    this.warnings.push({ column, rows: 0, message });
    this.rowWarnings.push({ column, rows: 0, message, examples: [] });
  }

  /** The place of a known problem or warning, or `next` for a new one. */
  #place(kind: string, { column, message }: { column: string; message: string }, next: number): number {
    const key = JSON.stringify([kind, this.#subject, column, message]);
    const place = this.#places.get(key) ?? next;
    this.#places.set(key, place);
    return place;
  }

  #inTable(examples: readonly Example[]): Example[] {
    return examples.map(({ row, received }) => ({ row: row + this.#firstRow, received }));
  }

  #more(known: readonly Example[] | undefined, examples: readonly Example[] | undefined): Example[] | undefined {
    if (known === undefined) return undefined;
    return [...known, ...this.#inTable(examples ?? [])].slice(0, mostExamples);
  }

  /** Throws a DataError with every problem, if there is one. */
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

/** Counts rows with one fault and remembers the first few. */
export class Fault {
  rows = 0;
  first = -1;
  received = "";
  readonly examples: Example[] = [];

  /** `received`: a function where writing it takes time, called for the first few rows only. */
  note(row: number, received: string | number | (() => string)): void {
    if (this.rows < mostExamples) {
      const text = typeof received === "function" ? received() : String(received);
      this.examples.push({ row, received: text });
      if (this.rows === 0) {
        this.first = row;
        this.received = text;
      }
    }
    this.rows += 1;
  }
}

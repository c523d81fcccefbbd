/**
 * What encoding found: problems, all of them, and warnings with counts. Encoders note rows of the table;
 * at the end each is traced to its file and row.
 */
import { DataError, type Problem } from "../../errors/index.js";
import type { DataWarning } from "../encoded.js";
import type { Table } from "../table.js";

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

/** Collects while columns are encoded. */
export class Report {
  readonly warnings: DataWarning[] = [];
  /** The warnings again, each with some of its rows: what `check` shows. */
  readonly rowWarnings: RowWarning[] = [];
  readonly problems: Problem[] = [];
  readonly rowProblems: RowProblem[] = [];

  /** Something wrong with a column or the model as a whole. */
  problem(problem: Problem): void {
    this.problems.push(problem);
  }

  /** Something wrong in rows. */
  rowProblem(problem: RowProblem): void {
    this.rowProblems.push(problem);
  }

  /** Rows that share a fate worth telling. */
  warn(column: string, rows: number, message: string, examples: readonly Example[] = []): void {
    if (rows === 0) return;
    this.warnings.push({ column, rows, message });
    this.rowWarnings.push({ column, rows, message, examples });
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

const mostExamples = 5;

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

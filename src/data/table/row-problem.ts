/** Problems in rows of a table, and the rows that show them. */

/** A problem in some rows of a column, with the first of them. */
export interface RowProblem {
  readonly column: string;
  /** The first affected row. */
  readonly row: number;
  /** Number of affected rows. */
  readonly rows: number;
  readonly message: string;
  readonly received?: string | undefined;
  readonly expected?: string | undefined;
  readonly fix?: string | undefined;
  /** Some of the rows; default: the first. */
  readonly examples?: readonly Example[];
}

/** A row of the table and its value. */
export interface Example {
  readonly row: number;
  readonly received: string;
}

/** Receives problems of rows: a report of encoding. */
export interface RowProblems {
  rowProblem(problem: RowProblem): void;
}

/** The maximum number of examples. */
export const mostExamples = 5;

/** Counts rows with one fault and keeps the first few. */
export class Fault {
  rows = 0;
  first = -1;
  received = "";
  readonly examples: Example[] = [];

  /** `received`: a function if formatting is expensive, called only for the first few rows. */
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

/**
 * Types of the findings of `check`, with example rows.
 */

/** A row that shows a finding. */
export interface ExampleRow {
  /** The file or other source of the row. */
  readonly source: string;
  /** Row number in that source, counted from 0. */
  readonly row: number;
  /** The value in that row, shortened. */
  readonly value: string;
}

/** A problem (`error`: training rejects it) or a remark (`warning`: training continues). */
export interface Finding {
  /** Whether training rejects it. */
  readonly severity: "error" | "warning";
  /** The place: a column of a file, or a path into the model such as `features.price`. */
  readonly path: string;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** Number of affected rows; `null` if the finding is about a column or the whole model. */
  readonly rows: number | null;
  /** Up to five example rows. */
  readonly examples: readonly ExampleRow[];
  /** The expected value; `null` if the message contains it. */
  readonly expected: string | null;
  /** How to fix it; `null` if that depends on the intention. */
  readonly fix: string | null;
}

/** The findings of a table. */
export interface TableCheck {
  /** The checked source: a path, or the kind of columns in memory. */
  readonly source: string;
  /** Number of checked rows. */
  readonly rows: number;
  /** The findings, errors first. */
  readonly findings: readonly Finding[];
}

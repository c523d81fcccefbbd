/** One thing that `check` found, with the rows that show it. */

/** A row that shows a finding. */
export interface ExampleRow {
  /** File, or what else the row came from. */
  readonly source: string;
  /** Row in that source, counted from 0. */
  readonly row: number;
  /** What stands there, shortened. */
  readonly value: string;
}

/** One thing that is wrong (`error`: training refuses it) or worth knowing (`warning`: training goes on). */
export interface Finding {
  /** Whether training refuses it. */
  readonly severity: "error" | "warning";
  /** Where: a column of a file, or a path into the model such as `features.price`. */
  readonly path: string;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** Rows where it is so; `null` where it is about a column or the model as a whole. */
  readonly rows: number | null;
  /** Up to five rows that show it. */
  readonly examples: readonly ExampleRow[];
  /** What should stand there; `null` where the message says it. */
  readonly expected: string | null;
  /** How to mend it; `null` where that depends on what was meant. */
  readonly fix: string | null;
}

/** Everything that `check` found in a table. */
export interface TableCheck {
  /** What was checked: a path, or what kind of columns in memory. */
  readonly source: string;
  /** Rows that were checked. */
  readonly rows: number;
  /** Errors first. */
  readonly findings: readonly Finding[];
}

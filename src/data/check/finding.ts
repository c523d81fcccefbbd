/** One thing that `check` found, with the rows that show it. */

/** A row that shows a finding. */
export interface ExampleRow {
  /** File, or what else the row came from. */
  readonly source: string;
  /** Row in that source, counted from 0. */
  readonly row: number;
  readonly value: string;
}

/** One thing that is wrong (`error`: training refuses it) or worth knowing (`warning`: training goes on). */
export interface Finding {
  readonly severity: "error" | "warning";
  /** Where: a column of a file, or a path into the model such as `features.price`. */
  readonly path: string;
  readonly message: string;
  /** Rows where it is so; `null` where it is about a column or the model as a whole. */
  readonly rows: number | null;
  readonly examples: readonly ExampleRow[];
  readonly expected: string | null;
  readonly fix: string | null;
}

/** Everything that `check` found in a table. */
export interface TableCheck {
  readonly source: string;
  readonly rows: number;
  /** Errors first. */
  readonly findings: readonly Finding[];
}

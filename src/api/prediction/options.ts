/** Options for writing predictions to a file. */

/** Options for writing predictions. */
export interface WritePredictionsOptions {
  /** The Parquet file to write. */
  readonly path: string;
  /** Columns of the rows to copy first. Default: none. */
  readonly reserve?: readonly string[];
  /** `true`: every domain's outputs for every row, with `_{domain}` after the tower's name. Default: `false`. */
  readonly everyDomain?: boolean;
}

/** A file of predictions. */
export interface WrittenPredictions {
  /** The file. */
  readonly path: string;
  /** Number of rows. */
  readonly rowCount: number;
  /** Counts of problems in the rows, such as ids outside their tables. */
  readonly notes: readonly string[];
}

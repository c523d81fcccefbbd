/** How predictions are written to a file. */

/** Where predictions go, and what is in them. */
export interface WritePredictionsOptions {
  /** The Parquet file to write. */
  readonly path: string;
  /** Columns of the rows to copy, in front. Default: none. */
  readonly reserve?: readonly string[];
  /** `true`: every domain's outputs for every row, with `_{domain}` behind the tower's name. Default: `false`. */
  readonly everyDomain?: boolean;
}

/** A file of predictions. */
export interface WrittenPredictions {
  /** The file. */
  readonly path: string;
  /** Number of rows. */
  readonly rowCount: number;
  /** What was counted in the rows, such as ids outside their tables. */
  readonly notes: readonly string[];
}

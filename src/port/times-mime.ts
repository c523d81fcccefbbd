/**
 * The MIME type that names the times in an output: measured durations and rates, which differ between equal runs.
 * `notebook verify` ignores these places of the new run's output and no others.
 */
export const timesMime = "application/vnd.pepnet.times+json";

/** Where an output holds times. */
export interface TimePlaces {
  /** Ranges of characters in the title, which a chart, its text and a table's caption share. */
  readonly title?: readonly (readonly [from: number, to: number])[];
  /** Columns of the table, from 0. */
  readonly columns?: readonly number[];
  /** Cells of the table as row and column, from 0. */
  readonly cells?: readonly (readonly [row: number, column: number])[];
}

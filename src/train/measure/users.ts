/**
 * The user of each row: a user's rows are not independent, so intervals draw whole users.
 */

/** A column that identifies the user of a row. */
export interface UserColumn {
  /** The column of the data. */
  readonly name: string;
  /** `[rows]`: 0 … users − 1; negative if the user is not known. */
  readonly codes: Int32Array;
}

/**
 * The bootstrap unit of each row: its user, or the row itself if its user is unknown.
 * @param rows numbers of the rows; default: all
 */
export function drawnUsers({ codes }: UserColumn, rows?: Int32Array): Int32Array {
  const chosen = rows === undefined ? codes : Int32Array.from(rows, (row) => codes[row]!);
  return chosen.map((code, at) => (code < 0 ? -1 - at : code));
}

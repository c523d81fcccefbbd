/**
 * Types for the ids of a column, per row or per distinct text.
 */

/** Ids of one column in "entries": its rows, or distinct texts. Entry e holds ids `offsets[e] …`. */
export interface Entries {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly weights: Float32Array | null;
  /** Number of ids outside the vocabulary or range in each entry. */
  readonly outside: Int32Array;
  /** Text of an entry that is not an id. */
  readonly bad: ReadonlyMap<number, string>;
}

/** The entries of a column, and the entry of each row. */
export interface CodedIds {
  readonly entries: Entries;
  /** [rows], −1: none; `null`: row r has entry r. */
  readonly entryOf: Int32Array | null;
  readonly rows: number;
  /** `false`: every entry is an id inside the vocabulary or range. */
  readonly faulty: boolean;
  /** Rows without a value are normal (lists, several values in a text) and cause no warning. */
  readonly emptyIsOrdinary: boolean;
}

/** Ids of a column, as its rows or its distinct texts hold them. */

/** Ids of one column in "entries": its rows, or distinct texts. Entry e holds ids `offsets[e] …`. */
export interface Entries {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly weights: Float32Array | null;
  /** Ids outside the vocabulary or range in each entry. */
  readonly outside: Int32Array;
  /** Text of an entry that is no id. */
  readonly bad: ReadonlyMap<number, string>;
}

/** A column's entries, and which of them each row holds. */
export interface CodedIds {
  readonly entries: Entries;
  /** [rows], −1: none; `null`: row r holds entry r. */
  readonly entryOf: Int32Array | null;
  readonly rows: number;
  /** `false`: every id is one, inside the vocabulary or range. */
  readonly faulty: boolean;
  /** A row may well hold nothing (lists, several values in a text): not worth a warning. */
  readonly emptyIsOrdinary: boolean;
}

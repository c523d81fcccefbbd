/** Tables for people, as plain data. */

/** A value of a table; `null` is a gap (not defined there). */
export type Cell = string | number | boolean | null;

/** A column of a table. */
export interface TableColumn {
  /** The heading. */
  readonly name: string;
  /** Digits after the point. Default: whole numbers are grouped by thousands, others get four significant digits. */
  readonly digits?: number;
  /** Show the fraction as a percentage. */
  readonly percent?: boolean;
  /** Default: right for columns of numbers, left otherwise. */
  readonly align?: "left" | "right";
}

/** A table: each row has a cell for each column. */
export interface Table {
  /** Caption above the table. */
  readonly caption?: string;
  /** In order, left to right. */
  readonly columns: readonly TableColumn[];
  /** [rows][columns] */
  readonly rows: readonly (readonly Cell[])[];
}

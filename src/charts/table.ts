/** Tables of results, as data: `src/render` makes HTML and text of them. */

/** A value of a table; `null` is a gap (not defined there). */
export type Cell = string | number | boolean | null;

/** A column of a table. */
export interface TableColumn {
  /** The heading. */
  readonly name: string;
  /** Digits after the point; left out, whole numbers are grouped by thousands and others get four significant digits. */
  readonly digits?: number;
  /** Show the fraction as per cent. */
  readonly percent?: boolean;
  /** Left out: right for columns of numbers, left otherwise. */
  readonly align?: "left" | "right";
}

/** A table: rows of cells, as many as there are columns. */
export interface Table {
  /** Above the table. */
  readonly caption?: string;
  /** In order, left to right. */
  readonly columns: readonly TableColumn[];
  /** [rows][columns] */
  readonly rows: readonly (readonly Cell[])[];
}

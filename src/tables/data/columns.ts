/** Column statistics of a data set: distinct and missing values. */
import type { Column } from "../column.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One column of a data set. */
export interface ColumnSummary {
  readonly name: string;
  /** `null`: not counted. */
  readonly distinct: number | null;
  /** Number of rows without a value. */
  readonly missing: number;
  /** Number of rows whose value training lacks; `null` or missing: not compared. */
  readonly unseen?: number | null;
}

/** One row per column of a data set of `rows` rows. */
export function columnsSheet(caption: string, columns: readonly ColumnSummary[], rows: number): Sheet {
  return makeSheet<ColumnSummary>(
    caption,
    [
      { key: "column", heading: "column", kind: "text", value: ({ name }) => name },
      { key: "distinct", heading: "distinct", kind: "count", value: ({ distinct }) => distinct },
      { key: "missing", heading: "missing", kind: "count", value: ({ missing }) => missing },
      {
        key: "missing_share",
        heading: "missing share",
        kind: "share",
        digits: 2,
        value: ({ missing }) => shareOfRows(missing, rows),
      },
      ...unseenColumns(columns, rows),
    ],
    columns,
  );
}

/** The share of rows whose value training lacks, if the columns were compared with training data. */
export function unseenColumns<T extends Pick<ColumnSummary, "unseen">>(
  columns: readonly T[],
  rows: number,
): readonly Column<T>[] {
  if (!isCompared(columns)) return [];
  const value = ({ unseen }: T): number | null => shareOfRows(unseen, rows);
  return [{ key: "not_in_training", heading: "not in training", kind: "share", digits: 2, value }];
}

/** Whether the columns were compared with training data. */
export function isCompared(columns: readonly Pick<ColumnSummary, "unseen">[]): boolean {
  return columns.some(({ unseen }) => typeof unseen === "number");
}

/** A part of the rows as a share; `null` if it is unknown or there are no rows. */
export function shareOfRows(part: number | null | undefined, rows: number): number | null {
  return part === null || part === undefined || rows === 0 ? null : part / rows;
}

/** Column statistics of a data set: distinct and missing values. */
import { grouped } from "../../util/text/format.js";
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
  /** The most frequent values. */
  readonly top?: readonly { readonly value: string | number | boolean; readonly rows: number }[];
  /** The smallest and the largest number; `null` for text. */
  readonly min?: number | null;
  readonly max?: number | null;
  /** Numbers of rows in bins of equal width from `min` to `max`; `null` for text. */
  readonly histogram?: readonly number[] | null;
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
      ...valueColumns(columns),
    ],
    columns,
  );
}

/** What the histograms show, if the columns have them. */
function valueColumns(columns: readonly ColumnSummary[]): readonly Column<ColumnSummary>[] {
  if (columns.every(({ top, histogram }) => top === undefined && histogram === undefined)) return [];
  const texts = ({ top = [] }: ColumnSummary) => top.map((each) => `${each.value} (${grouped(each.rows)})`).join(", ");
  return [
    { key: "most_frequent", heading: "most frequent (rows)", kind: "text", value: texts },
    { key: "smallest", heading: "smallest", kind: "number", digits: 4, value: ({ min }) => min },
    { key: "largest", heading: "largest", kind: "number", digits: 4, value: ({ max }) => max },
    {
      key: "histogram",
      heading: "rows in bins of equal width",
      kind: "text",
      value: ({ histogram }) => histogram?.join(" ") ?? null,
    },
  ];
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

/**
 * Typed columns: one list per result defines its table, data frame, Markdown and JSON. A column with a `key` appears in
 * records (frames, JSON), one with a `heading` in tables for people; most have both. If the values differ (`domain: -1`
 * in a record, `all rows` in a table), there are two columns.
 */
import type { Cell } from "./format/index.js";

/** The format of a column's values: counts are grouped by thousands, shares are percentages, flags are yes or no. */
export type ColumnKind = "text" | "count" | "number" | "share" | "flag" | "any";

/** A column has a key, a heading, or both. */
type Named =
  | { readonly key: string; readonly heading?: string | undefined }
  | { readonly key?: undefined; readonly heading: string };

/** A missing value is a gap: `null` in records, a dash in tables. */
type Optional<Value> = Value | null | undefined;

/** A column of a result with rows of type `Row`. */
export type Column<Row> = Named &
  (
    | { readonly kind: "text"; readonly value: (row: Row) => Optional<string> }
    | { readonly kind: "count"; readonly value: (row: Row) => Optional<number> }
    | {
        readonly kind: "number" | "share";
        readonly value: (row: Row) => Optional<number>;
        /** Digits after the point in tables. Default: four significant digits; one digit for a share. */
        readonly digits?: number | undefined;
      }
    | { readonly kind: "flag"; readonly value: (row: Row) => Optional<boolean> }
    /** Values of more than one type, such as the settings of a study's variants. */
    | { readonly kind: "any"; readonly value: (row: Row) => Optional<Cell>; readonly digits?: number | undefined }
  );

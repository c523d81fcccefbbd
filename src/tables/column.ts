/**
 * Typed columns: one list per result, from which its table, its data frame, its Markdown and its JSON follow.
 * A column with a `key` is in records (frames, JSON), one with a `heading` is in tables that people read, and most
 * have both. Where the two differ (`domain: -1` in a record, `all rows` in a table), they are two columns.
 */
import type { Cell } from "./format/index.js";

/** How the values of a column read: counts are grouped by thousands, shares are percentages, flags are yes or no. */
export type ColumnKind = "text" | "count" | "number" | "share" | "flag" | "any";

/** Where a column appears; it has a key, a heading, or both. */
type Named =
  | { readonly key: string; readonly heading?: string | undefined }
  | { readonly key?: undefined; readonly heading: string };

/** A missing value is a gap: `null` in records, a dash in tables. */
type Optional<Value> = Value | null | undefined;

/** A column of a result whose rows are `Row`s. */
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

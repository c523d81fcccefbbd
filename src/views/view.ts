/** Typed columns: one list per result defines its table and records; a value that differs there has two columns. */
import type { TimePlaces } from "../port/notebook.js";
import type { JsonObject } from "../util/random.js";
import type { Cell, Table, TableColumn } from "./format.js";

/** The format of a column's values: counts are grouped by thousands, shares are percentages, flags are yes or no. */
export type ColumnKind = "text" | "count" | "number" | "share" | "flag" | "any";

/** A missing value is a gap: `null` in records, a dash in tables. */
type Value<Row, Type> = (row: Row) => Type | null | undefined;

export type Column<Row> = {
  /** The name in records. Default: not in records. */
  readonly key?: string | undefined;
  /** The heading in tables. Default: not in tables. */
  readonly heading?: string | undefined;
  /** Digits after the point in tables. Default: four significant digits; one digit for a share. */
  readonly digits?: number | undefined;
  /** Measured times or rates, which differ between equal runs. */
  readonly times?: boolean;
} & (
  | { readonly kind: "text"; readonly value: Value<Row, string> }
  | { readonly kind: "count" | "number" | "share"; readonly value: Value<Row, number> }
  | { readonly kind: "flag"; readonly value: Value<Row, boolean> }
  /** Values of more than one type, such as the settings of a study's variants. */
  | { readonly kind: "any"; readonly value: Value<Row, Cell> }
);

interface Interval {
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
}

/** A column's key, which is also its heading, or both; without one of them it is not in records, or not in tables. */
type Name = string | readonly [key: string | null | undefined, heading: string | null | undefined];

/** Makes columns: `col.number("low", ({ low }) => low, 4)`, `col.text(["task", null], ({ tower }) => tower)`. */
export const col = {
  text<Row>(name: Name, value: Value<Row, string>): Column<Row> {
    return { ...named(name), kind: "text", value };
  },
  count<Row>(name: Name, value: Value<Row, number>): Column<Row> {
    return { ...named(name), kind: "count", value };
  },
  number<Row>(name: Name, value: Value<Row, number>, digits?: number): Column<Row> {
    return { ...named(name), kind: "number", value, digits };
  },
  /** Measured times or rates, which `notebook verify` does not compare. */
  times<Row>(name: Name, value: Value<Row, number>, digits?: number): Column<Row> {
    return { ...named(name), kind: "number", value, digits, times: true };
  },
  share<Row>(name: Name, value: Value<Row, number>, digits?: number): Column<Row> {
    return { ...named(name), kind: "share", value, digits };
  },
  /** The ends of an interval. @param name of each end. Default: the end, as key and heading */
  ends<Row>(
    interval: (row: Row) => Interval | null | undefined,
    digits?: number,
    name: (end: "low" | "high") => Name = (end) => end,
  ): readonly Column<Row>[] {
    return (["low", "high"] as const).map((end) => col.number(name(end), (row) => interval(row)?.[end], digits));
  },
  flag<Row>(name: Name, value: Value<Row, boolean>): Column<Row> {
    return { ...named(name), kind: "flag", value };
  },
  any<Row>(name: Name, value: Value<Row, Cell>): Column<Row> {
    return { ...named(name), kind: "any", value };
  },
};

function named(name: Name): { readonly key: string | undefined; readonly heading: string | undefined } {
  const [key, heading] = typeof name === "string" ? [name, name] : name;
  return { key: key ?? undefined, heading: heading ?? undefined };
}

export interface SheetColumn {
  /** The name in records; `null`: not in records. Unique within a sheet. */
  readonly key: string | null;
  /** The heading in tables; `null`: not in tables. */
  readonly heading: string | null;
  readonly kind: ColumnKind;
  /** Digits after the point in tables; `null`: by the value. */
  readonly digits: number | null;
}

/** The source of a result's table, frame, Markdown and JSON. */
export interface Sheet {
  readonly caption: string | null;
  readonly columns: readonly SheetColumn[];
  /** [rows][columns] */
  readonly rows: readonly (readonly Cell[])[];
  readonly times?: TimePlaces;
}

/** One row of a result, by the columns' keys. */
export type SheetRecord = Readonly<Record<string, Cell>>;

/** The columns of a sheet in order; lists of columns are part of it, `false` is left out. */
export type ColumnList<Row> = readonly (Column<Row> | readonly Column<Row>[] | false)[];

/** Evaluates the columns on each row. A repeated key (a domain named `rows`) gets a number, so no value is lost. */
export function sheetFrom<Row>(caption: string | null, rows: readonly Row[], list: ColumnList<Row>): Sheet {
  const columns = list.flatMap((part) => part || []);
  const keys = uniqueKeys(columns.map(({ key }) => key ?? null));
  const times = columns
    .filter(({ heading }) => heading !== undefined)
    .flatMap((column, c) => (column.times ? [c] : []));
  return {
    ...(times.length > 0 ? { times: { columns: times } } : {}),
    caption,
    columns: columns.map((column, c) => ({
      key: keys[c] ?? null,
      heading: column.heading ?? null,
      kind: column.kind,
      digits: column.digits ?? null,
    })),
    rows: rows.map((row) => columns.map((column) => column.value(row) ?? null)),
  };
}

export function sheetTable(sheet: Sheet): Table {
  const places = sheet.columns.flatMap((column, c) => (column.heading === null ? [] : [c]));
  const table = {
    columns: places.map((c) => tableColumn(sheet.columns[c]!)),
    rows: sheet.rows.map((row) => places.map((c) => row[c] ?? null)),
  };
  return sheet.caption === null ? table : { caption: sheet.caption, ...table };
}

/** The columns with a key, as one record per row in full precision, for frames and JSON. */
export function sheetRecords(sheet: Sheet): SheetRecord[] {
  const keyed = sheet.columns.flatMap(({ key }, c) => (key === null ? [] : [[key, c] as const]));
  return sheet.rows.map((row) => Object.fromEntries(keyed.map(([key, c]) => [key, row[c] ?? null])));
}

/** A table as a sheet whose headings are also its keys; a repeated heading gets a number in records. */
export function tableSheet(table: Table, caption: string | null = table.caption ?? null): Sheet {
  const keys = uniqueKeys(table.columns.map(({ name }) => name));
  const columns = table.columns.map(({ name, digits = null, percent }, c): SheetColumn => {
    return { key: keys[c] ?? null, heading: name, kind: percent === true ? "share" : "any", digits };
  });
  return { caption, columns, rows: table.rows };
}

function tableColumn({ heading, kind, digits }: SheetColumn): TableColumn {
  const column: { name: string; percent?: boolean; digits?: number } = { name: heading ?? "" };
  // Tables are compared and saved as JSON, so unset options are omitted.
  if (kind === "share") column.percent = true;
  if (digits !== null) column.digits = digits;
  return column;
}

function uniqueKeys(keys: readonly (string | null)[]): (string | null)[] {
  const taken = new Set<string>();
  const distinctKeys = new Set(keys);
  return keys.map((key) => {
    if (key === null) return null;
    let unique = key;
    for (let n = 2; taken.has(unique) || (unique !== key && distinctKeys.has(unique)); n++) unique = `${key}_${n}`;
    taken.add(unique);
    return unique;
  });
}

/** One Plotly trace, as JSON: `{ type: "scatter", x: [...], y: [...] }`. */
export type PlotlyTrace = JsonObject;

/** A Plotly figure, as in `application/vnd.plotly.v1+json`. The page sets its width; its height is in pixels. */
export interface Figure {
  /** The traces, in drawing order. */
  readonly data: readonly PlotlyTrace[];
  /** Plotly's layout: axes, titles, annotations, height. */
  readonly layout: JsonObject;
  /** Plotly's config, such as its buttons. */
  readonly config: JsonObject;
}

/** A figure with its numbers. */
export interface Chart {
  /** The finding, in one sentence (not escaped). */
  readonly title: string;
  readonly figure: Figure;
  /** Every number of the figure, including those that are not drawn. */
  readonly table: Table;
  /** Where the title holds measured times, if it does. */
  readonly times?: TimePlaces;
}

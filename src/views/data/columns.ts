import type { ColumnSummary as Described } from "../../data/summary/describe.js";
import { count, grouped, percent } from "../../util/text.js";
import { bars } from "../bars.js";
import { chart, type Panel, rowNames, xAxis } from "../compose.js";
import { dots } from "../lines.js";
import { highest, type Markup, markup, PLAIN, rounded, sentence } from "../theme.js";
import { type Chart, type Column, col, type PlotlyTrace, type Sheet, sheetFrom } from "../view.js";

/** Statistics of a column; `distinct` is `null` if it was not counted. */
export type ColumnSummary = Pick<Described, "name" | "missing"> & {
  readonly distinct: number | null;
} & Partial<Pick<Described, "unseen" | "top" | "min" | "max" | "histogram">>;

export function columnsSheet(caption: string, columns: readonly ColumnSummary[], rows: number): Sheet {
  const texts = ({ top = [] }: ColumnSummary) => top.map((each) => `${each.value} (${grouped(each.rows)})`).join(", ");
  return sheetFrom(caption, columns, [
    col.text("column", ({ name }) => name),
    col.count("distinct", ({ distinct }) => distinct),
    col.count("missing", ({ missing }) => missing),
    col.share(["missing_share", "missing share"], ({ missing }) => shareOfRows(missing, rows), 2),
    isCompared(columns) && unseenColumn(rows),
    columns.some(({ top, histogram }) => top !== undefined || histogram !== undefined) && [
      col.text(["most_frequent", "most frequent (rows)"], texts),
      col.number("smallest", ({ min }) => min, 4),
      col.number("largest", ({ max }) => max, 4),
      col.text(["histogram", "rows in bins of equal width"], ({ histogram }) => histogram?.join(" ") ?? null),
    ],
  ]);
}

export function unseenColumn(rows: number): Column<Pick<ColumnSummary, "unseen">> {
  return col.share(["not_in_training", "not in training"], ({ unseen }) => shareOfRows(unseen, rows), 2);
}

export function isCompared(columns: readonly Pick<ColumnSummary, "unseen">[]): boolean {
  return columns.some(({ unseen }) => typeof unseen === "number");
}

/** A part of the rows as a share; `null` if it is unknown or there are no rows. */
export function shareOfRows(part: number | null | undefined, rows: number): number | null {
  return part === null || part === undefined || rows === 0 ? null : part / rows;
}

const TALLEST = 0.82;

function hasValues({ top, histogram }: ColumnSummary): boolean {
  return (histogram?.length ?? 0) > 0 || (top?.length ?? 0) > 0;
}

function valueBars(column: ColumnSummary, row: number, rows: number): PlotlyTrace[] {
  if (!hasValues(column)) return [];
  const bins = column.histogram?.length ? column.histogram : null;
  const heights = bins ?? (column.top ?? []).map((value) => value.rows);
  const width = 1 / heights.length;
  const highest = Math.max(1, ...heights);
  const floor = row + TALLEST / 2;
  return [
    bars({
      at: heights.map((_, bar) => rounded((bar + 0.5) * width)),
      values: heights.map((height) => rounded(floor - (TALLEST * height) / highest)),
      base: floor,
      width: rounded(width * (bins ? 0.94 : 0.7)),
      color: PLAIN,
      hover: bins ? binTexts(column, bins) : topTexts(column, rows),
    }),
  ];
}

function binTexts({ name, min, max }: ColumnSummary, bins: readonly number[]): Markup[] {
  const [low, high] = [min ?? 0, max ?? 0];
  const edge = (bin: number): string => Number((low + ((high - low) * bin) / bins.length).toPrecision(4)).toString();
  return bins.map((rows, bin) => markup`${name}, ${edge(bin)} to ${edge(bin + 1)}<br>${count(rows, "row")}`);
}

function topTexts({ name, top = [] }: ColumnSummary, rows: number): Markup[] {
  return top.map(
    (each) => markup`${name}: ${each.value.toString()}<br>${percent(shareOfRows(each.rows, rows))} of rows`,
  );
}

const MAX_COLUMNS = 40;
const HEIGHT = 24;

export function columnStatisticsChart(columns: readonly ColumnSummary[], rows: number): Chart {
  const firstColumns = columns.slice(0, MAX_COLUMNS);
  const compared = isCompared(columns);
  const title = columnsTitle(columns, rows);
  const unseen = sharePanel(
    firstColumns,
    "Not in training",
    (column) => shareOfRows(column.unseen, rows),
    markup`rows with a value that training lacks: %{x:.2%}`,
  );
  const panels = [
    distinctPanel(firstColumns),
    sharePanel(firstColumns, "Missing", ({ missing }) => shareOfRows(missing, rows), markup`missing: %{x:.2%}`),
    ...(compared ? [unseen] : []),
    ...(firstColumns.some(hasValues) ? [valuesPanel(firstColumns, rows)] : []),
  ];
  const height = Math.max(80, firstColumns.length * HEIGHT);
  return chart({ title, rows: [{ height, panels }], sheet: columnsSheet(title, columns, rows) });
}

function distinctPanel(columns: readonly ColumnSummary[]): Panel {
  const most = Math.max(10, ...columns.map((column) => column.distinct ?? 0));
  const top = Math.round((Math.log10(most) + 0.2) * 100) / 100;
  return {
    title: "Distinct",
    marks: [columnDots(columns, (column) => column.distinct, markup`distinct values: %{x:,}`)],
    xaxis: xAxis("values", { type: "log", dtick: top > 3 ? 2 : 1, range: [-0.2, top] }),
    ...rowNames(namesOf(columns)),
  };
}

/** Dots of shares from 0; without any rows the scale is up to all rows. */
function sharePanel(
  columns: readonly ColumnSummary[],
  title: string,
  share: (column: ColumnSummary) => number | null,
  hover: Markup,
): Panel {
  const most = Math.max(0, ...columns.map((column) => share(column) ?? 0));
  const end = most === 0 ? 1 : most;
  return {
    title,
    marks: [columnDots(columns, share, hover)],
    xaxis: xAxis("share of rows", { tickformat: ".3~p", nticks: 3, range: [-0.06 * end, 1.12 * end] }),
    ...rowNames(namesOf(columns), { named: false }),
  };
}

function valuesPanel(columns: readonly ColumnSummary[], rows: number): Panel {
  return {
    title: "Histogram or top 5",
    marks: columns.flatMap((column, row) => valueBars(column, row, rows)),
    xaxis: { showticklabels: false, showgrid: false, ticks: "", range: [0, 1] },
    ...rowNames(namesOf(columns), { named: false }),
  };
}

function namesOf(columns: readonly ColumnSummary[]): string[] {
  return columns.map(({ name }) => name);
}

function columnDots(
  columns: readonly ColumnSummary[],
  value: (column: ColumnSummary) => number | null,
  hover: Markup,
): PlotlyTrace {
  return dots({
    x: columns.map(value),
    y: [...columns.keys()],
    color: PLAIN,
    size: 8,
    hover: { template: markup`%{customdata}<br>${hover}`, each: columns.map(({ name }) => markup`${name}`) },
  });
}

function columnsTitle(columns: readonly ColumnSummary[], rows: number): string {
  const gaps = columns.filter((column) => column.missing > 0).length;
  const cut = columns.length > MAX_COLUMNS ? `, the first ${MAX_COLUMNS} drawn` : "";
  return sentence([
    `${count(columns.length, "column")} of ${count(rows, "row")}${cut}`,
    gaps === 0 ? "no value is missing" : `values are missing in ${count(gaps, "column")}`,
    isCompared(columns) ? unseenText(columns) : null,
  ]);
}

function unseenText(columns: readonly ColumnSummary[]): string {
  const most = highest(columns, ({ unseen }) => unseen ?? 0);
  if (!most?.unseen) return "training holds every value";
  return `training lacks values of ${most.name} in ${count(most.unseen, "row")}`;
}

/** Column statistics of a data set: distinct and missing values as dots, and the values as small histograms. */
import { type ColumnSummary, columnsSheet, isCompared, shareOfRows } from "../../tables/index.js";
import { count } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { dots } from "../marks/index.js";
import { chart, type Panel, rowNames, xAxis } from "../panels/index.js";
import { type Markup, markup, PLAIN, sentence } from "../theme/index.js";
import { hasValues, valueBars } from "./value-bars.js";

const MAX_COLUMNS = 40;
const HEIGHT = 24;

/** Distinct values (log scale), missing rows and histograms by column, of a data set of `rows` rows. */
export function columnStatisticsChart(columns: readonly ColumnSummary[], rows: number): Chart {
  const firstColumns = columns.slice(0, MAX_COLUMNS);
  const compared = isCompared(columns);
  const title = columnsTitle(columns, rows);
  const panels = [
    distinctPanel(firstColumns),
    missingPanel(firstColumns, rows),
    ...(compared ? [unseenPanel(firstColumns, rows)] : []),
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
    ...rowNames(columns.map(({ name }) => name)),
  };
}

function missingPanel(columns: readonly ColumnSummary[], rows: number): Panel {
  const missing = (column: ColumnSummary): number | null => shareOfRows(column.missing, rows);
  return sharePanel(columns, "Missing", missing, markup`missing: %{x:.2%}`);
}

function unseenPanel(columns: readonly ColumnSummary[], rows: number): Panel {
  const unseen = (column: ColumnSummary): number | null => shareOfRows(column.unseen, rows);
  return sharePanel(columns, "Not in training", unseen, markup`rows with a value that training lacks: %{x:.2%}`);
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
    ...rowNames(
      columns.map(({ name }) => name),
      { named: false },
    ),
  };
}

function valuesPanel(columns: readonly ColumnSummary[], rows: number): Panel {
  return {
    title: "Histogram or top 5",
    marks: columns.flatMap((column, row) => valueBars(column, row, rows)),
    xaxis: { showticklabels: false, showgrid: false, ticks: "", range: [0, 1] },
    ...rowNames(
      columns.map(({ name }) => name),
      { named: false },
    ),
  };
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
    hover: {
      template: markup`%{customdata}<br>${hover}`,
      each: columns.map((column) => markup`${column.name}`),
    },
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

/** The column with the most rows whose values training lacks. */
function unseenText(columns: readonly ColumnSummary[]): string {
  const most = columns.reduce((a, b) => ((b.unseen ?? 0) > (a.unseen ?? 0) ? b : a));
  if (!most.unseen) return "training holds every value";
  return `training lacks values of ${most.name} in ${count(most.unseen, "row")}`;
}

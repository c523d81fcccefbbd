/** Column statistics of a data set: distinct and missing values. */
import { type ColumnSummary, columnsSheet, isCompared, shareOfRows } from "../../tables/index.js";
import { count } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { bars } from "../marks/index.js";
import { chart, type Panel, rowNames, xAxis } from "../panels/index.js";
import { colour, MAX_COLOURS, type Markup, markup, sentence } from "../theme/index.js";

const MAX_COLUMNS = 40;
const HEIGHT = 18;

/** Distinct values (log scale) and missing rows by column, of a data set of `rows` rows. */
export function columnStatisticsChart(columns: readonly ColumnSummary[], rows: number): Chart {
  const firstColumns = columns.slice(0, MAX_COLUMNS);
  const compared = isCompared(columns);
  const title = columnsTitle(columns, rows);
  const panels = [
    distinctPanel(firstColumns),
    missingPanel(firstColumns, rows),
    ...(compared ? [unseenPanel(firstColumns, rows)] : []),
  ];
  const height = Math.max(80, firstColumns.length * HEIGHT);
  const widths = compared ? [2, 1, 1] : [2, 1];
  return chart({ title, rows: [{ height, panels, widths }], sheet: columnsSheet(title, columns, rows) });
}

function distinctPanel(columns: readonly ColumnSummary[]): Panel {
  const most = Math.max(10, ...columns.map((column) => column.distinct ?? 0));
  const top = Math.round((Math.log10(most) + 0.1) * 100) / 100;
  return {
    title: "Distinct values",
    marks: [columnBars(columns, (column) => column.distinct, markup`distinct values: %{x:,}`, 0)],
    xaxis: xAxis("values", { type: "log", dtick: 1, range: [-0.05, top] }),
    ...rowNames(columns.map(({ name }) => name)),
  };
}

function missingPanel(columns: readonly ColumnSummary[], rows: number): Panel {
  const none = columns.every(({ missing }) => missing === 0);
  const look = { tickformat: ".3~p", rangemode: "tozero" };
  return {
    title: "Missing",
    marks: [columnBars(columns, (column) => shareOfRows(column.missing, rows), markup`missing: %{x:.2%}`, 5)],
    xaxis: xAxis("share of rows", none ? { ...look, range: [0, 1] } : look),
    ...rowNames(
      columns.map(({ name }) => name),
      { named: false },
    ),
  };
}

function unseenPanel(columns: readonly ColumnSummary[], rows: number): Panel {
  const hover = markup`rows with a value that training lacks: %{x:.2%}`;
  return {
    title: "Not in training",
    marks: [columnBars(columns, (column) => shareOfRows(column.unseen, rows), hover, 1)],
    xaxis: xAxis("share of rows", { tickformat: ".3~p", rangemode: "tozero" }),
    ...rowNames(
      columns.map(({ name }) => name),
      { named: false },
    ),
  };
}

function columnBars(
  columns: readonly ColumnSummary[],
  value: (column: ColumnSummary) => number | null,
  hover: Markup,
  shade: number,
): PlotlyTrace {
  return bars({
    at: [...columns.keys()],
    values: columns.map(value),
    lying: true,
    width: 0.7,
    color: colour(shade, MAX_COLOURS),
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

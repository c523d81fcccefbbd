/** What the columns of a data set hold: how many different values, how many are missing. */
import { compose, type Panel } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { count, label, plotText, sentence } from "./text.js";
import { colour } from "./theme.js";

/** One column of a data set. */
export interface ColumnSummary {
  readonly name: string;
  /** `null`: not counted. */
  readonly distinct: number | null;
  /** Rows without a value. */
  readonly missing: number;
  /** Rows whose value training does not hold; `null` or left out: not compared. */
  readonly unseen?: number | null;
}

const MAX_COLUMNS = 40;

/** Distinct values (log scale) and missing rows by column, of a data set of `rows` rows. */
export function columnStatisticsChart(columns: readonly ColumnSummary[], rows: number): Chart {
  const shown = columns.slice(0, MAX_COLUMNS);
  const compared = columns.some((column) => typeof column.unseen === "number");
  const gaps = columns.filter((column) => column.missing > 0).length;
  const title = sentence([
    `${count(columns.length, "column")} of ${count(rows, "row")}${shown.length < columns.length ? `, the first ${MAX_COLUMNS} drawn` : ""}`,
    gaps === 0 ? "no value is missing" : `values are missing in ${count(gaps, "column")}`,
    compared ? unseenText(columns) : null,
  ]);
  const longest = Math.max(5, ...shown.map((column) => Math.min(24, column.name.length)));
  const names = {
    tickvals: shown.map((_, c) => c),
    ticktext: shown.map((column) => label(column.name, 24)),
    range: [Math.max(1, shown.length) - 0.5, -0.5],
    showgrid: false,
  };
  const distinct = bars(shown, (column) => column.distinct, "distinct values: %{x:,}", 0);
  const missing = bars(shown, (column) => (rows === 0 ? null : column.missing / rows), "missing: %{x:.2%}", 5);
  const panels: Panel[] = [
    {
      title: "Distinct values",
      traces: [distinct],
      xaxis: { type: "log", title: { text: "values", standoff: 6 }, dtick: 1, range: [-0.05, logTop(shown)] },
      yaxis: names,
      left: 24 + Math.round(longest * 7.4),
    },
    {
      title: "Missing",
      traces: [missing],
      xaxis: {
        title: { text: "share of rows", standoff: 6 },
        tickformat: ".3~p",
        rangemode: "tozero",
        ...(gaps === 0 ? { range: [0, 1] } : {}),
      },
      yaxis: { ...names, showticklabels: false },
      left: 16,
    },
  ];
  if (compared) {
    const share = (column: ColumnSummary): number | null =>
      typeof column.unseen === "number" && rows > 0 ? column.unseen / rows : null;
    panels.push({
      title: "Not in training",
      traces: [bars(shown, share, "rows with a value that training lacks: %{x:.2%}", 1)],
      xaxis: { title: { text: "share of rows", standoff: 6 }, tickformat: ".3~p", rangemode: "tozero" },
      yaxis: { ...names, showticklabels: false },
      left: 16,
    });
  }
  return {
    title,
    figure: compose({
      title,
      rows: [{ height: Math.max(80, shown.length * 18), panels, widths: compared ? [2, 1, 1] : [2, 1] }],
    }),
    table: {
      caption: title,
      columns: [
        { name: "column" },
        { name: "distinct" },
        { name: "missing" },
        { name: "missing share", percent: true, digits: 2 },
        ...(compared ? [{ name: "not in training", percent: true, digits: 2 }] : []),
      ],
      rows: columns.map((column) => [
        column.name,
        column.distinct,
        column.missing,
        rows === 0 ? null : column.missing / rows,
        ...(compared ? [typeof column.unseen === "number" && rows > 0 ? column.unseen / rows : null] : []),
      ]),
    },
  };
}

/** Of the column where training lacks most. */
function unseenText(columns: readonly ColumnSummary[]): string {
  const most = columns.reduce((a, b) => ((b.unseen ?? 0) > (a.unseen ?? 0) ? b : a));
  if (!most.unseen) return "training holds every value";
  return `training lacks values of ${most.name} in ${count(most.unseen, "row")}`;
}

function bars(
  columns: readonly ColumnSummary[],
  value: (column: ColumnSummary) => number | null,
  hover: string,
  shade: number,
): PlotlyTrace {
  return {
    type: "bar",
    orientation: "h",
    showlegend: false,
    x: columns.map(value),
    y: columns.map((_, c) => c),
    width: 0.7,
    marker: { color: colour(shade, 7) },
    customdata: columns.map((column) => plotText(column.name)),
    hovertemplate: `%{customdata}<br>${hover}<extra></extra>`,
  };
}

function logTop(columns: readonly ColumnSummary[]): number {
  const most = Math.max(10, ...columns.map((column) => column.distinct ?? 0));
  return Math.round((Math.log10(most) + 0.1) * 100) / 100;
}

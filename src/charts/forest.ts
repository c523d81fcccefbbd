/**
 * Estimates with their intervals, a line each (a forest plot): a full dot where the interval leaves the reference out,
 * a hollow one where it covers it, a dash where there is no estimate. For whatever has a value, a low and a high end.
 */
import type { JsonObject } from "../util/json.js";
import type { Panel } from "./compose.js";
import type { PlotlyTrace } from "./figure.js";
import { rowNamesWidth } from "./heat.js";
import { finite, rounded } from "./numbers.js";
import { label, plotText } from "./text.js";
import { faded, INK } from "./theme.js";

/** An estimate; `null`: not defined there. The interval may be missing where the estimate is not. */
export interface ForestEstimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One estimate a row, in one colour. */
export interface ForestSeries {
  readonly name: string;
  readonly color: string;
  /** One a row; `null`: nothing to say there. */
  readonly estimates: readonly (ForestEstimate | null)[];
  /** Drawn larger: what the others are parts of. */
  readonly main?: boolean;
  /** In the middle of its rows, where no other series has an estimate. */
  readonly centred?: boolean;
  /** `false`: full dots, whatever the reference. Default: true. */
  readonly judged?: boolean;
  /** Dots without intervals, for series that are many: one legend entry for all of a name. */
  readonly faint?: boolean;
  /** Whether the series is in the legend. Default: true. */
  readonly legend?: boolean;
}

/** What a forest plot shows. */
export interface Forest {
  readonly title?: string | undefined;
  /** Names of the rows, from above. */
  readonly rows: readonly string[];
  readonly series: readonly ForestSeries[];
  /** Where there is no difference; `null`: nowhere. */
  readonly reference: number | null;
  /** Of the x axis: title, tick format. */
  readonly axis: JsonObject;
  /** A value in hover texts. */
  readonly format: (value: number) => string;
  /** `false`: the panel at the left names the rows. Default: true. */
  readonly named?: boolean;
}

/** Pixels that the rows need. */
export function forestHeight(rows: number, series: number): number {
  return Math.max(70, rows * Math.max(26, 12 * series + 10));
}

/** The axes of a forest plot. */
export function forestPanel(forest: Forest): Panel {
  const { rows, series, axis, reference, named = true } = forest;
  const placed = series.filter(isShifted).length;
  let place = 0;
  return {
    title: forest.title,
    traces: [
      ...(reference === null ? [] : [referenceLine(reference, rows.length)]),
      ...series.flatMap((each) => dots(forest, each, isShifted(each) ? offset(place++, placed) : 0)),
    ],
    xaxis: { nticks: 5, ...axis },
    yaxis: {
      tickvals: rows.map((_, r) => r),
      ticktext: rows.map((name) => label(name, 24)),
      range: [Math.max(1, rows.length) - 0.5, -0.5],
      showgrid: false,
      showticklabels: named,
    },
    left: named ? rowNamesWidth(rows) : 16,
  };
}

function dots(forest: Forest, series: ForestSeries, shift: number): PlotlyTrace[] {
  const { rows, reference, format } = forest;
  const at = series.estimates.flatMap((estimate, row) =>
    estimate !== null && finite(estimate.value) !== null ? [{ row, ...estimate, value: estimate.value as number }] : [],
  );
  const color = series.faint === true ? faded(series.color, 0.4) : series.color;
  const look = { legendgroup: plotText(series.name), showlegend: series.legend !== false, name: label(series.name) };
  const whole = ({ row, value, low, high }: (typeof at)[number]): string => {
    const ends = low === null || high === null ? "" : ` (${format(low)} to ${format(high)})`;
    return `${plotText(rows[row] as string)}, ${plotText(series.name)}<br>${format(value)}${ends}`;
  };
  return [
    {
      type: "scatter",
      mode: "markers",
      ...look,
      // Without a point Plotly leaves a trace out of the legend.
      x: at.length === 0 ? [null] : at.map(({ value }) => rounded(value)),
      y: at.length === 0 ? [null] : at.map(({ row }) => rounded(row + shift)),
      marker: {
        color,
        size: series.faint === true ? 5 : series.main === true ? 9 : 7,
        symbol: at.map((estimate) =>
          series.judged !== false && covers(estimate, reference) ? "circle-open" : "circle",
        ),
        line: { color, width: 1.5 },
      },
      ...(series.faint === true ? {} : { error_x: whiskers(at, color, series.main === true) }),
      customdata: at.map(whole),
      hovertemplate: "%{customdata}<extra></extra>",
    },
    ...missing(forest, series, shift),
  ];
}

function whiskers(at: readonly (ForestEstimate & { value: number })[], color: string, main: boolean): JsonObject {
  return {
    type: "data",
    symmetric: false,
    array: at.map(({ value, high }) => rounded(Math.max(0, (finite(high) ?? value) - value))),
    arrayminus: at.map(({ value, low }) => rounded(Math.max(0, value - (finite(low) ?? value)))),
    color,
    thickness: main ? 2.5 : 1.5,
    width: 0,
  };
}

/** Said in the series' colour, at the side where the others are. */
function missing({ rows, series: all, reference }: Forest, series: ForestSeries, shift: number): PlotlyTrace[] {
  const gaps = series.estimates.flatMap((estimate, row) =>
    estimate !== null && finite(estimate.value) === null ? [row] : [],
  );
  if (gaps.length === 0 || series.faint === true || reference === null) return [];
  const side = all
    .flatMap(({ estimates }) => estimates)
    .reduce((sum, each) => sum + ((each?.value ?? reference) - reference), 0);
  return [
    {
      type: "scatter",
      mode: "text",
      legendgroup: plotText(series.name),
      showlegend: false,
      x: gaps.map(() => reference),
      y: gaps.map((row) => rounded(row + shift)),
      text: gaps.map(() => "not defined"),
      textposition: side < 0 ? "middle left" : "middle right",
      textfont: { color: series.color, size: 10 },
      customdata: gaps.map((row) => `${plotText(rows[row] as string)}, ${plotText(series.name)}: not defined`),
      hovertemplate: "%{customdata}<extra></extra>",
    },
  ];
}

function referenceLine(reference: number, rows: number): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    showlegend: false,
    x: [reference, reference],
    y: [-0.5, Math.max(1, rows) - 0.5],
    line: { color: INK, width: 1, dash: "dot" },
    hoverinfo: "skip",
  };
}

function covers({ low, high }: ForestEstimate, reference: number | null): boolean {
  if (reference === null) return false;
  return low === null || high === null || (low <= reference && reference <= high);
}

/** Whether the series needs a place of its own beside the others. */
function isShifted({ faint, centred }: ForestSeries): boolean {
  return faint !== true && centred !== true;
}

function offset(index: number, total: number): number {
  return ((index - (total - 1) / 2) * 0.6) / total;
}

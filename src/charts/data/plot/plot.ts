/** A quick plot of rows: bars, lines, dots or a histogram. */
import type { Sheet } from "../../../tables/index.js";
import { count } from "../../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../../figure.js";
import { bars, dots, line, sideBySide } from "../../marks/index.js";
import { columnNames, type Panel, panelChart, xAxis, yAxis } from "../../panels/index.js";
import { colour, markup, sentence, shorten, tidy } from "../../theme/index.js";
import { type PlotColumns, type PlotData, type PlotSeries, plotData } from "./plot-data.js";

const AXES_WIDTH = 480;
const HEIGHT = 260;

/** Draws columns of rows. */
export function plotChart(columns: PlotColumns): Chart {
  const data = plotData(columns);
  const panel: Panel = {
    marks: data.series.map((series, index) => mark(columns, data, series, index)),
    ...(data.kind === "bar"
      ? columnNames(data.names, AXES_WIDTH)
      : { xaxis: xAxis(shorten(columns.x.name, 40), timeAxis(data)) }),
    yaxis: yAxis(
      shorten(data.yName, 40),
      data.kind === "bar" || data.kind === "histogram" ? { rangemode: "tozero" } : {},
    ),
  };
  const title = plotTitle(columns, data);
  return panelChart(title, panel, HEIGHT, plotSheet(title, columns, data));
}

function timeAxis({ isTime }: PlotData): { type?: string } {
  return isTime ? { type: "date" } : {};
}

function mark({ x }: PlotColumns, data: PlotData, series: PlotSeries, index: number): PlotlyTrace {
  const shade = colour(index, data.series.length);
  const legend = series.name === null ? undefined : { name: series.name };
  const prefix = series.name === null ? markup`` : markup`${shorten(series.name, 40)}<br>`;
  const names = [shorten(x.name, 40), shorten(data.yName, 40)] as const;
  const hover = markup`${prefix}${names[0]}: %{x}<br>${names[1]}: %{y:.4~g}`;
  if (data.kind === "bar") return nameBars(data, series, index, shade);
  const [xs, ys] = [series.x.map(Number), series.y];
  if (data.kind === "dots") return dots({ x: xs, y: ys, color: shade, size: 5, legend, hover });
  if (data.kind === "line" || data.series.length > 1) {
    return line({ x: xs, y: ys, color: shade, width: 2, dots: 6, legend, hover });
  }
  const width = xs.length > 1 ? xs[1]! - xs[0]! : 1;
  return bars({ at: xs, values: ys, color: shade, width: width * 0.94, legend, hover });
}

function nameBars(data: PlotData, series: PlotSeries, index: number, shade: string): PlotlyTrace {
  const at = sideBySide(data.names.length, index, data.series.length);
  const values = new Map(series.x.map((name, place) => [name, series.y[place]!]));
  return bars({
    at,
    values: data.names.map((name) => values.get(name) ?? null),
    width: 0.76 / data.series.length,
    color: shade,
    legend: series.name === null ? undefined : { name: series.name },
    hover: {
      template: markup`%{customdata}<br>${shorten(data.yName, 40)}: %{y:.4~g}`,
      each: data.names.map((name) => (series.name === null ? markup`${name}` : markup`${name}, ${series.name}`)),
    },
  });
}

function plotTitle({ x, y, color }: PlotColumns, data: PlotData): string {
  const by = color === null ? "" : ` by ${color.name}`;
  const what =
    y === null ? `${x.name}${by}` : `${data.yName} by ${x.name}${color === null ? "" : ` and ${color.name}`}`;
  return sentence([`${what}: ${count(data.rows, "row")}`, finding(data), ...data.notes]);
}

/** The highest value, or how strongly dots rise together. */
function finding({ kind, series, yName, isTime }: PlotData): string | null {
  const points = series.flatMap(({ name, x, y }) => x.map((at, place) => ({ name, at, y: y[place]! })));
  if (points.length === 0) return "nothing to draw";
  if (kind === "dots")
    return `correlation ${tidy(
      correlation(
        points.map(({ at }) => Number(at)),
        points.map(({ y }) => y),
      ),
    )}`;
  const top = points.reduce((most, point) => (point.y > most.y ? point : most));
  const place = isTime
    ? new Date(Number(top.at)).toISOString().slice(0, 10)
    : typeof top.at === "number"
      ? tidy(top.at)
      : top.at;
  const named = top.name === null ? String(place) : `${place}, ${top.name}`;
  return `${yName === "rows" ? "most rows" : "highest"} at ${shorten(named, 40)} (${tidy(top.y)})`;
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [at, value] of x.entries()) {
    xy += (value - mx) * (y[at]! - my);
    xx += (value - mx) ** 2;
    yy += (y[at]! - my) ** 2;
  }
  return xx === 0 || yy === 0 ? 0 : Math.round((xy / Math.sqrt(xx * yy)) * 100) / 100;
}

/** Every number that is drawn. */
function plotSheet(caption: string, { x, color }: PlotColumns, { series, yName, isTime }: PlotData): Sheet {
  const place = (at: number | string) => (isTime ? new Date(Number(at)).toISOString() : at);
  const rows = series.flatMap(({ name, x, y }) =>
    x.map((at, index) => (color === null ? [place(at), y[index]!] : [name, place(at), y[index]!])),
  );
  const column = (key: string) => ({ key, heading: key, kind: "any" as const, digits: null });
  const names = color === null ? [x.name, yName] : [color.name, x.name, yName];
  return { caption, columns: names.map(column), rows };
}

import { getOrMake } from "../../util/growing.js";
import { count, grouped } from "../../util/text.js";
import { mean } from "../../util/turns.js";
import { bars, sideBySide } from "../bars.js";
import { columnNames, type Panel, panelChart, xAxis, yAxis } from "../compose.js";
import { dots, line } from "../lines.js";
import { colour, highest, largestOf, markup, sentence, shorten, tidy } from "../theme.js";
import { type Chart, type PlotlyTrace, type Sheet, tableSheet } from "../view.js";

export type PlotValue = number | string | boolean | Date | null;

/** The kinds of a quick plot. */
export type PlotKind = "bar" | "line" | "dots" | "histogram";

type PlotColumn = { readonly name: string; readonly values: readonly PlotValue[] };

export interface PlotColumns {
  readonly x: PlotColumn;
  /** Along the y axis; `null`: rows are counted. */
  readonly y: PlotColumn | null;
  readonly color: PlotColumn | null;
  /** `null`: by the values. */
  readonly kind: PlotKind | null;
}

interface PlotSeries {
  /** The value of the colour column; `null`: there is none. */
  readonly name: string | null;
  /** Names or numbers along x; dates as milliseconds since 1970. */
  readonly x: readonly (number | string)[];
  readonly y: readonly number[];
}

type PlotData = ReturnType<typeof plotData>;

const mostNames = 30;
const mostColours = 7;
const mostDots = 5000;

/** What is drawn; `yName`: what y is, such as `mean of price`. */
function plotData(columns: PlotColumns) {
  const { x, y, color } = columns;
  const notes: string[] = [];
  const present = [...x.values.keys()].filter((row) => isPresent(x.values[row]!) && isPresent(y?.values[row] ?? 0));
  const missing = x.values.length - present.length;
  if (missing > 0) notes.push(`${count(missing, "row")} without a value not drawn`);
  const isTime = x.values.some((value) => value instanceof Date);
  const isNumbers = present.every((row) => typeof x.values[row] === "number" || x.values[row] instanceof Date);
  const groups = byColour(color?.values ?? null, present, notes);
  const kind = columns.kind ?? choosePlotKind(isNumbers, groups, columns);
  const shared = { kind, isTime, notes, rows: present.length };
  if (kind === "histogram") return { ...shared, names: [], series: histograms(groups, x.values), yName: "rows" };
  if (kind === "bar") {
    const { names, series, isMean } = barSeries(groups, columns, notes);
    return { ...shared, names, series, yName: y === null ? "rows" : isMean ? `mean of ${y.name}` : y.name };
  }
  const series = groups.map(({ name, rows }): PlotSeries => {
    const at = (row: number): number => Number(x.values[row]!);
    const dots = kind === "dots" ? evenly(rows, Math.floor(mostDots / groups.length), notes) : null;
    const drawing = dots ?? [...rows].sort((a, b) => at(a) - at(b));
    return { name, x: drawing.map(at), y: drawing.map((row) => Number(y?.values[row] ?? 0)) };
  });
  return { ...shared, names: [], series, yName: y?.name ?? "rows" };
}

function choosePlotKind(isNumbers: boolean, groups: readonly Group[], { x, y }: PlotColumns): PlotKind {
  if (!isNumbers) return "bar";
  if (y === null) return "histogram";
  const isCurve = groups.every(({ rows }) => new Set(rows.map((row) => Number(x.values[row]!))).size === rows.length);
  return isCurve ? "line" : "dots";
}

type Group = { readonly name: string | null; readonly rows: readonly number[] };

function byColour(values: readonly PlotValue[] | null, rows: readonly number[], notes: string[]): Group[] {
  if (values === null) return [{ name: null, rows }];
  const groups = new Map<string, number[]>();
  for (const row of rows) getOrMake(groups, valueName(values[row] ?? null), () => []).push(row);
  const rarer = groups.size - mostColours;
  if (rarer > 0) notes.push(`${rarer} rarer colours not drawn`);
  const all = [...groups].map(([name, rows]) => ({ name, rows }));
  return [...largestOf(all, (group) => group.rows.length, mostColours)];
}

function barSeries(groups: readonly Group[], { x, y }: PlotColumns, notes: string[]) {
  const sums = groups.map(({ rows }) => {
    const byName = new Map<string, { sum: number; rows: number }>();
    for (const row of rows) {
      const total = getOrMake(byName, valueName(x.values[row]!), () => ({ sum: 0, rows: 0 }));
      total.sum += Number(y?.values[row] ?? 0);
      total.rows += 1;
    }
    return byName;
  });
  const totals = new Map<string, number>();
  for (const byName of sums) for (const [name, { rows }] of byName) totals.set(name, (totals.get(name) ?? 0) + rows);
  if (totals.size > mostNames) notes.push(`${grouped(totals.size - mostNames)} rarer values not drawn`);
  const names = largestOf([...totals.keys()], (name) => totals.get(name)!, mostNames);
  const isMean = y !== null && sums.some((byName) => [...byName.values()].some(({ rows }) => rows > 1));
  const series = groups.map(({ name }, index): PlotSeries => {
    const seriesNames = names.filter((each) => sums[index]!.has(each));
    return {
      name,
      x: seriesNames,
      y: seriesNames.map((each) => {
        const { sum, rows } = sums[index]!.get(each)!;
        return y === null ? rows : sum / rows;
      }),
    };
  });
  return { names, series, isMean };
}

function histograms(groups: readonly Group[], values: readonly PlotValue[]): PlotSeries[] {
  const all = groups.flatMap(({ rows }) => rows.map((row) => Number(values[row]!)));
  const [low, high] = all.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const width = binWidth(high - low, all.length, all.every(Number.isInteger));
  const first = Math.floor(low / width);
  const bins = all.length === 0 ? 0 : Math.floor(high / width) - first + 1;
  return groups.map(({ name, rows }) => {
    const counts = new Array<number>(bins).fill(0);
    for (const row of rows) counts[Math.floor(Number(values[row]!) / width) - first]! += 1;
    const isWhole = width === 1;
    return { name, x: counts.map((_, bin) => (first + bin + (isWhole ? 0 : 0.5)) * width), y: counts };
  });
}

/** About 30 bins, or fewer for few rows; a power of ten, times 1, 2 or 5. */
function binWidth(range: number, rows: number, isWhole: boolean): number {
  if (!(range > 0)) return 1;
  const idealWidth = range / Math.min(30, Math.max(5, Math.ceil(Math.sqrt(rows))));
  const power = 10 ** Math.floor(Math.log10(idealWidth));
  const width = power * ([1, 2, 5, 10].find((step) => step * power >= idealWidth) ?? 10);
  return isWhole ? Math.max(1, width) : width;
}

function evenly(rows: readonly number[], most: number, notes: string[]): readonly number[] {
  if (rows.length <= most) return rows;
  const note = `1 of ${grouped(Math.ceil(rows.length / most))} rows drawn`;
  if (!notes.includes(note)) notes.push(note);
  const step = Math.ceil(rows.length / most);
  return rows.filter((_, at) => at % step === 0);
}

function isPresent(value: PlotValue): boolean {
  return value !== null && !(typeof value === "number" && !Number.isFinite(value));
}

function valueName(value: PlotValue): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, "");
  return value === null ? "no value" : String(value);
}

const AXES_WIDTH = 480;
const HEIGHT = 260;

export function plotChart(columns: PlotColumns): Chart {
  const data = plotData(columns);
  const isFromZero = data.kind === "bar" || data.kind === "histogram";
  const panel: Panel = {
    marks: data.series.map((series, index) => mark(columns, data, series, index)),
    ...(data.kind === "bar"
      ? columnNames(data.names, AXES_WIDTH)
      : { xaxis: xAxis(shorten(columns.x.name, 40), data.isTime ? { type: "date" } : {}) }),
    yaxis: yAxis(shorten(data.yName, 40), isFromZero ? { rangemode: "tozero" } : {}),
  };
  const title = plotTitle(columns, data);
  return panelChart(title, panel, HEIGHT, plotSheet(title, columns, data));
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

function finding({ kind, series, yName, isTime }: PlotData): string | null {
  const points = series.flatMap(({ name, x, y }) => x.map((at, place) => ({ name, at, y: y[place]! })));
  if (points.length === 0) return "nothing to draw";
  if (kind === "dots") {
    const [xs, ys] = [points.map(({ at }) => Number(at)), points.map(({ y }) => y)];
    return `correlation ${tidy(correlation(xs, ys))}`;
  }
  const top = highest(points, ({ y }) => y)!;
  const number = typeof top.at === "number" ? Number(top.at.toPrecision(3)) : top.at;
  const place = isTime ? new Date(Number(top.at)).toISOString().slice(0, 10) : number;
  const named = top.name === null ? String(place) : `${place}, ${top.name}`;
  const value = yName === "rows" ? grouped(top.y) : Number(top.y.toPrecision(3)).toLocaleString("en");
  return `${yName === "rows" ? "most rows" : "highest"} at ${shorten(named, 40)} (${value})`;
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [at, value] of x.entries()) {
    xy += (value - mx) * (y[at]! - my);
    xx += (value - mx) ** 2;
    yy += (y[at]! - my) ** 2;
  }
  return xx === 0 || yy === 0 ? 0 : Math.round((xy / Math.sqrt(xx * yy)) * 100) / 100;
}

function plotSheet(caption: string, { x, color }: PlotColumns, { series, yName, isTime }: PlotData): Sheet {
  const place = (at: number | string) => (isTime ? new Date(Number(at)).toISOString() : at);
  const rows = series.flatMap(({ name, x, y }) =>
    x.map((at, index) => (color === null ? [place(at), y[index]!] : [name, place(at), y[index]!])),
  );
  const names = color === null ? [x.name, yName] : [color.name, x.name, yName];
  return tableSheet({ columns: names.map((name) => ({ name })), rows }, caption);
}

/** The quick plot of a data set's columns: the choice of marks and values. */
import { getOrMake } from "../../../core/util/growing.js";
import { mean } from "../../../core/util/numbers.js";
import { count, grouped } from "../../../core/util/text.js";
import { bars, boxes, sideBySide } from "../bars.js";
import { columnNames, type Panel, panelChart, xAxis, yAxis } from "../compose.js";
import { dots, line } from "../lines.js";
import { colour, highest, largestOf, markup, sentence, shorten, tidy } from "../theme.js";
import { type Chart, type PlotlyTrace, type Sheet, tableSheet } from "../view.js";

export type PlotValue = number | string | boolean | Date | null;

/** The kinds of a quick plot. */
export type PlotKind = "bar" | "boxes" | "line" | "dots" | "histogram";

interface PlotColumn {
  readonly name: string;
  readonly values: readonly PlotValue[];
}

export interface PlotColumns {
  readonly x: PlotColumn;
  /** Along the y axis; `null`: rows are counted. */
  readonly y: PlotColumn | null;
  readonly color: PlotColumn | null;
  /** `null`: by the values. */
  readonly kind: PlotKind | null;
  readonly log?: "x" | "y" | "both" | undefined;
  /** Of a histogram. Default: about 30. */
  readonly bins?: number | undefined;
}

interface PlotSeries {
  /** The value of the colour column; `null`: there is none. */
  readonly name: string | null;
  /** Names or numbers along x; dates as milliseconds since 1970. */
  readonly x: readonly (number | string)[];
  readonly y: readonly number[];
  /** Of boxes: 5, 25, 50, 75 and 95% for each x, where y is the median. */
  readonly quantiles?: readonly Quantiles[];
  /** Of the bins of a histogram. */
  readonly widths?: readonly number[];
}

type Quantiles = [number, number, number, number, number];
const shares = [0.05, 0.25, 0.5, 0.75, 0.95];

type PlotData = ReturnType<typeof plotData>;

const mostNames = 30;
const mostColours = 7;
const mostDots = 5000;

/** What is drawn; `yName`: what y is, such as `mean of price`. */
function plotData(columns: PlotColumns) {
  const { x, y, color } = columns;
  const notes: string[] = [];
  const filled = [...x.values.keys()].filter((row) => isPresent(x.values[row]!) && isPresent(y?.values[row] ?? 0));
  const missing = x.values.length - filled.length;
  if (missing > 0) notes.push(`${count(missing, "row")} without a value not drawn`);
  const isTime = x.values.some((value) => value instanceof Date);
  const logs = [x, y].map((axis, at) =>
    columns.log === "both" || columns.log === (at === 0 ? "x" : "y") ? axis : null,
  );
  const present = filled.filter((row) => logs.every((axis) => !(Number(axis?.values[row] ?? 1) <= 0)));
  if (present.length < filled.length) {
    notes.push(`${count(filled.length - present.length, "row")} of 0 or less not drawn on a logarithmic scale`);
  }
  const isNumbers = present.every((row) => typeof x.values[row] === "number" || x.values[row] instanceof Date);
  const groups = byColour(color?.values ?? null, present, notes);
  const kind = columns.kind ?? choosePlotKind(isNumbers, groups, columns);
  const isLog = logs[0] !== null && isNumbers && !isTime;
  const shared = { kind, isTime, isLog, notes, rows: present.length };
  if (kind === "histogram") {
    return { ...shared, names: [], series: histograms(groups, columns, isLog, notes), yName: "rows" };
  }
  if (kind === "bar" || kind === "boxes") {
    const { names, series, isMean } = barSeries(groups, columns, notes);
    if (kind === "boxes") return { ...shared, names, series, yName: `median of ${y?.name ?? ""}` };
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

interface Group {
  readonly name: string | null;
  readonly rows: readonly number[];
}

function byColour(values: readonly PlotValue[] | null, rows: readonly number[], notes: string[]): Group[] {
  if (values === null) return [{ name: null, rows }];
  const groups = new Map<string, number[]>();
  for (const row of rows) getOrMake(groups, valueName(values[row] ?? null), () => []).push(row);
  const rarer = groups.size - mostColours;
  if (rarer > 0) notes.push(`${rarer} rarer colours not drawn`);
  const all = [...groups].map(([name, rows]) => ({ name, rows }));
  return [...largestOf(all, (group) => group.rows.length, mostColours)];
}

function barSeries(groups: readonly Group[], { x, y, kind }: PlotColumns, notes: string[]) {
  const values = groups.map(({ rows }) => {
    const byName = new Map<string, number[]>();
    for (const row of rows) getOrMake(byName, valueName(x.values[row]!), () => []).push(Number(y?.values[row] ?? 0));
    return byName;
  });
  const totals = new Map<string, number>();
  for (const byName of values) {
    for (const [name, each] of byName) totals.set(name, (totals.get(name) ?? 0) + each.length);
  }
  if (totals.size > mostNames) notes.push(`${grouped(totals.size - mostNames)} rarer values not drawn`);
  const names = largestOf([...totals.keys()], (name) => totals.get(name)!, mostNames);
  const isMean = y !== null && values.some((byName) => [...byName.values()].some((each) => each.length > 1));
  const series = groups.map(({ name }, index): PlotSeries => {
    const seriesNames = names.filter((each) => values[index]!.has(each));
    const lists = seriesNames.map((each) => values[index]!.get(each)!);
    if (kind !== "boxes")
      return { name, x: seriesNames, y: lists.map((each) => (y === null ? each.length : mean(each))) };
    const quantiles = lists.map((each): Quantiles => {
      const sorted = Float64Array.from(each).sort();
      return shares.map((share) => sorted[Math.round(share * (sorted.length - 1))]!) as Quantiles;
    });
    return { name, x: seriesNames, y: quantiles.map((each) => each[2]), quantiles };
  });
  return { names, series, isMean };
}

function histograms(groups: readonly Group[], { x, bins }: PlotColumns, isLog: boolean, notes: string[]): PlotSeries[] {
  const valueAt = (row: number): number => (isLog ? Math.log10(Number(x.values[row]!)) : Number(x.values[row]!));
  const all = Float64Array.from(groups.flatMap(({ rows }) => rows.map(valueAt))).sort();
  const [low, high] = isLog || bins !== undefined ? [all[0]!, all.at(-1)!] : withoutTails(all, notes);
  const isWhole = !isLog && bins === undefined && all.every(Number.isInteger);
  const width = bins === undefined ? binWidth(high - low, all.length, isWhole) : (high - low) / bins || 1;
  const first = bins === undefined ? Math.floor(low / width) * width : low;
  const number = all.length === 0 ? 0 : (bins ?? Math.floor((high - first) / width) + 1);
  return groups.map(({ name, rows }) => {
    const counts = new Array<number>(number).fill(0);
    for (const value of rows.map(valueAt)) {
      if (value >= low && value <= high) counts[Math.min(number - 1, Math.floor((value - first) / width))]! += 1;
    }
    const edge = (bin: number): number => (isLog ? 10 ** (first + bin * width) : first + bin * width);
    const widths = counts.map((_, bin) => edge(bin + 1) - edge(bin));
    const isValue = isWhole && width === 1;
    return { name, x: counts.map((_, bin) => edge(bin) + (isValue ? 0 : widths[bin]! / 2)), y: counts, widths };
  });
}

/** The range of sorted values; an end that is further away than twice the range of the middle 98% is left out. */
function withoutTails(sorted: Float64Array, notes: string[]): readonly [low: number, high: number] {
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  const reach = 2 * (at(0.99) - at(0.01));
  const low = reach > 0 && at(0.01) - at(0) > reach ? at(0.01) : at(0);
  const high = reach > 0 && at(1) - at(0.99) > reach ? at(0.99) : at(1);
  const ends = [...(at(0) < low ? [`below ${tidy(low)}`] : []), ...(at(1) > high ? [`above ${tidy(high)}`] : [])];
  const outside = sorted.filter((value) => value < low || value > high).length;
  if (outside > 0) notes.push(`${count(outside, "row")} ${ends.join(" or ")} not drawn: log or bins draw all`);
  return [low, high];
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
  const { kind, isLog, isTime } = data;
  const isLogY = columns.log === "y" || columns.log === "both";
  const panel: Panel = {
    marks: data.series.flatMap((series, index) => marks(columns, data, series, index)),
    ...(kind === "bar" || kind === "boxes"
      ? columnNames(data.names, AXES_WIDTH)
      : { xaxis: xAxis(shorten(columns.x.name, 40), isTime || isLog ? { type: isTime ? "date" : "log" } : {}) }),
    yaxis: yAxis(
      shorten(data.yName, 40),
      isLogY ? { type: "log" } : kind === "bar" || kind === "histogram" ? { rangemode: "tozero" } : {},
    ),
  };
  const { x, y, color } = columns;
  const by = color === null ? "" : ` by ${color.name}`;
  const what =
    y === null ? `${x.name}${by}` : `${data.yName} by ${x.name}${color === null ? "" : ` and ${color.name}`}`;
  const title = sentence([`${what}: ${finding(data) ?? "nothing to draw"}`, count(data.rows, "row"), ...data.notes]);
  return panelChart(title, panel, HEIGHT, plotSheet(title, columns, data));
}

function marks({ x }: PlotColumns, data: PlotData, series: PlotSeries, index: number): readonly PlotlyTrace[] {
  const shade = colour(index, data.series.length);
  const legend = series.name === null ? undefined : { name: series.name };
  const prefix = series.name === null ? markup`` : markup`${shorten(series.name, 40)}<br>`;
  const names = [shorten(x.name, 40), shorten(data.yName, 40)] as const;
  if (data.kind === "bar") return [nameBars(data, series, index, shade)];
  if (data.kind === "boxes") return nameBoxes(data, series, index, shade);
  const [xs, ys] = [series.x.map(Number), series.y];
  const hover = markup`${prefix}${names[0]}: %{x}<br>${names[1]}: %{y:.4~g}`;
  if (data.kind === "dots") return [dots({ x: xs, y: ys, color: shade, size: 5, legend, hover })];
  if (data.kind === "line" || data.series.length > 1) {
    return [line({ x: xs, y: ys, color: shade, width: 2, dots: 6, legend, hover })];
  }
  return [
    bars({ at: xs, values: ys, color: shade, width: series.widths!.map((width) => width * 0.94), legend, hover }),
  ];
}

function nameBoxes(data: PlotData, series: PlotSeries, index: number, shade: string): readonly PlotlyTrace[] {
  const at = sideBySide(data.names.length, index, data.series.length);
  return boxes({
    at: series.x.map((name) => at[data.names.indexOf(String(name))]!),
    quantiles: series.quantiles!,
    width: 0.76 / data.series.length,
    color: shade,
    legend: { name: series.name ?? data.yName, inLegend: series.name !== null },
    hover: series.x.map((name) => [name, ...(series.name === null ? [] : [series.name])].join(", ")),
  });
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
  const quantiles = series.flatMap((each) => each.quantiles ?? []);
  const names = [...(color === null ? [x.name, yName] : [color.name, x.name, yName])];
  if (quantiles.length > 0) names.push(...shares.map((share) => `${100 * share}%`));
  const cells = rows.map((row, at) => [...row, ...(quantiles[at] ?? [])]);
  return tableSheet({ columns: names.map((name) => ({ name })), rows: cells }, caption);
}

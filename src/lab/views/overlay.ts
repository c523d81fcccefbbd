/** Curves of one quantity in one chart, with their names at their ends: few in colours, many in grey. */

import type { JsonObject } from "../../core/util/json.js";
import { type Panel, xAxis, yAxis } from "./compose.js";
import { band, type EndLabel, endLabels, labelledEnd, line, rule } from "./lines.js";
import { colour, finite, INK, type Markup, markup, ONE_OF_MANY, PLAIN, rounded, shortenAll } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

/** With more curves, all are grey and only the extremes have names. */
export const MOST_COLOURED = 6;
const EXTREMES = 3;
/** With this many curves, only the main one and the extremes are lines. */
const FEWEST_IN_BAND = 12;
const LETTERS = 16;
const MANY_LETTERS = 30;

export interface OverlaidCurve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly hover: Markup;
  /** Default: of few curves by their order, of many grey. */
  readonly color?: string;
  /** Drawn thick and grey, on top: what the others are compared with. */
  readonly isMain?: boolean;
}

/** The marks, and the range and ticks of an x axis of steps that leaves room for the names. */
export interface Overlay {
  readonly marks: readonly PlotlyTrace[];
  readonly steps: JsonObject;
}

export function overlay(curves: readonly OverlaidCurve[], options: OverlayOptions): Overlay {
  const { width, height, coloured = MOST_COLOURED, level, range, until = 1 } = options;
  const others = curves.filter(({ isMain }) => isMain !== true);
  const few = others.length <= coloured;
  const extremes = new Set(few ? others : farthest(curves));
  const look = (curve: OverlaidCurve): { readonly color: string; readonly width: number } => {
    if (curve.isMain === true) return { color: INK, width: 3 };
    if (few) return { color: curve.color ?? colour(others.indexOf(curve), others.length), width: 1.75 };
    return extremes.has(curve) ? { color: PLAIN, width: 2 } : { color: ONE_OF_MANY, width: 1 };
  };
  const layer = (curve: OverlaidCurve): number => (curve.isMain === true ? 2 : extremes.has(curve) && !few ? 1 : 0);
  const ordered = [...curves].sort((a, b) => layer(a) - layer(b));
  const named = curves.filter((curve) => curve.isMain === true || extremes.has(curve));
  const names = named.map(({ name }) => name);
  const short = shortenAll(names, options.letters ?? (few ? LETTERS : MANY_LETTERS));
  const labels = named.flatMap((curve, at) =>
    lastPoint(curve).map((last): EndLabel => ({ text: short[at]!, ...last, color: look(curve).color })),
  );
  const values = curves.flatMap(({ y }) => y.flatMap((value) => finite(value) ?? []));
  const last = Math.max(1, until, ...curves.flatMap(({ x }) => x));
  if (level !== undefined) {
    labels.push({ text: level.name, x: last, y: level.y, color: INK });
    values.push(level.y);
  }
  const start = options.fromFirst === true ? startOf(Math.min(last, ...curves.flatMap(({ x }) => x)), last) : 0;
  const [low, high] = range ?? [Math.min(...values), Math.max(...values)];
  const axes = { width, height, low, high };
  // Many lines over each other show no more than their range.
  const isBand =
    options.keepsLines !== true && others.length >= FEWEST_IN_BAND && others.every(({ x }) => isSame(x, others[0]!.x));
  const single = isBand ? ordered.filter((curve) => layer(curve) > 0) : ordered;
  const lines = single.map((curve) =>
    line({ x: curve.x, y: curve.y, dots: curves.length > 12 ? undefined : 5, ...look(curve), hover: curve.hover }),
  );
  const levels = level === undefined ? [] : [rule({ from: [start, level.y], to: [last, level.y], width: 1.5 })];
  const end = labels.length === 0 ? last : labelledEnd(labels, last, axes);
  return {
    marks: [...(isBand ? rangeBand(others) : []), ...lines, ...levels, ...endLabels(labels, axes)],
    steps: { range: [start, end], ...stepTicks(last) },
  };
}

/** The band from the lowest to the highest of several curves over the same steps. */
function rangeBand(curves: readonly OverlaidCurve[]): PlotlyTrace[] {
  const { x } = curves[0]!;
  const at = (step: number, choose: (...values: number[]) => number): number | null => {
    const values = curves.flatMap(({ y }) => finite(y[step]) ?? []);
    return values.length === 0 ? null : rounded(choose(...values));
  };
  const [low, high] = [Math.min, Math.max].map((choose) => x.map((_, step) => at(step, choose)));
  return band({ x, low: low!, high: high!, hover: markup`${curves.length} curves: the highest is %{y:.3f}` });
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

export function overlayPanel(
  title: string | undefined,
  measure: string,
  curves: readonly OverlaidCurve[],
  options: OverlayOptions,
): Panel {
  const { marks, steps } = overlay(curves, options);
  return { title, marks, xaxis: xAxis("step", steps), yaxis: yAxis(measure, { tickformat: ".3~f" }) };
}

export interface OverlayOptions {
  readonly width: number;
  readonly height: number;
  readonly coloured?: number | undefined;
  readonly range?: readonly [number, number] | undefined;
  /** Whether many curves are lines too, if a band shows something else. Default: a band of their range. */
  readonly keepsLines?: boolean;
  /** Excludes the steps before the first point. Default: from step 0, as other panels of a training. */
  readonly fromFirst?: boolean;
  /** The number of letters of names at the ends of few curves. Default: 16. */
  readonly letters?: number | undefined;
  readonly level?: { readonly name: string; readonly y: number } | undefined;
  /** A step that the axis reaches at least. */
  readonly until?: number | undefined;
}

/** Curves that begin late have no empty axes before them. */
function startOf(first: number, last: number): number {
  return first > last / 8 ? rounded(Math.max(0, first - (last - first) / 20)) : 0;
}

/** Ticks up to the last step: the space after it is for names. */
function stepTicks(last: number): JsonObject {
  const rough = last / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= rough)!;
  return { tickvals: Array.from({ length: Math.floor(last / step) + 1 }, (_, at) => rounded(at * step)) };
}

/** The curves that end farthest from the main one, or from the median if there is none. */
function farthest(curves: readonly OverlaidCurve[]): OverlaidCurve[] {
  const ends = curves.flatMap((curve) => lastPoint(curve).map(({ y }) => ({ curve, y })));
  const sorted = ends.map(({ y }) => y).sort((a, b) => a - b);
  const centre = ends.find(({ curve }) => curve.isMain === true)?.y ?? sorted[Math.floor(sorted.length / 2)] ?? 0;
  return ends
    .filter(({ curve }) => curve.isMain !== true)
    .sort((a, b) => Math.abs(b.y - centre) - Math.abs(a.y - centre))
    .slice(0, EXTREMES)
    .map(({ curve }) => curve);
}

function lastPoint({ x, y }: OverlaidCurve): { readonly x: number; readonly y: number }[] {
  const points = x.flatMap((at, index) => {
    const value = finite(y[index]);
    return value === null ? [] : [{ x: at, y: value }];
  });
  return points.slice(-1);
}

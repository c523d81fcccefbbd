/** Ticks of number axes: at least three labelled ones, as Plotly places them, in digits that tell them apart. */

import type { JsonObject } from "../../core/util/json.js";
import type { PlotlyTrace } from "./view.js";

type Along = "x" | "y";

const LEAST = 3;
/** What Plotly takes for a narrow axis. */
const USUAL = 5;
const MOST = 10;
/** More labels run into each other: beside names, and above each other. */
const CROWDED = { x: 5, y: 8 } as const;

/** The axis with ticks of which at least three are labelled. Axes other than number axes are unchanged. */
export function withTicks(axis: JsonObject, marks: readonly PlotlyTrace[], along: Along): JsonObject {
  const span = isOfNumbers(axis) ? spanOf(axis, marks, along) : null;
  if (span === null) return axis;
  const ticks = ticksOf(axis, span, along);
  const step = ticks["dtick"] ?? stepOf(span[1] - span[0], (ticks["nticks"] as number | undefined) ?? USUAL);
  const format = axis["tickformat"];
  return typeof format === "string" ? { ...ticks, tickformat: precise(format, step as number) } : ticks;
}

/** Plotly chooses the steps between ticks, unless its steps leave fewer than three or more than fit. */
function ticksOf(axis: JsonObject, span: readonly [number, number], along: Along): JsonObject {
  const first = (axis["nticks"] as number | undefined) ?? USUAL;
  const isNarrow = first <= LEAST; // a fourth label may have no room
  for (let nticks = first; nticks < MOST; nticks++) {
    const labels = fewestTicks(span, nticks, axis["range"] !== undefined);
    if (labels > (isNarrow ? LEAST : CROWDED[along]) && (isNarrow || nticks > first)) break;
    if (labels >= LEAST) return nticks === first ? axis : { ...axis, nticks };
  }
  const [low, high] = span;
  const base = 10 ** Math.floor(Math.log10(high - low));
  const steps = [5, 4, 2.5, 2, 1.5, 1, 0.5, 0.4, 0.25, 0.2, 0.1].map((times) => times * base);
  const dtick = steps.find((step) => multiples(span, step).length >= LEAST)!;
  return { ...axis, tick0: 0, dtick: Number(dtick.toPrecision(6)) };
}

/** The number of labelled ticks whatever room Plotly leaves beside the marks. */
export function fewestTicks(span: readonly [number, number], nticks: number, isExact: boolean): number {
  const rooms = isExact ? [1] : [1, 1.1, 1.2, 1.3];
  return Math.min(...rooms.map((room) => multiples(span, stepOf(room * (span[1] - span[0]), nticks)).length));
}

/** Whether Plotly chooses the ticks of an axis of numbers, and labels them. */
export function isOfNumbers(axis: JsonObject): boolean {
  const isGiven = ["type", "tickvals", "dtick"].some((key) => axis[key] !== undefined);
  return !isGiven && axis["showticklabels"] !== false && axis["visible"] !== false;
}

/** `.3~f` with as many digits as steps of this size need: 0.0025 has four. */
function precise(format: string, step: number): string {
  return format.replace(/^\.(\d)(~?f)$/, (_, digits: string, kind: string) => {
    let needed = Number(digits);
    while (needed < 6 && Math.abs(step * 10 ** needed - Math.round(step * 10 ** needed)) > 1e-6) needed++;
    return `.${needed}${kind}`;
  });
}

/** The range of an axis; `null`: it has none, or is not of numbers. */
export function spanOf(
  axis: JsonObject,
  marks: readonly PlotlyTrace[],
  along: Along,
): readonly [number, number] | null {
  const range = axis["range"] as readonly number[] | undefined;
  if (range !== undefined) return [Math.min(...range), Math.max(...range)];
  const values = marks.flatMap((mark) => endsOf(mark, along));
  if (values.some((value) => typeof value !== "number")) return null;
  const numbers = values as number[];
  if (axis["rangemode"] === "tozero") numbers.push(0);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return high > low ? [low, high] : null;
}

/** The places of a mark along an axis, with the ends of its intervals. */
function endsOf(mark: PlotlyTrace, along: Along): unknown[] {
  const all = (mark[along] ?? []) as readonly (number | null)[];
  const bars = mark[`error_${along}`] as { array: readonly number[]; arrayminus: readonly number[] } | undefined;
  const ends = (sign: 1 | -1, lengths: readonly number[] = []) =>
    lengths.flatMap((length, at) => (typeof all[at] === "number" ? all[at] + sign * length : []));
  const isBar = mark["type"] === "bar" && (mark["orientation"] === "h" ? "x" : "y") === along;
  const places = all.filter((value) => value !== null && value !== undefined);
  return [...places, ...ends(1, bars?.array), ...ends(-1, bars?.arrayminus), ...(isBar ? [0] : [])];
}

/** Plotly's step: 2, 5 or 10 times a power of ten. */
function stepOf(length: number, nticks: number): number {
  const rough = length / nticks;
  const base = 10 ** Math.floor(Math.log10(rough));
  return base * [2, 5, 10].find((times) => rough / base <= times)!;
}

export function multiples([low, high]: readonly [number, number], step: number): number[] {
  const [first, last] = [Math.ceil(low / step - 1e-6), Math.floor(high / step + 1e-6)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
}

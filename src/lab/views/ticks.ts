/** Ticks of number axes: at least three labelled ones, as Plotly places them, in digits that tell them apart. */

import type { JsonObject } from "../../core/util/json.js";
import type { PlotlyTrace } from "./view.js";

const LEAST = 3;
const USUAL = 4;
const MOST = 10;

/** The x axis with a number of ticks of which at least three are labelled. Other than number axes are unchanged. */
export function withTicks(axis: JsonObject, marks: readonly PlotlyTrace[]): JsonObject {
  const isOther = axis["type"] !== undefined || ["tickvals", "dtick"].some((key) => axis[key] !== undefined);
  const span = isOther || axis["showticklabels"] === false ? null : spanOf(axis, marks);
  if (span === null) return axis;
  const first = Math.max(LEAST, (axis["nticks"] as number | undefined) ?? USUAL);
  let nticks = first;
  while (nticks < MOST && ticksIn(span, nticks).length < LEAST) nticks++;
  const [start, next] = ticksIn(span, nticks);
  const format = axis["tickformat"];
  if (typeof format !== "string" || start === undefined || next === undefined) return { ...axis, nticks };
  return { ...axis, nticks, tickformat: precise(format, next - start) };
}

/** `.3~f` with as many digits as steps of this size need. */
function precise(format: string, step: number): string {
  return format.replace(/^\.(\d)(~?f)$/, (_, digits: string, kind: string) => {
    const needed = Math.ceil(-Math.log10(step) - 1e-9);
    return `.${Math.max(Number(digits), Math.min(6, needed))}${kind}`;
  });
}

/** The range of an axis; `null`: it has none, or is not of numbers. */
export function spanOf(axis: JsonObject, marks: readonly PlotlyTrace[]): readonly [number, number] | null {
  const range = axis["range"] as readonly number[] | undefined;
  if (range !== undefined) return [Math.min(...range), Math.max(...range)];
  const values = marks.flatMap((mark) => endsOf(mark));
  if (values.some((value) => typeof value !== "number")) return null;
  const numbers = values as number[];
  if (axis["rangemode"] === "tozero") numbers.push(0);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return high > low ? [low, high] : null;
}

/** The places of a mark along x, with the ends of its intervals. */
function endsOf(mark: PlotlyTrace): unknown[] {
  const x = ((mark["x"] ?? []) as readonly unknown[]).filter((value) => value !== null && value !== undefined);
  const bars = mark["error_x"] as { array: readonly number[]; arrayminus: readonly number[] } | undefined;
  const all = (mark["x"] ?? []) as readonly (number | null)[];
  const ends = (sign: 1 | -1, lengths: readonly number[] = []) =>
    lengths.flatMap((length, at) => (typeof all[at] === "number" ? all[at] + sign * length : []));
  const isLying = mark["type"] === "bar" && mark["orientation"] === "h";
  return [...x, ...ends(1, bars?.array), ...ends(-1, bars?.arrayminus), ...(isLying ? [0] : [])];
}

/** The places where Plotly puts ticks: multiples of 2, 5 or 10 times a power of ten. */
export function ticksIn([low, high]: readonly [number, number], nticks: number): number[] {
  const rough = (high - low) / nticks;
  const base = 10 ** Math.floor(Math.log10(rough));
  const step = base * [2, 5, 10].find((times) => rough / base <= times)!;
  const [first, last] = [Math.ceil(low / step - 1e-6), Math.floor(high / step + 1e-6)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
}

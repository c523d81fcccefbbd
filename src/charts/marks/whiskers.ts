/** Intervals around values. */
import type { JsonObject } from "../../util/json.js";
import { rounded } from "../theme/index.js";
import type { Coordinates } from "./mark.js";

/** The ends and the style of intervals. */
export interface Whiskers {
  /** Ends that are missing are not drawn. */
  readonly low: Coordinates;
  readonly high: Coordinates;
  readonly color: string;
  /** Width of the line, in pixels. */
  readonly thickness: number;
  /** Width of the end caps, in pixels. Default: 0, none. */
  readonly caps?: number;
}

/** Plotly's `error_x` or `error_y` of the values. */
export function errorBars(values: Coordinates, { low, high, color, thickness, caps = 0 }: Whiskers): JsonObject {
  const length = (index: number, end: number | null | undefined, sign: 1 | -1): number => {
    const value = values[index] ?? null;
    return value === null || end === null || end === undefined ? 0 : rounded(Math.max(0, sign * (end - value)));
  };
  return {
    type: "data",
    symmetric: false,
    array: values.map((_, index) => length(index, high[index], 1)),
    arrayminus: values.map((_, index) => length(index, low[index], -1)),
    color,
    thickness,
    width: caps,
  };
}

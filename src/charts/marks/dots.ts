/** Dots: one per value, with its interval if it has one. */
import type { JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";
import { type Coordinates, defined, type MarkOptions, points, trace } from "./mark.js";
import { errorBars, type Whiskers } from "./whiskers.js";

/** Choices for {@link dots}. */
export interface DotsOptions extends MarkOptions {
  readonly x: Coordinates;
  readonly y: Coordinates;
  /** One for all, or one per dot. */
  readonly color: string | readonly string[];
  /** In pixels. */
  readonly size: number;
  /** From 0, invisible, to 1. Default: 1. */
  readonly opacity?: number | undefined;
  /** Plotly's name of a shape, for all or per dot. Default: a disc. */
  readonly symbol?: string | readonly string[] | undefined;
  /** Default: none. */
  readonly outline?: { readonly color?: string; readonly width: number } | undefined;
  /** Intervals along x or y. */
  readonly whiskersX?: Whiskers | undefined;
  readonly whiskersY?: Whiskers | undefined;
  /** For arrowheads: rotation (degrees from upwards, clockwise) and distance from their target (pixels). */
  readonly angle?: readonly number[] | undefined;
  readonly standoff?: readonly number[] | undefined;
}

/** Dots at `x` and `y`. */
export function dots(options: DotsOptions): PlotlyTrace {
  const { x, y, color, size, opacity, symbol, outline, whiskersX, whiskersY, angle, standoff } = options;
  const line: JsonObject | undefined = outline && defined(outline);
  return trace("scatter", options, {
    mode: "markers",
    ...points(x, y),
    marker: defined({ color, size, opacity, symbol, line, angle, standoff }),
    error_x: whiskersX && errorBars(x, whiskersX),
    error_y: whiskersY && errorBars(y, whiskersY),
  });
}

/** A legend entry for a member without data, in its colour. */
export function dotKey(name: string, color: string): PlotlyTrace {
  return dots({ x: [], y: [], color, symbol: "line-ew-open", size: 8, legend: { name, letters: 40 }, hover: "none" });
}

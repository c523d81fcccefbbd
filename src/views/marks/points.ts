/** Dots: one per value, with its interval if it has one. */

import type { JsonObject } from "../../util/json.js";
import { type ColourScale, FONT_SIZE, inkOn, type Markup, scaleColour, tidy } from "../theme.js";
import type { PlotlyTrace } from "../view.js";
import { type Coordinates, defined, errorBars, type MarkOptions, points, trace, type Whiskers, words } from "./mark.js";

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

/** Smaller cells have no lines between them, since the lines would dominate. */
const GAPLESS = 24;

/** Choices for {@link cells}. Everything is [rows][columns]. */
export interface CellsOptions {
  /** `null`: no cell. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Values at the two ends of the scale. */
  readonly range: readonly [number, number];
  readonly scale: ColourScale;
  /** Title and ticks of the colour bar; `null`: no bar, since another panel has it. */
  readonly bar: JsonObject | null;
  readonly hover: readonly (readonly Markup[])[];
  readonly calls?: readonly (readonly (string | null)[])[] | undefined;
}

/** A heat map. */
export function cells({ values, range, scale, bar, hover, calls }: CellsOptions): PlotlyTrace {
  const columns = values[0]?.length ?? 0;
  return trace(
    "heatmap",
    { hover, calls },
    {
      z: values.map((row) => row.map(tidy)),
      zmin: range[0],
      zmax: range[1],
      colorscale: scale,
      showscale: bar !== null,
      colorbar: bar ?? undefined,
      xgap: columns > GAPLESS ? 0 : 1,
      ygap: values.length > GAPLESS ? 0 : 1,
      hoverongaps: false,
    },
  );
}

/** Choices for {@link cellTexts}. Everything is [rows][columns]. */
export interface CellTextsOptions extends Pick<CellsOptions, "values" | "range" | "scale"> {
  readonly texts: readonly (readonly string[])[];
}

/** Texts in cells: black or white, whatever is readable on the cell's colour. On a phone they are shown if they fit. */
export function cellTexts({ values, range, scale, texts }: CellTextsOptions): PlotlyTrace[] {
  const all = values.flatMap((row, r) =>
    row.flatMap((value, c) => {
      const text = texts[r]?.[c] ?? "";
      if (value === null || text === "") return [];
      return [{ r, c, text, ink: inkOn(scaleColour(scale, (value - range[0]) / (range[1] - range[0]))) }];
    }),
  );
  const letters = Math.max(0, ...all.map(({ text }) => text.length));
  return ["#000000", "#ffffff"].flatMap((ink) => {
    const some = all.filter((cell) => cell.ink === ink);
    if (some.length === 0) return [];
    const [x, y] = [some.map(({ c }) => c), some.map(({ r }) => r)];
    const mark = words({ x, y, texts: some.map(({ text }) => text), color: ink, size: FONT_SIZE - 1 });
    return [{ ...mark, meta: { columns: values[0]?.length ?? 0, letters } }];
  });
}

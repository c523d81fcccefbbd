/** Lines: curves, levels to compare with, bands between two curves, and outlined areas. */
import type { PlotlyTrace } from "../figure.js";
import { faded, INK, type LegendEntry, type Markup } from "../theme/index.js";
import { type Coordinates, defined, type MarkOptions, points, trace } from "./mark.js";
import { errorBars, type Whiskers } from "./whiskers.js";

/** Lines with more points have no dots. */
const MOST_DOTS = 30;

/** The style of a line. */
export interface LineLook {
  readonly color: string;
  /** In pixels. */
  readonly width: number;
  /** Plotly's name of a dash, or lengths in pixels. Default: solid. */
  readonly dash?: string | undefined;
}

/** Choices for {@link line}. */
export interface LineOptions extends MarkOptions, LineLook {
  readonly x: Coordinates;
  /** A gap (`null`) interrupts the line. */
  readonly y: Coordinates;
  /** Size of dots on the line, in pixels, if there are few points. Default: none. */
  readonly dots?: number | undefined;
  /** From point to point, or in steps. Default: from point to point. */
  readonly shape?: "linear" | "hv" | undefined;
  readonly whiskers?: Whiskers | undefined;
}

/** A line through points. */
export function line(options: LineOptions): PlotlyTrace {
  const { x, y, color, width, dash, dots, shape, whiskers } = options;
  const hasDots = dots !== undefined && x.length <= MOST_DOTS;
  return trace("scatter", options, {
    mode: hasDots ? "lines+markers" : "lines",
    ...points(x, y),
    line: defined({ color, width, dash, shape }),
    marker: hasDots ? { size: dots, color } : undefined,
    error_y: whiskers && errorBars(y, whiskers),
  });
}

/** Choices for {@link rule}. */
export interface RuleOptions extends Partial<LineLook> {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly legend?: LegendEntry | undefined;
  /** Default: nothing. */
  readonly hover?: Markup | undefined;
}

/** A straight line to compare with: a level, a step, a diagonal. Default: thin, grey and dotted. */
export function rule({ from, to, legend, hover, color = INK, width = 1, dash = "dot" }: RuleOptions): PlotlyTrace {
  const look = { color, width, dash: dash === "solid" ? undefined : dash };
  return line({ x: [from[0], to[0]], y: [from[1], to[1]], ...look, legend, hover: hover ?? "none" });
}

/** Choices for {@link band}. */
export interface BandOptions extends MarkOptions {
  readonly x: Coordinates;
  readonly low: Coordinates;
  readonly high: Coordinates;
  /** Of its edges, in pixels. Default: 0, none. */
  readonly edge?: number;
}

/** The area between two curves, in grey; its upper edge has the hover text. */
export function band({ x, low, high, edge = 0, legend, hover }: BandOptions): PlotlyTrace[] {
  const look = { mode: "lines", line: { color: INK, width: edge } };
  const hidden = legend && { ...legend, inLegend: false };
  return [
    trace("scatter", { legend: hidden, hover: "none" }, { ...look, ...points(x, low) }),
    trace("scatter", { legend, hover }, { ...look, ...points(x, high), fill: "tonexty", fillcolor: faded(INK, 0.15) }),
  ];
}

/** Choices for {@link area}. */
export interface AreaOptions extends LineLook {
  /** Corners, the first one again at the end. */
  readonly corners: readonly (readonly [number, number])[];
  /** Of its inside. Default: none. */
  readonly fill?: string | undefined;
  /** Hover text of its inside; `null`: none. */
  readonly hover: Markup | null;
}

/** An outlined area. */
export function area({ corners, color, width, dash, fill = "rgba(0,0,0,0)", hover }: AreaOptions): PlotlyTrace {
  const outline = line({ x: corners.map(([x]) => x), y: corners.map(([, y]) => y), color, width, dash, hover: "none" });
  const filled = { ...outline, fill: "toself", fillcolor: fill };
  return hover === null ? filled : { ...filled, hoveron: "fills", hoverinfo: "text", text: hover.escaped };
}

/** A legend entry without a trace: for a dash, or a line width. */
export function lineKey(legend: LegendEntry, look: LineLook): PlotlyTrace {
  return line({ x: [], y: [], ...look, legend, hover: "none" });
}

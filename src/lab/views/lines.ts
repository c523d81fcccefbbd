/** Marks of lines, bands, dots and cells. */

import type { JsonObject } from "../../core/util/json.js";
import { type Coordinates, defined, errorBars, type MarkOptions, points, trace, type Whiskers, words } from "./mark.js";
import {
  type ColourScale,
  FONT_SIZE,
  faded,
  INK,
  inkOn,
  type LegendEntry,
  type Markup,
  rounded,
  scaleColour,
  tidy,
} from "./theme.js";
import type { PlotlyTrace } from "./view.js";

const MOST_DOTS = 30;

export interface LineLook {
  readonly color: string;
  readonly width: number;
  /** Plotly's name of a dash, or lengths in pixels. Default: solid. */
  readonly dash?: string | undefined;
}

export interface LineOptions extends MarkOptions, LineLook {
  readonly x: Coordinates;
  readonly y: Coordinates;
  readonly dots?: number | undefined;
  readonly whiskers?: Whiskers | undefined;
  /** Level from each point to the next, as the outline of bars. Default: false. */
  readonly steps?: boolean;
  /** Colour of the area down to 0. Default: none. */
  readonly fill?: string | undefined;
}

export function line(options: LineOptions): PlotlyTrace {
  const { x, y, color, width, dash, dots, whiskers, steps, fill } = options;
  const hasDots = dots !== undefined && x.length <= MOST_DOTS;
  return trace("scatter", options, {
    mode: hasDots ? "lines+markers" : "lines",
    ...points(x, y),
    line: defined({ color, width, dash, shape: steps ? "hv" : undefined }),
    fill: fill && "tozeroy",
    fillcolor: fill,
    marker: hasDots ? { size: dots, color } : undefined,
    error_y: whiskers && errorBars(y, whiskers),
  });
}

export interface RuleOptions extends Partial<LineLook> {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly legend?: LegendEntry | undefined;
  readonly hover?: Markup | undefined;
}

/** A straight line to compare with: a level, a step, a diagonal. Default: thin, grey and dotted. */
export function rule({ from, to, legend, hover, color = INK, width = 1, dash = "dot" }: RuleOptions): PlotlyTrace {
  const look = { color, width, dash: dash === "solid" ? undefined : dash };
  return line({ x: [from[0], to[0]], y: [from[1], to[1]], ...look, legend, hover: hover ?? "none" });
}

export interface BandOptions extends MarkOptions {
  readonly x: Coordinates;
  readonly low: Coordinates;
  readonly high: Coordinates;
  /** The width of its edges, in pixels. Default: 0, none. */
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

export interface AreaOptions extends LineLook {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  readonly fill?: string | undefined;
  readonly hover: Markup | null;
}

export function area({ x, y, fill = "rgba(0,0,0,0)", hover, ...look }: AreaOptions): PlotlyTrace {
  const [[left, right], [top, bottom]] = [x, y];
  const outline = line({
    x: [left, right, right, left, left],
    y: [top, top, bottom, bottom, top],
    ...look,
    hover: "none",
  });
  const filled = { ...outline, fill: "toself", fillcolor: fill };
  return hover === null ? filled : { ...filled, hoveron: "fills", hoverinfo: "text", text: hover.escaped };
}

/** Pixels from one name to the next, and of a letter. */
const LINE = 14;
const LETTER = 7.2;

export interface EndLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** The line's colour, for a line that leads to the name. Default: none, the name is at the end. */
  readonly color?: string | undefined;
}

/** The part of the axes' width that lines to names have. */
const LEADER = 0.03;

export interface LabelledAxes {
  readonly width: number;
  readonly height: number;
  readonly low: number;
  readonly high: number;
}

/** Names at the right of their lines, moved apart, in the order of the lines; as text of the page's colour. */
export function endLabels(labels: readonly EndLabel[], { height, low, high }: LabelledAxes): PlotlyTrace[] {
  if (labels.length === 0) return [];
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const step = ((high - low || 1) * LINE) / height;
  const ends = sorted.map(({ y }) => y);
  const heights = apart(ends, step, high);
  const isLed = labels.some(({ color }) => color !== undefined);
  const reach = isLed ? Math.max(...labels.map(({ x }) => x)) * LEADER : 0;
  const leaders = sorted.flatMap(({ x, y, color }, at) =>
    color === undefined ? [] : [line({ x: [x, x + reach], y: [y, heights[at]!], color, width: 1, hover: "none" })],
  );
  return [
    ...leaders,
    words({
      x: sorted.map(({ x }) => x + reach),
      y: heights.map(rounded),
      texts: sorted.map(({ text }) => ` ${text}`),
      place: "middle right",
      size: 11,
      overflow: true,
    }),
  ];
}

/** Heights in their order, at least `step` apart; moved down together if they would end above the axes. */
function apart(sorted: readonly number[], step: number, high: number): number[] {
  let least = Number.NEGATIVE_INFINITY;
  const up = sorted.map((y) => {
    least = Math.max(y, least + step);
    return least;
  });
  let most = Math.max(high, sorted.at(-1)!);
  return [...up]
    .reverse()
    .map((y) => {
      const height = Math.min(y, most);
      most = height - step;
      return height;
    })
    .reverse();
}

export function labelledEnd(labels: readonly EndLabel[], last: number, { width }: LabelledAxes): number {
  const letters = Math.max(0, ...labels.map(({ text }) => [...text].length + 1));
  const leader = labels.some(({ color }) => color !== undefined) ? LEADER : 0;
  return rounded((last * (1 + leader)) / Math.max(0.4, 1 - (letters * LETTER) / width));
}

export interface DotsOptions extends MarkOptions {
  readonly x: Coordinates;
  readonly y: Coordinates;
  readonly color: string | readonly string[];
  readonly size: number;
  /** Opacity, from 0 (invisible) to 1. Default: 1. */
  readonly opacity?: number | undefined;
  /** Plotly's name of a shape, for all or per dot. Default: a disc. */
  readonly symbol?: string | readonly string[] | undefined;
  readonly outline?: { readonly color?: string; readonly width: number } | undefined;
  readonly whiskersX?: Whiskers | undefined;
  readonly whiskersY?: Whiskers | undefined;
  /** For arrowheads: rotation (degrees from upwards, clockwise) and distance from their target (pixels). */
  readonly angle?: readonly number[] | undefined;
  readonly standoff?: readonly number[] | undefined;
}

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
  readonly values: readonly (readonly (number | null)[])[];
  readonly range: readonly [number, number];
  readonly scale: ColourScale;
  /** Title and ticks of the colour bar; `null`: no bar, since another panel has it. */
  readonly bar: JsonObject | null;
  readonly hover: readonly (readonly Markup[])[];
  readonly calls?: readonly (readonly (string | null)[])[] | undefined;
}

export function cells({ values, range, scale, bar, hover, calls }: CellsOptions): PlotlyTrace {
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
      xgap: (values[0]?.length ?? 0) > GAPLESS ? 0 : 1,
      ygap: values.length > GAPLESS ? 0 : 1,
      hoverongaps: false,
    },
  );
}

/** @param texts [rows][columns] */
export function cellTexts(
  texts: readonly (readonly string[])[],
  { values, range, scale }: Pick<CellsOptions, "values" | "range" | "scale">,
): PlotlyTrace[] {
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

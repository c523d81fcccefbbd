/** Marks are Plotly traces, created only here: names are shortened and escaped, non-finite numbers become `null`. */

import type { Json, JsonObject } from "../../core/util/json.js";
import { finite, type LegendEntry, label, type Markup, plotText, rounded } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

/** None, one template for all points (`%{x}`), a text per point, or a template with a `%{customdata}` per point. */
export type Hover =
  | "none"
  | Markup
  | readonly Markup[]
  | readonly (readonly Markup[])[]
  | { readonly template: Markup; readonly each: readonly Markup[] };

export interface MarkOptions {
  readonly hover: Hover;
  readonly legend?: LegendEntry | undefined;
  /** The code that looks into a point, by point or by row and column: a click runs or shows it. `null`: none. */
  readonly calls?: readonly (string | null)[] | readonly (readonly (string | null)[])[] | undefined;
}

/** A position on an axis; `null` is a gap. */
export type Coordinates = readonly (number | null)[];

type TraceType = "scatter" | "bar" | "box" | "heatmap";

export type TraceFields = Readonly<Record<string, Json | undefined>>;

export function trace(type: TraceType, { legend, hover, calls }: MarkOptions, fields: TraceFields): PlotlyTrace {
  const meta = calls === undefined ? {} : { meta: { calls } };
  return defined({ type, ...fields, ...meta, ...legendFields(legend), ...hoverFields(hover) });
}

/** The positions of points; if there are none, one empty point, since Plotly's legend omits a trace without points. */
export function points(x: Coordinates, y: Coordinates): { readonly x: Json; readonly y: Json } {
  return x.length === 0 ? { x: [null], y: [null] } : { x: x.map(finite), y: y.map(finite) };
}

export function defined(fields: TraceFields): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined));
}

function legendFields(legend: LegendEntry | undefined): TraceFields {
  if (legend === undefined) return {};
  return {
    name: label(legend.name, legend.letters),
    legendgroup: legend.group === undefined ? undefined : plotText(legend.group),
    showlegend: legend.inLegend ?? true,
  };
}

function hoverFields(hover: Hover): TraceFields {
  if (hover === "none") return { hoverinfo: "skip" };
  if ("escaped" in hover) return { hovertemplate: `${hover.escaped}<extra></extra>` };
  if ("template" in hover) {
    return { customdata: hover.each.map(escaped), hovertemplate: `${hover.template.escaped}<extra></extra>` };
  }
  return { customdata: hover.map(escaped), hovertemplate: "%{customdata}<extra></extra>" };
}

function escaped(text: Markup | readonly Markup[]): Json {
  return "escaped" in text ? text.escaped : text.map((cell) => cell.escaped);
}

export interface Whiskers {
  readonly low: Coordinates;
  readonly high: Coordinates;
  readonly color: string;
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

export interface WordsOptions {
  readonly x: Coordinates;
  readonly y: Coordinates;
  readonly texts: readonly string[];
  /** Alignment relative to the position. Default: `middle center`. */
  readonly place?: "middle left" | "middle right" | undefined;
  /** Default: the page's colour of text. */
  readonly color?: string | undefined;
  readonly size?: number | undefined;
  readonly bold?: boolean;
  readonly overflow?: boolean;
  readonly hover?: Hover | undefined;
}

export function words(options: WordsOptions): PlotlyTrace {
  const { x, y, texts, place, color, size, bold, overflow, hover = "none" } = options;
  return trace(
    "scatter",
    { hover },
    {
      mode: "text",
      ...points(x, y),
      text: texts.map(plotText),
      textposition: place,
      textfont: defined({ color, size, weight: bold === true ? 600 : undefined }),
      cliponaxis: overflow === true ? false : undefined,
      showlegend: false,
    },
  );
}

/**
 * What every mark has: its place in the legend and what hovering shows. A mark is a Plotly trace, made here only: names
 * are shortened and escaped, gaps and numbers that are not finite become `null`, and choices that are not made are left
 * to Plotly.
 */
import type { Json, JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";
import { finite, type LegendEntry, label, type Markup, plotText } from "../theme/index.js";

/**
 * What hovering shows: nothing; one template for all points (`%{x}`, `%{y}`); a text a point; or a template with a text a
 * point at its `%{customdata}`.
 */
export type Hover =
  | "none"
  | Markup
  | readonly Markup[]
  | readonly (readonly Markup[])[]
  | { readonly template: Markup; readonly each: readonly Markup[] };

/** Choices that every mark has. */
export interface MarkOptions {
  readonly hover: Hover;
  /** Default: no entry in the legend. */
  readonly legend?: LegendEntry | undefined;
}

/** A place on an axis; `null` is a gap. */
export type Coordinates = readonly (number | null)[];

/** Plotly's kinds of traces that charts are drawn with. */
type TraceType = "scatter" | "bar" | "box" | "heatmap";

/** Fields of a trace; `undefined` leaves the choice to Plotly. */
export type TraceFields = Readonly<Record<string, Json | undefined>>;

/** A trace with its legend entry and hover text. */
export function trace(type: TraceType, { legend, hover }: MarkOptions, fields: TraceFields): PlotlyTrace {
  return defined({ type, ...fields, ...legendFields(legend), ...hoverFields(hover) });
}

/** The places of points. Without any, one empty point, since Plotly leaves a trace without points out of the legend. */
export function points(x: Coordinates, y: Coordinates): { readonly x: Json; readonly y: Json } {
  return x.length === 0 ? { x: [null], y: [null] } : { x: x.map(finite), y: y.map(finite) };
}

/** Without the choices that are not made. */
export function defined(fields: TraceFields): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined));
}

function legendFields(legend: LegendEntry | undefined): TraceFields {
  if (legend === undefined) return {};
  return {
    name: label(legend.name, legend.letters),
    legendgroup: legend.group === undefined ? undefined : plotText(legend.group),
    showlegend: legend.shown ?? true,
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

/**
 * The types of a chart: a Plotly figure as plain JSON, and the table of its numbers. Plotly is not imported:
 * JupyterLab, VS Code and `src/render` draw figures with their copies.
 */

import type { Table } from "../tables/index.js";
import type { JsonObject } from "../util/json.js";

/** One Plotly trace, as JSON: `{ type: "scatter", x: [...], y: [...] }`. */
export type PlotlyTrace = JsonObject;

/** A Plotly figure, as in `application/vnd.plotly.v1+json`. The page sets its width; its height is in pixels. */
export interface Figure {
  /** The traces, in drawing order. */
  readonly data: readonly PlotlyTrace[];
  /** Plotly's layout: axes, titles, annotations, height. */
  readonly layout: JsonObject;
  /** Plotly's config, such as its buttons. */
  readonly config: JsonObject;
}

/** A figure with its numbers. */
export interface Chart {
  /** The finding, in one sentence (not escaped). */
  readonly title: string;
  /** The drawing. */
  readonly figure: Figure;
  /** Every number of the figure, including those that are not drawn. */
  readonly table: Table;
}

/**
 * What a chart is: a Plotly figure as plain JSON, and the table of the numbers that it draws. It imports no plotly:
 * JupyterLab, VS Code and `src/render`, which draw it, have their own.
 */

import type { Table } from "../tables/index.js";
import type { JsonObject } from "../util/json.js";

/** One Plotly trace, as JSON: `{ type: "scatter", x: [...], y: [...] }`. */
export type PlotlyTrace = JsonObject;

/** A Plotly figure, as `application/vnd.plotly.v1+json` holds it. The page decides its width; its height is in pixels. */
export interface Figure {
  /** The traces, in drawing order. */
  readonly data: readonly PlotlyTrace[];
  /** Plotly's layout: axes, titles, annotations, height. */
  readonly layout: JsonObject;
  /** Plotly's config, such as its buttons. */
  readonly config: JsonObject;
}

/** A figure with the numbers behind it. */
export interface Chart {
  /** What is seen, in one plain sentence (not escaped). */
  readonly title: string;
  /** The drawing. */
  readonly figure: Figure;
  /** Every number of the figure, including those that it has no room for. */
  readonly table: Table;
}

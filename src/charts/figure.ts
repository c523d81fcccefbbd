/**
 * What a chart is: a Plotly figure as plain JSON, and the table of the numbers that it draws.
 * No plotly import: whoever draws (JupyterLab, VS Code, `src/render`) brings its own.
 */

import type { Table } from "../tables/index.js";
import type { JsonObject } from "../util/json.js";

/** One Plotly trace, as JSON: `{ type: "scatter", x: [...], y: [...] }`. */
export type PlotlyTrace = JsonObject;

/** A Plotly figure: what `application/vnd.plotly.v1+json` holds. Width is left to the page; height is in pixels. */
export interface Figure {
  /** The traces, in drawing order. */
  readonly data: readonly PlotlyTrace[];
  /** Plotly's layout: axes, titles, annotations, height. */
  readonly layout: JsonObject;
  /** Plotly's config, such as which buttons are shown. */
  readonly config: JsonObject;
}

/** A figure with the numbers behind it. */
export interface Chart {
  /** What is seen, in one plain sentence (not escaped). */
  readonly title: string;
  /** What is drawn. */
  readonly figure: Figure;
  /** Every number that the figure shows, also those that it had to leave out. */
  readonly table: Table;
}

/** The parts of figures: panels in rows, each a pair of axes with its marks. */
import type { JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";

/** One pair of axes with its marks. */
export interface Panel {
  /** Title above the axes; the composer escapes it, and shortens it if it would overlap the next panel's. */
  readonly title?: string | undefined;
  /** In drawing order; the composer assigns the axes. */
  readonly marks: readonly PlotlyTrace[];
  readonly xaxis: JsonObject;
  readonly yaxis: JsonObject;
  /** Pixels for tick labels and axis title on the left. Default: 64. */
  readonly left?: number;
  /** Pixels for tick labels and axis title below. Default: 44. */
  readonly below?: number;
}

/** Panels side by side. */
export interface PanelRow {
  /** Height of the axes, in pixels. */
  readonly height: number;
  readonly panels: readonly Panel[];
  /** Relative widths; more widths than panels leave the row's end empty. Default: equal. */
  readonly widths?: readonly number[] | undefined;
}

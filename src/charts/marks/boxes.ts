/** Boxes of quantiles: the box from 25 to 75%, whiskers from 5 to 95%. */
import type { PlotlyTrace } from "../figure.js";
import type { LegendEntry } from "../theme/index.js";
import { defined, trace } from "./mark.js";

/** Choices for {@link boxes}. */
export interface BoxesOptions {
  readonly at: readonly number[];
  /** Quantiles at 5, 25, 50, 75 and 95%, per box. */
  readonly quantiles: readonly (readonly [number, number, number, number, number])[];
  readonly color: string;
  /** Width, in units of the axis of names. */
  readonly width: number;
  readonly legend: LegendEntry;
}

/** Boxes at `at`; Plotly shows their quantiles on hovering. */
export function boxes({ at, quantiles, color, width, legend }: BoxesOptions): PlotlyTrace {
  const quantile = (q: number): number[] => quantiles.map((each) => each[q]!);
  const { hoverinfo: _, ...box } = trace(
    "box",
    { legend, hover: "none" },
    {
      x: at,
      lowerfence: quantile(0),
      q1: quantile(1),
      median: quantile(2),
      q3: quantile(3),
      upperfence: quantile(4),
      width,
      line: { width: 1.5, color },
      marker: { color },
    },
  );
  return defined({ ...box, hoverinfo: "y+name" });
}

/** Boxes of quantiles: the box from 25 to 75%, whiskers from 5 to 95%. */
import { fixed } from "../../util/text/format.js";
import type { PlotlyTrace } from "../figure.js";
import { type LegendEntry, markup } from "../theme/index.js";
import { dots } from "./dots.js";
import { trace } from "./mark.js";

/** Choices for {@link boxes}. */
export interface BoxesOptions {
  readonly at: readonly number[];
  /** Quantiles at 5, 25, 50, 75 and 95%, per box. */
  readonly quantiles: readonly (readonly [number, number, number, number, number])[];
  readonly color: string;
  /** Width, in units of the axis of names. */
  readonly width: number;
  readonly legend: LegendEntry;
  /** The first line of the hover text, per box. */
  readonly hover: readonly string[];
  /** The code that looks into a box. Default: none. */
  readonly calls?: readonly (string | null)[] | undefined;
}

/** The boxes, then invisible dots on their quantiles that carry the hover text: Plotly would call the whiskers min and max. */
export function boxes(options: BoxesOptions): readonly PlotlyTrace[] {
  const { at, quantiles, color, width, legend } = options;
  const quantile = (q: number): number[] => quantiles.map((each) => each[q]!);
  const box = trace(
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
  return at.length === 0 ? [box] : [box, hoverDots(options)];
}

function hoverDots({ at, quantiles, color, legend, hover, calls }: BoxesOptions): PlotlyTrace {
  const texts = quantiles.map(([low, q1, median, q3, high], box) => {
    const [whiskers, middle] = [
      [low, high],
      [q1, q3],
    ].map((ends) => ends.map((end) => fixed(end, 3)).join(" to "));
    return markup`${hover[box]!}<br>median ${fixed(median, 3)}<br>25 to 75%: ${middle!}<br>5 to 95%: ${whiskers!}`;
  });
  return dots({
    x: at.flatMap((x) => quantiles[0]!.map(() => x)),
    y: quantiles.flat(),
    color,
    size: 8,
    opacity: 0,
    legend: { ...legend, inLegend: false },
    hover: texts.flatMap((text) => quantiles[0]!.map(() => text)),
    calls: calls?.flatMap((call) => quantiles[0]!.map(() => call)),
  });
}

/** Marks of bars and boxes. */
import { fixed } from "../../core/util/text.js";
import { dots } from "./lines.js";
import { type Coordinates, type MarkOptions, trace } from "./mark.js";
import { finite, type LegendEntry, markup, plotText } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

export interface BarsOptions extends MarkOptions {
  readonly at: readonly number[];
  readonly values: Coordinates;
  readonly color: string | readonly string[];
  readonly width: number | readonly number[];
  /** Default: false, vertical. */
  readonly lying?: boolean;
  /** Text beyond the end of each bar. Default: none. */
  readonly words?: readonly string[] | undefined;
}

export function bars(options: BarsOptions): PlotlyTrace {
  const { at, values, color, width, lying = false, words } = options;
  const lengths = values.map(finite);
  return trace("bar", options, {
    orientation: lying ? "h" : undefined,
    x: lying ? lengths : at,
    y: lying ? at : lengths,
    width,
    marker: { color },
    text: words?.map(plotText),
    textposition: words && "outside",
    constraintext: words && "none",
    cliponaxis: words && false,
  });
}

/** Positions of the bars of series `index` of `total` around each name: side by side, in 0.8 of the space. */
export function sideBySide(names: number, index: number, total: number): number[] {
  const shift = ((index - (total - 1) / 2) * 0.8) / Math.max(1, total);
  return Array.from({ length: names }, (_, name) => name + shift);
}

export interface BoxesOptions {
  readonly at: readonly number[];
  readonly quantiles: readonly (readonly [number, number, number, number, number])[];
  readonly color: string;
  readonly width: number;
  readonly legend: LegendEntry;
  readonly hover: readonly string[];
}

/**
 * The boxes, then invisible dots on their quantiles that carry the hover text: Plotly would call the whiskers min and
 * max.
 */
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

function hoverDots({ at, quantiles, color, legend, hover }: BoxesOptions): PlotlyTrace {
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
  });
}

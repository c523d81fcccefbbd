/** Text at positions, and dashes that mark gaps. */
import type { JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";
import { plotText } from "../theme/index.js";
import { type Coordinates, defined, type Hover, points, trace } from "./mark.js";

/** Choices for {@link words}. */
export interface WordsOptions {
  readonly x: Coordinates;
  readonly y: Coordinates;
  /** Escaped here. */
  readonly texts: readonly string[];
  /** Alignment relative to the position. Default: `middle center`. */
  readonly place?: "top center" | "middle left" | "middle right" | undefined;
  /** Default: the page's colour of text. */
  readonly color?: string | undefined;
  /** In pixels. */
  readonly size?: number | undefined;
  readonly bold?: boolean;
  /** Whether text may extend beyond the axes. Default: false. */
  readonly overflow?: boolean;
  /** Default: nothing. */
  readonly hover?: Hover | undefined;
  /** Text is hidden together with the marks of its group. */
  readonly group?: string | undefined;
}

/** Text at `x` and `y`. */
export function words(options: WordsOptions): PlotlyTrace {
  const { x, y, texts, place, color, size, bold, overflow, hover = "none", group } = options;
  const font: JsonObject = defined({ color, size, weight: bold === true ? 600 : undefined });
  return trace(
    "scatter",
    { hover },
    {
      mode: "text",
      ...points(x, y),
      text: texts.map(plotText),
      textposition: place,
      textfont: font,
      cliponaxis: overflow === true ? false : undefined,
      legendgroup: group === undefined ? undefined : plotText(group),
      showlegend: false,
    },
  );
}

/** A dash for each missing value, with the reason as hover text; nothing if no value is missing. */
export function dashes(
  x: readonly number[],
  y: readonly number[],
  reasons: Hover,
  place?: "top center",
): PlotlyTrace[] {
  if (x.length === 0) return [];
  const texts = x.map(() => "–");
  return [words({ x, y, texts, place, hover: reasons, overflow: place !== undefined })];
}

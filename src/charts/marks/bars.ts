/** Bars: one per value, vertical or horizontal. */
import type { PlotlyTrace } from "../figure.js";
import { finite, plotText } from "../theme/index.js";
import { type Coordinates, type MarkOptions, type TraceFields, trace } from "./mark.js";
import { errorBars, type Whiskers } from "./whiskers.js";

/** Text in or next to bars. */
export interface BarWords {
  /** One per bar. */
  readonly texts: readonly string[];
  /** For all, or one per bar. */
  readonly place: "inside" | "outside" | "none" | readonly ("inside" | "outside")[];
  /** Rotated or not. Default: rotated if they do not fit. */
  readonly upright?: boolean | undefined;
  /** At the bar's base instead of its end. Default: false. */
  readonly atFoot?: boolean;
}

/** Choices for {@link bars}. */
export interface BarsOptions extends MarkOptions {
  /** Positions along the axis of names. */
  readonly at: readonly number[];
  /** Lengths of the bars. */
  readonly values: Coordinates;
  readonly color: string;
  /** Width, in units of the axis of names. */
  readonly width: number;
  /** Default: false, vertical. */
  readonly lying?: boolean;
  /** Start of the bars. Default: 0. */
  readonly base?: number;
  readonly words?: BarWords | undefined;
  readonly whiskers?: Whiskers | undefined;
}

/** Bars at `at`, from `base` to the values. */
export function bars(options: BarsOptions): PlotlyTrace {
  const { at, values, color, width, lying = false, base, words, whiskers } = options;
  const lengths = values.map((value) => lengthFrom(base ?? 0, finite(value)));
  return trace("bar", options, {
    orientation: lying ? "h" : undefined,
    x: lying ? lengths : at,
    y: lying ? at : lengths,
    base,
    width,
    marker: { color },
    ...(words && wordFields(words)),
    error_y: whiskers && errorBars(values, whiskers),
  });
}

/**
 * Positions of the bars of series `index` of `total` around each of `names` names: side by side, in 0.8 of the space.
 */
export function sideBySide(names: number, index: number, total: number): number[] {
  const shift = ((index - (total - 1) / 2) * 0.8) / Math.max(1, total);
  return Array.from({ length: names }, (_, name) => name + shift);
}

function lengthFrom(base: number, value: number | null): number | null {
  return value === null || base === 0 ? value : Math.round((value - base) * 1e6) / 1e6;
}

function wordFields({ texts, place, upright, atFoot = false }: BarWords): TraceFields {
  return {
    text: texts.map(plotText),
    textposition: place,
    textangle: upright === undefined ? undefined : upright ? -90 : 0,
    insidetextanchor: atFoot ? "start" : undefined,
    constraintext: "none",
    cliponaxis: false,
  };
}

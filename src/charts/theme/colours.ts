/**
 * The colours of every chart. One figure serves light and dark pages, so every mark has a contrast of at least 3:1 on
 * both, and text has the page's colour. A colour means the same in all charts of a page, see {@link MEANINGS}: the
 * palette's are domains, in their order, so tasks, labels and gates have panels of their own instead of colours.
 */
import type { JsonObject } from "../../util/json.js";

/** Marks for all rows; also text on pages that do not set its colour. */
export const INK = "#767676";
/** Marks that are neither a domain nor better or worse. */
export const PLAIN = "#64748b";
/** Each of many marks, whose names are in hover texts and the table. */
export const ONE_OF_MANY = "#8a8a8a";
/** Marks that are better. */
export const BETTER = "#00857a";
/** Marks that are worse. */
export const WORSE = "#b5482f";
/** Gates and what feeds them, on the diagram of a model. */
export const GATES = "#5f8a1f";
/** Grid and axis lines. */
export const GRID = "rgba(128,128,128,0.22)";
/** Failures. */
export const FAILED: string = WORSE;

/** Distinct for the colour-blind too; as dark on white as light on dark pages. */
const PALETTE = ["#0072b2", "#d17a00", "#8f4fd1", "#d6336c", "#8a7b52", "#c678b0", "#4b93d4"] as const;
/** Ends cut from cividis. */
const RAMP = ["#31446b", "#666970", "#958f78", "#cbba69", "#fdea45"] as const;

/** Largest number of categories with a separate colour and legend entry. */
export const MAX_COLOURS: number = PALETTE.length;

/** What each colour means. Domain 0 has the palette's first, domain 1 its second; on a study's page variants have them. */
export const MEANINGS: ReadonlyMap<string, string> = new Map([
  [INK, "all rows, or the model that others are compared with"],
  [PLAIN, "one quantity without a domain, such as a count, a gate or a layer"],
  [ONE_OF_MANY, "each of many"],
  [BETTER, "better, or more"],
  [WORSE, "worse, or less; a failure"],
  [GATES, "gates and what feeds them"],
  ...PALETTE.map((shade, domain): [string, string] => [
    shade,
    `domain ${domain}, or variant ${domain} of a study, or run ${domain} of an index`,
  ]),
]);

/** Lines that differ by more than colour. */
export const DASHES = ["dot", "dash", "dashdot", "longdash", "longdashdot"] as const;

/** Stops of a colour scale: a position from 0 to 1, and its colour. */
export type ColourScale = readonly (readonly [number, string])[];

/** Diverging: rust (less, or worse) through near-white to teal (more, or better); safe for the colour-blind. */
export const DIVERGING: ColourScale = [
  [0, "#9c3a24"],
  [0.25, "#e0a48f"],
  [0.5, "#f7f7f7"],
  [0.75, "#8ccdc4"],
  [1, "#00746a"],
];

/** Sequential, light to dark. */
export const SEQUENTIAL: ColourScale = RAMP.map((shade, i): [number, string] => [i / (RAMP.length - 1), shade]);

/** The colour of category `index` among `total`: of the palette, or grey if there are too many to tell apart. */
export function colour(index: number, total: number): string {
  return total <= PALETTE.length ? PALETTE[index % PALETTE.length]! : ONE_OF_MANY;
}

/** A translucent colour: a trace's `opacity` leaves smudges on dark pages. */
export function faded(hex: string, alpha: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${channels.join(",")},${alpha})`;
}

/** Settings of every axis. */
export const AXIS: JsonObject = {
  gridcolor: GRID,
  linecolor: GRID,
  zerolinecolor: GRID,
  ticks: "outside",
  tickcolor: GRID,
  ticklen: 4,
  zeroline: false,
};

function mix(from: string, to: string, share: number): string {
  const channel = (at: number): string => {
    const low = Number.parseInt(from.slice(at, at + 2), 16);
    const high = Number.parseInt(to.slice(at, at + 2), 16);
    return Math.round(low + (high - low) * share)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** The colour of a scale at `share` (0 … 1) of its range. */
export function scaleColour(scale: ColourScale, share: number): string {
  const at = Math.min(1, Math.max(0, share));
  const above = Math.max(
    1,
    scale.findIndex(([stop]) => stop >= at),
  );
  const [[low, from], [high, to]] = [scale[above - 1]!, scale[above]!];
  return mix(from, to, (at - low) / (high - low));
}

/** Black or white: what is readable on a colour. At least 4.5:1 on any. */
export function inkOn(hex: string): string {
  return luminance(hex) > 0.179 ? "#000000" : "#ffffff";
}

/** Relative luminance (WCAG 2). */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

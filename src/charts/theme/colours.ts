/**
 * The colours of every chart: they survive colour blindness (Okabe & Ito, 2008), and the grey of text and lines has a
 * contrast above 4:1 on both white and dark notebooks.
 */
import type { JsonObject } from "../../util/json.js";

/** Text, ticks, and marks for all rows. */
export const INK = "#767676";
/** Grid and axis lines. */
export const GRID = "rgba(128,128,128,0.22)";
/** Failures. */
export const FAILED = "#D55E00";

/** Okabe–Ito without yellow and black, which vanish on white and on dark. */
const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A7B52"] as const;
/** Ends cut from cividis: a ramp for ordered or many domains. */
const RAMP = ["#31446b", "#666970", "#958f78", "#cbba69", "#fdea45"] as const;

/** Largest number of categories with a separate colour and legend entry. */
export const MAX_COLOURS: number = PALETTE.length;

/** Lines that differ by more than colour. */
export const DASHES = ["dot", "dash", "dashdot", "longdash", "longdashdot"] as const;

/** Stops of a colour scale: a position from 0 to 1, and its colour. */
export type ColourScale = readonly (readonly [number, string])[];

/** Diverging, dark blue through near-white to dark red; safe for the colour-blind. */
export const DIVERGING: ColourScale = [
  [0, "#2166ac"],
  [0.25, "#92c5de"],
  [0.5, "#f7f7f7"],
  [0.75, "#f4a582"],
  [1, "#b2182b"],
];

/** {@link DIVERGING} reversed, for gains: blue is better, since red alarms. */
export const BETTER_IS_BLUE: ColourScale = DIVERGING.map(([at, shade]): [number, string] => [1 - at, shade]).reverse();

/** Sequential, light to dark. */
export const SEQUENTIAL: ColourScale = RAMP.map((shade, i): [number, string] => [i / (RAMP.length - 1), shade]);

/** The colour of category `index` among `total`. */
export function colour(index: number, total: number): string {
  if (total <= PALETTE.length) return PALETTE[index % PALETTE.length]!;
  const place = (index / (total - 1)) * (RAMP.length - 1);
  return mix(RAMP[Math.floor(place)]!, RAMP[Math.ceil(place)]!, place - Math.floor(place));
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

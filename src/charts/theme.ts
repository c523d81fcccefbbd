/**
 * One look for every chart: colours that survive colour blindness (Okabe & Ito, 2008), a mid grey for text and
 * lines that reads on white and on dark notebooks alike (contrast above 4:1 on both), no background of its own.
 */
import type { JsonObject } from "../util/json.js";

/** Text, ticks, and whatever stands for "all rows". */
export const INK = "#767676";
/** Plotly's buttons, fainter than text; INK when active. */
export const BUTTON = "rgba(118,118,118,0.55)";
/** Grid and axis lines. */
export const GRID = "rgba(128,128,128,0.22)";
/** What went wrong. */
export const FAILED = "#D55E00";
export const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
export const FONT_SIZE = 12;
export const TITLE_SIZE = 14;
/** Width in pixels at which nothing may overlap: JupyterLab's output on a small laptop, its file browser open. */
export const LEAST_WIDTH = 660;
/** Pixels that Plotly's buttons take at the top right, as CONFIG leaves them. */
export const MODEBAR = 128;

/** Okabe–Ito without yellow and black, which vanish on white and on dark. */
const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A7B52"] as const;
/** Ends cut from cividis: a ramp for ordered or many domains. */
const RAMP = ["#31446b", "#666970", "#958f78", "#cbba69", "#fdea45"] as const;

/** How many categories still get a colour and a legend entry each. */
export const MAX_COLOURS: number = PALETTE.length;

/** Lines that differ by more than colour. */
export const DASHES = ["dot", "dash", "dashdot", "longdash", "longdashdot"] as const;

/** Diverging, dark blue through near-white to dark red; safe for the colour-blind. */
export const DIVERGING: JsonObject[string] = [
  [0, "#2166ac"],
  [0.25, "#92c5de"],
  [0.5, "#f7f7f7"],
  [0.75, "#f4a582"],
  [1, "#b2182b"],
];

/** Sequential, light to dark. */
export const SEQUENTIAL: JsonObject[string] = RAMP.map((colour, i) => [i / (RAMP.length - 1), colour]);

/** The colour of category `index` among `total`. */
export function colour(index: number, total: number): string {
  if (total <= PALETTE.length) return PALETTE[index % PALETTE.length] as string;
  const place = (index / (total - 1)) * (RAMP.length - 1);
  return mix(RAMP[Math.floor(place)] as string, RAMP[Math.ceil(place)] as string, place - Math.floor(place));
}

/** A colour that lets what is below shine through: a trace's own `opacity` leaves smudges on dark pages. */
export function faded(hex: string, alpha: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${channels.join(",")},${alpha})`;
}

/**
 * What every figure's `config` says: fit the page, no logo, and no MathJax (a name may hold `$`). Buttons show under
 * the pointer only, and few of them (save, zoom, pan, reset): the title makes room for no more.
 */
export const CONFIG: JsonObject = {
  responsive: true,
  displaylogo: false,
  typesetMath: false,
  displayModeBar: "hover",
  modeBarButtonsToRemove: ["zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
};

/** What every axis shares. */
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

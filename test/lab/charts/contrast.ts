/** Contrast of charts (WCAG 2) on light and on dark pages: marks at least 3:1, text at least 4.5:1. */
import { PAPERS } from "../../../src/lab/render/png.js";
import { type ColourScale, scaleColour } from "../../../src/lab/views/theme.js";
import type { Figure, PlotlyTrace } from "../../../src/lab/views/view.js";
import { contrast } from "./colour-vision.js";

type Fields = Readonly<Record<string, unknown>>;
interface Axes {
  readonly xaxis: string;
  readonly yaxis: string;
}

/** Marks and texts that are too faint on a page, or on what they are drawn on. */
export function contrastFaults({ data }: Figure): string[] {
  return Object.values(PAPERS).flatMap(({ paper, ink }) =>
    data.flatMap((trace) => [...markFaults(trace, data, paper), ...textFaults(trace, data, paper, ink)]),
  );
}

function markFaults(trace: PlotlyTrace, all: readonly PlotlyTrace[], paper: string): string[] {
  const behind = isOnCells(trace, all) ? "#f7f7f7" : paper;
  return markColours(trace)
    .filter((colour) => contrast(over(colour, behind), behind) < 3)
    .map((colour) => `a mark of ${colour} on ${behind}`);
}

/** Marks on a heat map are on the light middle of its scale, or outlined. */
export function isOnCells({ xaxis, yaxis }: PlotlyTrace, all: readonly PlotlyTrace[]): boolean {
  return all.some((other) => other["type"] === "heatmap" && other["xaxis"] === xaxis && other["yaxis"] === yaxis);
}

/** The colours that carry data: of dots, lines, bars, boxes and intervals. The fills of boxes and areas are outlined. */
function markColours(trace: PlotlyTrace): string[] {
  const { type, mode, marker, line } = trace as { type: string; mode?: string; marker?: Fields; line?: Fields };
  const marked = type === "bar" || type === "box" || mode?.includes("markers") === true;
  const lined = type === "box" || (mode?.includes("lines") === true && line?.["width"] !== 0);
  const outline = marker?.["line"] as Fields | undefined;
  const errors = ["error_x", "error_y"].map((key) => (trace[key] as Fields | undefined)?.["color"]);
  return [
    marked && marker?.["opacity"] !== 0 && !isOpenLine(marker) ? marker?.["color"] : null,
    isOpenLine(marker) ? (outline?.["color"] ?? marker?.["color"]) : null,
    lined && !isGrid(line) ? line?.["color"] : null,
    ...errors,
  ]
    .flat()
    .filter((colour): colour is string => typeof colour === "string");
}

function isOpenLine(marker: Fields | undefined): boolean {
  return typeof marker?.["symbol"] === "string" && marker["symbol"].startsWith("line");
}

/** Levels like chance and the diagonal are part of the grid. */
function isGrid(line: Fields | undefined): boolean {
  return line?.["color"] === "rgba(128,128,128,0.22)";
}

/** Text that is too faint on the page, or on the cell below it. */
function textFaults(trace: PlotlyTrace, all: readonly PlotlyTrace[], paper: string, ink: string): string[] {
  if (trace["type"] === "bar" && trace["textposition"] !== "outside" && trace["textposition"] !== "none") {
    if (trace["text"] !== undefined) return ["text inside of bars, whose colour Plotly chooses"];
  }
  if (trace["mode"] !== "text") return [];
  const colour = ((trace["textfont"] as Fields | undefined)?.["color"] as string | undefined) ?? ink;
  const { xaxis, yaxis } = trace as unknown as Axes;
  const heat = all.find((other) => other["type"] === "heatmap" && other["xaxis"] === xaxis && other["yaxis"] === yaxis);
  const [xs, ys] = [trace["x"] as number[], trace["y"] as number[]];
  const disc = all.find((other) => other["mode"] === "markers" && String(other["x"]) === String(xs) && isDisc(other));
  return xs.flatMap((x, at) => {
    const behind =
      heat === undefined
        ? (((disc?.["marker"] as Fields | undefined)?.["color"] as string) ?? paper)
        : cellColour(heat, x, ys[at]!, paper);
    return contrast(over(colour, behind), behind) < 4.5 ? [`text of ${colour} on ${behind}`] : [];
  });
}

/** A disc that is large enough for a letter. */
function isDisc({ marker }: PlotlyTrace): boolean {
  const { size, color } = marker as Fields;
  return typeof size === "number" && size >= 16 && typeof color === "string";
}

function cellColour(heat: PlotlyTrace, column: number, row: number, paper: string): string {
  const value = (heat["z"] as (number | null)[][])[row]?.[column] ?? null;
  if (value === null) return paper;
  const [low, high] = [heat["zmin"] as number, heat["zmax"] as number];
  return scaleColour(heat["colorscale"] as unknown as ColourScale, (value - low) / (high - low));
}

/** A colour with its opacity on a page, as hex. */
function over(colour: string, paper: string): string {
  if (colour.startsWith("#")) return colour;
  const [red, green, blue, alpha = 1] = /rgba?\(([^)]*)\)/.exec(colour)![1]!.split(",").map(Number);
  const mixed = [red!, green!, blue!].map((channel, c) => {
    const below = Number.parseInt(paper.slice(1 + 2 * c, 3 + 2 * c), 16);
    return Math.round(channel * alpha + below * (1 - alpha));
  });
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

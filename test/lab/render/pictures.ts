/** Pictures of sample charts: which of them show every kind of mark, and what is wrong with one. */
import { createCanvas, loadImage } from "@napi-rs/canvas";
import type { Json, JsonObject } from "../../../src/core/util/json.js";
import { figurePng } from "../../../src/lab/render/png.js";
import type { Figure, PlotlyTrace } from "../../../src/lab/views/view.js";
import { coloursIn } from "../charts/rules.js";
import { samples } from "../charts/samples.js";

/** Samples that have a mark of a kind that none before has: a tenth of all, with all that a renderer must draw. */
export function onePerKindOfMark(): string[] {
  const seen = new Set<string>();
  return Object.entries(samples).flatMap(([name, make]) => {
    const { data, layout } = make().figure;
    const kinds = data.map((trace) => kindOf(trace, layout)).filter((kind) => !seen.has(kind));
    for (const kind of kinds) seen.add(kind);
    return kinds.length === 0 ? [] : [name];
  });
}

/** What Plotly draws in different ways: the mark, its symbols, intervals, dashes and fill, and the types of its axes. */
function kindOf(trace: PlotlyTrace, layout: JsonObject): string {
  const part = (of: JsonObject, key: string): JsonObject => (of[key] ?? {}) as JsonObject;
  const { type, mode, fill, orientation, textposition, showscale, error_x, error_y } = trace;
  const { symbol, angle } = part(trace, "marker");
  const { dash, shape } = part(trace, "line");
  const axes = ["xaxis", "yaxis"].map((axis) => {
    return part(layout, axis + String(trace[axis] ?? "").slice(1))["type"];
  });
  const look = [Array.isArray(symbol) ? "symbols" : symbol, angle !== undefined, dash, shape, fill, textposition];
  const intervals = [error_x !== undefined, error_y !== undefined];
  return JSON.stringify([type, mode, orientation, showscale, ...look, ...intervals, ...axes]);
}

/** Faults of a picture: it has not the size that the figure asks for, or lacks a colour of the figure's marks. */
export async function pictureFaults(figure: Figure): Promise<string[]> {
  const png = await figurePng(figure, { scale: 1 });
  if (png === null) return ["no picture"];
  const { width, height, colours } = await seenIn(png);
  const wrongSize = width !== 900 || height !== figure.layout["height"];
  const shades = [...new Set(figure.data.filter(hasPoint).flatMap(coloursIn))];
  const missing = shades.filter((shade) => !colours.some((colour) => isNear(colour, shade)));
  return [
    ...(wrongSize ? [`${width} × ${height} pixels, not 900 × ${figure.layout["height"]}`] : []),
    ...missing.map((shade) => `no pixel of ${shade}`),
  ];
}

/** Marks of a domain without rows have none. */
function hasPoint({ x, y }: PlotlyTrace): boolean {
  const ys = (y ?? []) as readonly Json[];
  return ((x ?? []) as readonly Json[]).some((each, at) => each !== null && ys[at] !== null && at < ys.length);
}

type Pixel = readonly [red: number, green: number, blue: number];

async function seenIn(png: Uint8Array): Promise<{ width: number; height: number; colours: readonly Pixel[] }> {
  const image = await loadImage(Buffer.from(png));
  const { width, height } = image;
  const context = createCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { buffer } = context.getImageData(0, 0, width, height).data;
  const words = [...new Set(new Uint32Array(buffer))];
  return { width, height, colours: words.map((word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255]) };
}

/** Pixels of a thin line are mixed with the page's colour. */
function isNear(colour: Pixel, hex: string): boolean {
  return colour.every((channel, at) => Math.abs(channel - Number.parseInt(hex.slice(1 + 2 * at, 3 + 2 * at), 16)) < 32);
}

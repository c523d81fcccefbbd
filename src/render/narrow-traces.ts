/** Adapts traces and names to phones. */
import type { PlotlyTrace } from "../charts/index.js";
import type { Json, JsonObject } from "../util/json.js";

/** Pixels of a letter of 11 pixels. */
export const LETTER = 6.8;

/**
 * A trace whose axes are `width` pixels wide; `bars`: the position of an x axis's colour bar, as a share of the height.
 */
export function narrowTrace(trace: PlotlyTrace, bars: ReadonlyMap<string, number>, width: number): PlotlyTrace {
  const bar = bars.get(trace["xaxis"] as string);
  const changes: Record<string, Json> = {};
  if (trace["showscale"] === true && bar !== undefined) {
    const old = trace["colorbar"] as JsonObject;
    const across = { orientation: "h", x: 0, xanchor: "left", y: bar, yanchor: "top", len: 1, thickness: 10, ypad: 2 };
    changes["colorbar"] = { ...old, ...across, title: { ...(old["title"] as JsonObject), side: "top" } };
  }
  const cells = trace["text"];
  if (trace["type"] === "heatmap" && Array.isArray(cells)) {
    const row = (cells[0] ?? []) as string[];
    const longest = Math.max(0, ...(cells as string[][]).flat().map((text) => text.length));
    if (row.length * (longest + 1) * LETTER > width) changes["texttemplate"] = "";
  }
  if (trace["type"] === "bar" && trace["orientation"] !== "h") {
    changes["textangle"] = -90;
    if (trace["textposition"] === "outside") changes["textposition"] = "none";
  }
  return { ...trace, ...changes };
}

/** Counts escaped letters as one. */
export function letters(text: string): number {
  return [...text.replace(/&#?\w+;/g, "x")].length;
}

/** An escaped name, its middle cut if it is long. */
export function cut(text: string, limit: number): string {
  const parts = text.match(/&#?\w+;|./gsu) ?? [];
  if (parts.length <= limit) return text;
  const head = Math.ceil((limit - 1) / 2);
  return `${parts.slice(0, head).join("")}…${parts.slice(parts.length - (limit - 1 - head)).join("")}`;
}

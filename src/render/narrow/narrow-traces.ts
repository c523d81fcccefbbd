/** Adapts traces and names to phones. */

import type { Json, JsonObject } from "../../util/json.js";
import { type PlotlyTrace, plotText, shortenAll } from "../../views/index.js";

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
  const cells = trace["meta"] as { columns: number; letters: number } | undefined;
  if (cells !== undefined && cells.columns * (cells.letters + 1) * LETTER > width) changes["visible"] = false;
  if (trace["type"] === "bar" && trace["orientation"] !== "h") {
    changes["textangle"] = -90;
    if (trace["textposition"] === "outside") changes["textposition"] = "none";
  }
  return { ...trace, ...changes };
}

/** Between the two names of a pair. */
const PAIR = " ↔ ";
/** Letters of each name of a pair. */
const PAIR_LETTERS = 10;

/** Escaped names of an axis, shortened so that they differ; the number after two spaces is kept whole. */
export function cutNames(names: readonly string[], limit: number): string[] {
  if (names.length > 0 && names.every((name) => name.includes(PAIR))) return cutPairs(names);
  const parts = names.map((name) => /^(.*?)( {2}\S+)?$/su.exec(name)!.slice(1));
  const short = shortenAll(
    parts.map(([name]) => unescapePlotText(name!)),
    limit,
  );
  return short.map((name, at) => `${plotText(name)}${parts[at]![1] ?? ""}`);
}

/** Each name of a pair is shortened among all of them. */
function cutPairs(pairs: readonly string[]): string[] {
  const members = pairs.map((pair) => pair.split(PAIR));
  const all = [...new Set(members.flat())];
  const short = new Map(cutNames(all, PAIR_LETTERS).map((name, at) => [all[at]!, name]));
  return members.map((names) => names.map((name) => short.get(name)!).join(PAIR));
}

function unescapePlotText(text: string): string {
  return text
    .replace(/%&#123;/g, "%{")
    .replace(/&gt;/g, ">")
    .replace(/&lt;/g, "<")
    .replace(/&amp;/g, "&");
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

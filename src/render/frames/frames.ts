/**
 * Charts and tables that were computed for every position of some controls, as data that a page draws without a kernel.
 * They are packed with gzip, since neighbours are alike.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { isObject } from "../../util/json.js";
import type { Figure } from "../../views/index.js";
import { figureTitle } from "../bundle.js";
import { narrowChanges } from "../narrow/index.js";
import { compilesCode, untrustedFigure } from "../untrusted/index.js";

/** The MIME type of packed frames in a notebook: text. */
export const framesMime = "application/vnd.pepnet.frames+gzip";

/** Most bytes of frames: packed, and as JSON. A page with more would open slowly. */
export const mostFrameBytes = { packed: 6e6, json: 60e6 } as const;

/** A slider or a picker. */
export interface FramesControl {
  readonly label: string;
  /** Its positions, as texts. */
  readonly values: readonly string[];
  /** The first position. */
  readonly at: number;
  readonly kind: "slider" | "select";
  /** Its name in the code that sets it; `null`: none. */
  readonly setting: string | null;
}

/** A table of texts. */
export interface FramesTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One place of the page, whose content depends on some controls. */
export interface FramesPart {
  /** Numbers of the controls. */
  readonly by: readonly number[];
  /** By position of these controls, the last one fastest. */
  readonly items: readonly (Figure | FramesTable)[];
}

/** All of them. */
export interface Frames {
  readonly controls: readonly FramesControl[];
  readonly parts: readonly FramesPart[];
  /** The code that sets the controls, before and after their settings. */
  readonly code: readonly [before: string, after: string];
}

/** Frames as text; `null` if they are larger than {@link mostFrameBytes}. */
export function packFrames(frames: Frames): string | null {
  const parts = frames.parts.map(({ by, items }) => ({ by, items: items.map(withPhoneLayout) }));
  const json = Buffer.from(JSON.stringify({ ...frames, parts }));
  if (json.length > mostFrameBytes.json) return null;
  const packed = gzipSync(json, { level: 9 }).toString("base64");
  return packed.length > mostFrameBytes.packed ? null : packed;
}

/** A phone shows the title above the chart. */
function withPhoneLayout(item: Figure | FramesTable): object {
  return "rows" in item ? item : { ...item, title: figureTitle(item), narrow: narrowChanges(item) };
}

/** An element that `framesScript` draws. @param packed see {@link packFrames} */
export function framesElement(packed: string): string {
  return `<div class="frames"><noscript>The sliders need scripts.</noscript><script type="text/plain">${packed}</script></div>`;
}

/** Frames of a notebook of strangers, made harmless and packed again; `null` if they are not as they should be. */
export function untrustedFrames(packed: unknown): string | null {
  if (typeof packed !== "string" || packed.length > mostFrameBytes.packed) return null;
  try {
    const bytes = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: mostFrameBytes.json });
    const frames = harmlessFrames(JSON.parse(bytes.toString("utf8")));
    return frames === null ? null : packFrames(frames);
  } catch {
    return null;
  }
}

function harmlessFrames(value: unknown): Frames | null {
  if (!isObject(value)) return null;
  const { controls, parts, code } = value as unknown as Frames;
  if (!Array.isArray(controls) || !Array.isArray(parts) || !Array.isArray(code)) return null;
  const sliders = controls.map(({ label, values, at, kind, setting }) => ({
    label: String(label),
    values: values.map(String),
    at: Number(at),
    kind: kind === "slider" ? ("slider" as const) : ("select" as const),
    setting: setting === null ? null : String(setting),
  }));
  const places = parts.map(({ by, items }) => ({ by: by.map(Number), items: items.map(harmlessItem) }));
  return { controls: sliders, parts: places, code: [String(code[0]), String(code[1])] };
}

/** Throws if it is neither a figure nor a table. */
function harmlessItem(item: Figure | FramesTable): Figure | FramesTable {
  if ("rows" in item) {
    const { caption, columns, rows } = item;
    return { caption: String(caption), columns: columns.map(String), rows: rows.map((row) => row.map(String)) };
  }
  const figure = untrustedFigure(item);
  if (figure === null || compilesCode(figure)) throw new Error("not a figure to draw");
  return figure as Figure;
}

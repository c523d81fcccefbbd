/** Charts and tables for every position of some controls, packed with gzip, which a page draws without a kernel. */
import { gunzipSync, gzipSync } from "node:zlib";
import { isObject, type Json, type JsonObject } from "../../core/util/json.js";
import * as is from "../../core/util/shape.js";
import type { Figure } from "../views/view.js";
import { isInlinePicture } from "./addresses.js";
import { figureTitle } from "./bundle.js";
import { narrowFigure } from "./narrow.js";
import { isOnAxes } from "./plotly-file.js";

/** A sanitised Plotly figure: data to draw, without anything that Plotly would load or send. */
export interface UntrustedFigure {
  readonly data: readonly Json[];
  readonly layout: JsonObject;
  readonly config: JsonObject;
}

export function compilesCode({ data }: UntrustedFigure): boolean {
  return data.some((trace) => compiled.test(typeOf(trace)));
}

/** The settings that are kept, which affect only the page; others name servers and send the figure there. */
const settings = [
  "responsive",
  "displayModeBar",
  "modeBarButtonsToRemove",
  "scrollZoom",
  "staticPlot",
  "doubleClick",
] as const;

/** Map traces, for which Plotly would load files. */
const onMaps = /^(?:(?:scatter|choropleth|density)map(?:box)?|scattergeo|choropleth)$/;
/** Traces for which Plotly generates and compiles code. */
const compiled = /^(?:scattergl|scatterpolargl|splom|parcoords)$/;
const mapLayout = /^(?:geo|map|mapbox)\d*$/;

/** Returns the figure, or `null` if it is not one or is on a map: a picture is then better. */
export function untrustedFigure(value: unknown): UntrustedFigure | null {
  if (!isObject(value)) return null;
  const { data = [], layout = {}, config = {} } = value as Partial<UntrustedFigure>;
  if (!Array.isArray(data) || !data.every(isObject) || !isObject(layout)) return null;
  if (data.some((trace) => onMaps.test(typeOf(trace)))) return null;
  const options = isObject(config) ? config : {};
  return {
    data: harmless(data as Json) as Json[],
    layout: harmless(Object.fromEntries(Object.entries(layout).filter(([key]) => !mapLayout.test(key)))) as JsonObject,
    config: {
      ...Object.fromEntries(settings.filter((key) => key in options).map((key) => [key, options[key] as Json])),
      displaylogo: false,
      typesetMath: false,
    },
  };
}

/** A value without external pictures, and text without styles that load. */
function harmless(value: Json): Json {
  if (typeof value === "string") return value.includes("<") ? withoutStyles(value) : value;
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, item]) => key !== "source" || typeof item !== "string" || isInlinePicture(item),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, harmless(item)]));
}

/** Plotly reads a few tags in text, with their style. */
function withoutStyles(text: string): string {
  return text.replace(/<[^<>]*>/g, (tag) => {
    const loads = /style/i.test(tag) && /url|image|[\\&@]/i.test(tag);
    return loads ? `<${/^\w*/.exec(tag.slice(1))?.[0] ?? ""}>` : tag;
  });
}

function typeOf(trace: Json): string {
  return isObject(trace) ? String(trace["type"]) : "";
}

/** The MIME type of packed frames in a notebook: text. */
export const framesMime = "application/vnd.pepnet.frames+gzip";

/** The most bytes of frames, packed and as JSON. A page with more would open slowly. */
export const mostFrameBytes = { packed: 6e6, json: 60e6 } as const;

export interface FramesControl {
  readonly label: string;
  readonly values: readonly string[];
  readonly at: number;
  readonly kind: "slider" | "select";
  readonly setting: string | null;
}

export interface FramesTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Frames {
  readonly controls: readonly FramesControl[];
  readonly parts: readonly {
    readonly by: readonly number[];
    /** By position of these controls, the last one fastest. */
    readonly items: readonly (Figure | FramesTable)[];
  }[];
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

function withPhoneLayout(item: Figure | FramesTable): object {
  return "rows" in item ? item : { ...item, title: figureTitle(item), narrow: narrowChanges(item) };
}

/** An element that the script `frames.js` draws. @param packed see {@link packFrames} */
export function framesElement(packed: string): string {
  return `<div class="frames"><noscript>The sliders need scripts.</noscript><script type="text/plain">${packed}</script></div>`;
}

/** What the frames of any notebook hold; `null` if that is not packed JSON. */
export function unpackedFrames(packed: unknown): unknown {
  if (typeof packed !== "string" || packed.length > mostFrameBytes.packed) return null;
  try {
    const bytes = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: mostFrameBytes.json });
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}

/** Untrusted frames of a notebook, made harmless and packed again; `null` if they are malformed. */
export function untrustedFrames(packed: unknown): string | null {
  const frames = unpackedFrames(packed);
  if (!is.fits(frames, framesShape)) return null;
  try {
    const parts = frames.parts.map(({ by, items }) => ({ by, items: items.map(harmlessItem) }));
    return packFrames({ ...frames, parts });
  } catch {
    return null;
  }
}

const text = is.text;
const texts = is.listOf(text);
const tableShape = is.exact<FramesTable>({ caption: text, columns: texts, rows: is.listOf(texts) });
const controlShape = is.exact<FramesControl>({
  label: text,
  values: texts,
  at: is.number,
  setting: is.nullable(text),
  kind: is.oneOf(["slider", "select"]),
});
const framesShape = is.exact({
  controls: is.listOf(controlShape),
  parts: is.listOf(is.exact({ by: is.listOf(is.number), items: is.listOf(is.jsonObject) })),
  code: is.plain<Frames["code"]>("two texts", (code) => is.fits(code, texts) && code.length === 2),
});

/** Throws if it is neither a figure nor a table. */
function harmlessItem(item: JsonObject): Figure | FramesTable {
  if (is.fits(item, tableShape)) return item;
  const figure = untrustedFigure(item);
  if (figure === null || !isOnAxes(figure)) throw new Error("not a figure to draw");
  return figure as Figure;
}

/** The changes for a phone: some fields of traces, layout and config; `null` if the figure cannot be rearranged. */
export function narrowChanges(figure: Figure | UntrustedFigure): JsonObject | null {
  if (!isComposed(figure)) return null;
  const narrow = narrowFigure(figure as Figure);
  const changes = narrow.data.map((trace, t) => {
    const wide = figure.data[t] as JsonObject;
    return Object.fromEntries(Object.entries(trace).filter(([key, value]) => value !== wide[key])) as Json;
  });
  return { data: changes, layout: narrow.layout, config: narrow.config };
}

/**
 * Whether a figure has the parts of this package's figures: panels with domains, a height and margins. Diagrams have
 * none.
 */
function isComposed({ layout }: Pick<Figure, "layout">): boolean {
  const { height, margin } = layout;
  if (typeof height !== "number" || !isObject(margin)) return false;
  if (typeof margin["t"] !== "number" || typeof margin["b"] !== "number") return false;
  const suffixes = Object.keys(layout).flatMap((key) => /^xaxis(\d*)$/.exec(key)?.[1] ?? []);
  return suffixes.length > 0 && suffixes.every((suffix) => [`xaxis${suffix}`, `yaxis${suffix}`].every(hasDomain));

  function hasDomain(key: string): boolean {
    const axis = layout[key];
    if (!isObject(axis) || axis["visible"] === false) return false;
    return Array.isArray(axis["domain"]) && axis["domain"].every((end) => typeof end === "number");
  }
}

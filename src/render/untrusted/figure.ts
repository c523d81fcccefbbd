/** Sanitises an untrusted Plotly figure: keeps data to draw, and removes everything that Plotly would load or send. */
import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { isInlinePicture } from "./addresses.js";

/** A sanitised figure. */
export interface UntrustedFigure {
  readonly data: readonly Json[];
  readonly layout: JsonObject;
  readonly config: JsonObject;
}

/** Whether Plotly compiles code to draw it, which the page's policy must allow (`PageNeeds.compiles`). */
export function compilesCode({ data }: UntrustedFigure): boolean {
  return data.some((trace) => compiled.test(typeOf(trace)));
}

/** Settings that concern this page only: others name servers and send the figure there. */
const settings = [
  "responsive",
  "displayModeBar",
  "modeBarButtonsToRemove",
  "scrollZoom",
  "staticPlot",
  "doubleClick",
] as const;

/** Traces on maps, which Plotly would load. */
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

/** Without pictures from elsewhere; text without styles that load. */
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

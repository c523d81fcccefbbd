/**
 * Bundles of figures and tables for notebooks, which show the richest type. Figures have no HTML, because some clients
 * would prefer it to the picture.
 */
import { plotlyMime, timesMime } from "../../core/port/notebook.js";
import { type Table, type TableOptions, tableHtml, tableText } from "../views/format.js";
import { type Chart, type Figure, placesOf } from "../views/view.js";
import { figurePng } from "./png.js";

/** MIME type → content: JSON for Plotly, base64 for PNG, text otherwise. */
export type MimeBundle = Record<string, unknown>;

export interface FigureBundleOptions {
  /** Draw the fallback picture, which takes 40 to 400 ms; turn it off for live updates. Default: true. */
  readonly png?: boolean;
  /** The text of `text/plain`. Default: the figure's title. */
  readonly text?: string;
}

/** Plotly JSON, `image/png` and `text/plain`; without the picture, and with a warning, if none can be drawn. */
export async function figureBundle(figure: Figure, options: FigureBundleOptions = {}): Promise<MimeBundle> {
  const bundle: MimeBundle = { [plotlyMime]: { data: figure.data, layout: figure.layout, config: figure.config } };
  const png = options.png === false ? null : await figurePng(figure);
  if (png !== null) bundle["image/png"] = Buffer.from(png).toString("base64");
  bundle["text/plain"] = options.text ?? figureTitle(figure);
  return bundle;
}

/** A chart as a bundle: its figure, and its title and table as the text. */
export async function chartBundle(chart: Chart, options: FigureBundleOptions = {}): Promise<MimeBundle> {
  const { title, subtitle } = chart;
  const text = `${[title, ...(subtitle === undefined ? [] : [subtitle])].join("\n")}\n\n${tableText(chart.table, { maxRows: 40 })}`;
  const bundle = await figureBundle(chart.figure, { text, ...options });
  const { columns = [], cells = [] } = chart.table.times ?? {};
  return { ...bundle, ...timesBundle(placesOf({ title: chart.times?.title ?? [], columns, cells })) };
}

export function tableBundle(table: Table, options: TableOptions = {}): MimeBundle {
  return { "text/html": tableHtml(table, options), "text/plain": tableText(table, options), ...timesBundle(table) };
}

function timesBundle({ times }: Pick<Table, "times">): MimeBundle {
  return times === undefined ? {} : { [timesMime]: times };
}

export function figureTitle(figure: Pick<Figure, "layout">): string {
  const title = figure.layout["title"];
  const text = typeof title === "object" && title !== null && "text" in title ? title["text"] : title;
  return typeof text === "string" ? plain(text) : "Plotly figure";
}

/** The text below a figure's title; empty if there is none. */
export function figureSubtitle({ layout }: Pick<Figure, "layout">): string {
  const { subtitle } = (layout["title"] ?? {}) as { readonly subtitle?: { readonly text?: unknown } };
  return typeof subtitle?.text === "string" ? plain(subtitle.text).replace(/\s+/g, " ").trim() : "";
}

function plain(text: string): string {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

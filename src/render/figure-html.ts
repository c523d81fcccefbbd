/** Stand-alone pages: figures and tables that open from disk, plotly.js inlined once. */
import { readFile } from "node:fs/promises";
import { escapeHtml, scriptJson } from "../util/text/escape.js";
import type { Figure } from "../views/index.js";
import { figureTitle } from "./bundle.js";
import { contentPolicy } from "./untrusted/index.js";

/** One figure as an HTML page (5 MB, since plotly.js is inside). */
export async function figureHtml(figure: Figure): Promise<string> {
  const scripts = [await plotlyCode(), drawingCode(figure, "figure")];
  return pageHtml(figureTitle(figure), figurePlace(figure, "figure"), scripts);
}

/** plotly.js as a script element, for pages that hold several figures. */
export async function plotlyScript(): Promise<string> {
  return `<script>${await plotlyCode()}</script>`;
}

/** plotly.js, escaped for a script element. */
export async function plotlyCode(): Promise<string> {
  const code = await readFile(require.resolve("plotly.js-dist-min"), "utf8");
  return code.replace(/<\/script/gi, "<\\/script");
}

/** A figure in a page that holds {@link plotlyScript}; `id` unique on the page. */
export function figureElement(figure: Figure, id: string): string {
  return `${figurePlace(figure, id)}\n<script>${drawingCode(figure, id)}</script>`;
}

function figurePlace({ layout }: Figure, id: string): string {
  const height = typeof layout["height"] === "number" ? layout["height"] : 400;
  return `<div id="${escapeHtml(id)}" style="width:100%;height:${height}px"></div>`;
}

function drawingCode({ data, layout, config }: Figure, id: string): string {
  const json = scriptJson({ data, layout, config });
  return `{const f=${json};Plotly.newPlot(${scriptJson(id)},f.data,f.layout,f.config)}`;
}

function pageHtml(title: string, body: string, scripts: readonly string[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    contentPolicy({ scripts }),
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    "<style>:root{color-scheme:light dark}body{margin:16px;font-family:system-ui,sans-serif}</style></head><body>",
    body,
    ...scripts.map((code) => `<script>${code}</script>`),
    "</body></html>",
  ].join("\n");
}

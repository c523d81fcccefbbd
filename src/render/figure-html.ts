/** Stand-alone pages: figures and tables that open from disk, plotly.js inlined once. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { escapeHtml, scriptJson } from "../util/escape.js";
import { assetText } from "../util/files/package-root.js";
import type { Figure } from "../views/view.js";
import { figureTitle } from "./bundle.js";

interface PageNeeds {
  /** The code of each script, exactly as between the tags. */
  readonly scripts: readonly string[];
  readonly compiles?: boolean;
}

/** The policy as an element; it holds for what follows it in the head. */
export function contentPolicy({ scripts, compiles }: PageNeeds): string {
  const hashes = scripts.map((code) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`);
  const allowed = [...new Set(hashes), ...(compiles ? ["'unsafe-eval'"] : [])];
  const policy = [
    "default-src 'none'",
    `script-src ${allowed.length > 0 ? allowed.join(" ") : "'none'"}`,
    "style-src 'unsafe-inline'",
    // blob: is how Plotly's button saves a picture.
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">`;
}

/** One figure as an HTML page (5 MB, since plotly.js is inside). */
export async function figureHtml(figure: Figure): Promise<string> {
  const { data, layout, config } = figure;
  const height = typeof layout["height"] === "number" ? layout["height"] : 400;
  const json = scriptJson({ data, layout, config });
  const drawing = `{const f=${json};Plotly.newPlot("figure",f.data,f.layout,f.config)}`;
  const scripts = [await plotlyCode(), drawing];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    contentPolicy({ scripts }),
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(figureTitle(figure))}</title>`,
    "<style>:root{color-scheme:light dark}body{margin:16px;font-family:system-ui,sans-serif}</style></head><body>",
    `<div id="figure" style="width:100%;height:${height}px"></div>`,
    ...scripts.map((code) => `<script>${code}</script>`),
    "</body></html>",
  ].join("\n");
}

export async function plotlyCode(): Promise<string> {
  const code = await readFile(require.resolve("plotly.js-dist-min"), "utf8");
  return code.replace(/<\/script/gi, "<\\/script");
}

/** JavaScript with a global `Plotly`: `drawPlot(drawing, figure, isNarrow, ink)`, in the phone's layout if any. */
export const drawPlot: string = assetText("render/assets/draw-plot.js");

/** The script of pages with frames: draws controls, and the charts and tables of their positions. */
export const framesScript: string = `(() => {
${drawPlot}${assetText("render/assets/frames.js")}})();
`;

export const framesStyle: string = assetText("render/assets/frames.css");

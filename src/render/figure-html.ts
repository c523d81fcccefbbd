/** Stand-alone pages: figures and tables that open from disk, plotly.js inlined once. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { escapeHtml, scriptJson } from "../util/escape.js";
import { assetText } from "../util/files/package-root.js";
import type { Figure } from "../views/view.js";
import { figureTitle } from "./bundle.js";
import { plotlyFile, type Traces } from "./plotly-file.js";

interface PageNeeds {
  /** The code of each script, exactly as between the tags. */
  readonly scripts: readonly string[];
  /** What the scripts draw. Without figures, the page has no plotly.js. */
  readonly figures: readonly Traces[];
  readonly compiles?: boolean;
}

export function pageScripts({ scripts, figures, compiles }: PageNeeds): {
  /** An element for the head; it holds for what follows it. */
  readonly policy: string;
  /** The elements for the end of the body. */
  readonly elements: string;
} {
  const plotly = figures.length === 0 ? null : readFileSync(plotlyFile(figures));
  const inline = plotly === null ? scripts : [assetText("render/assets/plotly.js"), ...scripts];
  const hashes = [...inline, plotly ?? []].flat().map((code) => createHash("sha256").update(code).digest("base64"));
  const allowed = [...new Set(hashes)].map((hash) => `'sha256-${hash}'`).concat(compiles ? ["'unsafe-eval'"] : []);
  const policy = [
    "default-src 'none'",
    `script-src ${allowed.length > 0 ? allowed.join(" ") : "'none'"}`,
    "style-src 'unsafe-inline'",
    // blob: is how Plotly's button saves a picture.
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const gzip = plotly === null ? "" : gzipSync(plotly, { level: 9 }).toString("base64");
  const packed = plotly === null ? [] : [`<script type="text/plain" id="plotly">${gzip}</script>`];
  return {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">`,
    elements: [...packed, ...inline.map((code) => `<script>${code}</script>`)].join("\n"),
  };
}

/** One figure as an HTML page (0.7 MB, since plotly.js is inside). */
export function figureHtml(figure: Figure): string {
  const { data, layout, config } = figure;
  const height = typeof layout["height"] === "number" ? layout["height"] : 400;
  const json = scriptJson({ data, layout, config });
  const drawing = `plotlyLoaded.then(()=>{const f=${json};Plotly.newPlot("figure",f.data,f.layout,f.config)})`;
  const { policy, elements } = pageScripts({ scripts: [drawing], figures: [figure] });
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    policy,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(figureTitle(figure))}</title>`,
    "<style>:root{color-scheme:light dark}body{margin:16px;font-family:system-ui,sans-serif}</style></head><body>",
    `<div id="figure" style="width:100%;height:${height}px"></div>`,
    elements,
    "</body></html>",
  ].join("\n");
}

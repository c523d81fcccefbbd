/** Stand-alone pages: figures and tables that open from disk, plotly.js inlined once. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { escapeHtml, scriptJson } from "../../core/util/escape.js";
import { assetText } from "../../core/util/files/package-root.js";
import type { Figure } from "../views/view.js";
import { figureTitle } from "./bundle.js";
import { plotlyFile, type Traces } from "./plotly-file.js";

interface PageParts {
  readonly title: string;
  /** Elements at the start of the head: a page's first kilobyte. */
  readonly mark?: string;
  readonly style: string;
  readonly body: readonly string[];
  /** The code of each script, exactly as it appears between the tags. */
  readonly scripts: readonly string[];
  /** What the scripts draw. Without figures, the page has no plotly.js. */
  readonly figures: readonly Traces[];
  readonly compiles?: boolean;
}

/** A page that loads nothing and runs only these scripts. */
export function htmlPage({ title, mark = "", style, body, scripts, figures, compiles }: PageParts): string {
  const plotly = figures.length === 0 ? null : readFileSync(plotlyFile(figures));
  const inline = plotly === null ? scripts : [assetText("lab/render/assets/plotly.js"), ...scripts];
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
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">${mark}`,
    `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>`,
    ...body,
    ...packed,
    ...inline.map((code) => `<script>${code}</script>`),
    "</body></html>\n",
  ].join("\n");
}

/** One figure as an HTML page (0.7 MB, since plotly.js is inside). */
export function figureHtml(figure: Figure): string {
  const { data, layout, config } = figure;
  const height = typeof layout["height"] === "number" ? layout["height"] : 400;
  const json = scriptJson({ data, layout, config });
  const drawing = `plotlyLoaded.then(()=>{const f=${json};Plotly.newPlot("figure",f.data,f.layout,f.config)})`;
  return htmlPage({
    title: figureTitle(figure),
    style: ":root{color-scheme:light dark}body{margin:16px;font-family:system-ui,sans-serif}",
    body: [`<div id="figure" style="width:100%;height:${height}px"></div>`],
    scripts: [drawing],
    figures: [figure],
  });
}

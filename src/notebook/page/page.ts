/**
 * A stand-alone HTML page of an executed notebook: opens from disk, asks no network, reads well on a phone, light and
 * dark. Plotly figures are alive; plotly.js is inside once, whatever the number of figures, and not at all without.
 */
import { readFile } from "node:fs/promises";
import { escapeHtml } from "../../util/escape.js";
import { joinLines, type Notebook, type NotebookCell } from "../format.js";
import { highlight } from "./highlight.js";
import { outputHtml } from "./outputs.js";
import { pageStyle } from "./style.js";

type Markdown = (text: string) => string;

/** Choices for {@link notebookHtml}. */
export interface PageOptions {
  /** Where the page finds plotly.js: inside itself (the default), or in a file beside it by this relative address. */
  readonly plotly?: string;
}

/** The page. Text is escaped; markdown and HTML outputs stand as their author wrote them. */
export async function notebookHtml(
  notebook: Pick<Notebook, "cells" | "metadata">,
  { plotly }: PageOptions = {},
): Promise<string> {
  const markdown = await loadMarkdown();
  const cells = notebook.cells.map((cell) => cellHtml(cell, markdown));
  const needsPlotly = cells.some((cell) => cell.includes('class="plotly"'));
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(notebookTitle(notebook))}</title>`,
    `<style>${pageStyle}</style></head><body><main>`,
    ...cells,
    "</main>",
    ...(needsPlotly ? [await plotlyScript(plotly), `<script>${drawFigures}</script>`] : []),
    "</body></html>\n",
  ].join("\n");
}

function cellHtml(cell: NotebookCell, markdown: Markdown): string {
  const source = joinLines(cell.source);
  if (cell.cell_type === "markdown") return `<section class="markdown">${markdown(source)}</section>`;
  if (cell.cell_type === "raw") return `<section><pre>${escapeHtml(source)}</pre></section>`;
  const outputs = (cell.outputs ?? []).map((output) => outputHtml(output, markdown)).join("\n");
  const count = cell.execution_count ? `<span class="count">[${cell.execution_count}]</span>` : "";
  const code = source.trim() === "" ? "" : `<pre class="code">${highlight(source)}</pre>`;
  return `<section class="cell">${count}${code}${outputs}</section>`;
}

/** The first heading, else the file format's name. */
export function notebookTitle(notebook: Pick<Notebook, "cells">): string {
  const text = notebook.cells.filter((cell) => cell.cell_type === "markdown").map((cell) => joinLines(cell.source));
  const heading = /^#\s+(.+)$/m.exec(text.join("\n"))?.[1];
  return heading?.replace(/[*_`]/g, "") ?? "Notebook";
}

async function loadMarkdown(): Promise<Markdown> {
  const { default: MarkdownIt } = await import("markdown-it");
  const markdown = new MarkdownIt({ html: true, linkify: true });
  return (text) => markdown.render(text);
}

async function plotlyScript(address: string | undefined): Promise<string> {
  if (address !== undefined) return `<script src="${escapeHtml(address)}"></script>`;
  const code = await readFile(require.resolve("plotly.js-dist-min"), "utf8");
  return `<script>${code.replace(/<\/script/gi, "<\\/script")}</script>`;
}

/** Runs in the page: draws each figure from the JSON beside it; the picture, where there is one, stays on failure. */
const drawFigures = `
for (const place of document.querySelectorAll(".plotly")) {
  const { data, layout, config } = JSON.parse(place.querySelector("script").textContent);
  const drawing = document.createElement("div");
  place.append(drawing);
  const isClear = /^(transparent|rgba\\([^)]*,\\s*0\\))$/.test(layout?.paper_bgcolor ?? "");
  const ink = { font: { ...layout?.font, color: getComputedStyle(document.body).color } };
  Plotly.newPlot(drawing, data, { ...layout, ...(isClear ? ink : {}) }, { responsive: true, ...config })
    .then(() => {
      place.querySelector("img")?.remove();
      if (isClear) recoloured(drawing);
    })
    .catch(() => drawing.remove());
}
function recoloured(drawing) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    Plotly.relayout(drawing, { "font.color": getComputedStyle(document.body).color }));
}`;

/**
 * A stand-alone HTML page of an executed notebook: opens from disk, needs no network, and works on phones and in light
 * and dark mode. Plotly figures are interactive; plotly.js is included once if there are figures. The notebook is
 * untrusted: its content is shown, but none of it runs or is loaded.
 */

import {
  compilesCode,
  contentPolicy,
  createSanitiser,
  framesScript,
  framesStyle,
  plotlyCode,
  type UntrustedFigure,
} from "../../render/index.js";
import { escapeHtml } from "../../util/text/escape.js";
import { checkNotebook } from "../check.js";
import { joinLines, type Notebook, type NotebookCell } from "../format.js";
import { savedWidgets } from "../widgets.js";
import { attachedPictures } from "./attachments.js";
import { highlight } from "./highlight.js";
import { type OutputHtml, type OutputTools, outputHtml } from "./outputs.js";
import { pageMark } from "./page-file.js";
import { drawFigures } from "./script.js";
import { pageStyle } from "./style.js";

/** Choices for {@link notebookHtml}. */
export interface PageOptions {
  /** Where the page finds plotly.js: inline (the default), or in a file at this relative address. */
  readonly plotly?: string;
}

/**
 * Returns the page. Text is escaped; markdown, HTML and SVG are sanitised: formatting, tables, links and embedded
 * pictures are kept; scripts, style sheets, forms and external pictures are removed. Throws a NotebookError if the
 * notebook violates the format.
 */
export async function notebookHtml(
  notebook: Pick<Notebook, "cells" | "metadata">,
  { plotly }: PageOptions = {},
): Promise<string> {
  const { cells, metadata } = checkNotebook(notebook, "notebook");
  const tools = await createTools(savedWidgets({ metadata }));
  const sections = cells.map((cell) => cellHtml(cell, tools));
  const hasFrames = tools.frames.length > 0;
  const hasFigures = tools.figures.length > 0 || hasFrames;
  const drawing = hasFrames ? [drawFigures, framesScript] : [drawFigures];
  const scripts = hasFigures ? [...(plotly === undefined ? [await plotlyCode()] : []), ...drawing] : [];
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">${pageMark}`,
    contentPolicy({
      scripts,
      compiles: tools.figures.some(compilesCode),
      scriptsBeside: hasFigures && plotly !== undefined,
    }),
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(notebookTitle({ cells }))}</title>`,
    `<style>${pageStyle}${hasFrames ? framesStyle : ""}</style></head><body><main>`,
    ...sections,
    "</main>",
    ...(plotly !== undefined && hasFigures ? [`<script src="${escapeHtml(plotly)}"></script>`] : []),
    ...scripts.map((code) => `<script>${code}</script>`),
    "</body></html>\n",
  ].join("\n");
}

interface PageTools extends OutputTools {
  /** State of the page so far. */
  readonly figures: UntrustedFigure[];
  /** The outputs with charts for the positions of sliders. */
  readonly frames: OutputHtml[];
}

async function createTools(widgets: PageTools["widgets"]): Promise<PageTools> {
  const { default: MarkdownIt } = await import("markdown-it");
  const markdown = new MarkdownIt({ html: true, linkify: true });
  const sanitise = await createSanitiser();
  return {
    figures: [],
    frames: [],
    widgets,
    html: (text) => sanitise(text),
    markdown: (text, pictures) => sanitise(markdown.render(text), pictures),
  };
}

function cellHtml(cell: NotebookCell, tools: PageTools): string {
  const source = joinLines(cell.source);
  if (cell.cell_type === "markdown") {
    return `<section class="markdown">${tools.markdown(source, attachedPictures(cell))}</section>`;
  }
  if (cell.cell_type === "raw") return `<section><pre>${escapeHtml(source)}</pre></section>`;
  const outputs = (cell.outputs ?? []).map((output) => {
    const content = outputHtml(output, tools);
    if (content.figure) tools.figures.push(content.figure);
    if (content.hasFrames) tools.frames.push(content);
    return content.html;
  });
  const count = cell.execution_count ? `<span class="count">[${escapeHtml(String(cell.execution_count))}]</span>` : "";
  const code = source.trim() === "" ? "" : `<pre class="code">${highlight(source)}</pre>`;
  return `<section class="cell">${count}${code}${outputs.join("\n")}</section>`;
}

/** The first heading, else the file format's name. */
export function notebookTitle(notebook: Pick<Notebook, "cells">): string {
  const text = notebook.cells.filter((cell) => cell.cell_type === "markdown").map((cell) => joinLines(cell.source));
  const heading = /^#\s+(.+)$/m.exec(text.join("\n"))?.[1];
  return heading?.replace(/[*_`]/g, "") ?? "Notebook";
}

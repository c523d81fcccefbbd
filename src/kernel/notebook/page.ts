/**
 * Writes an executed notebook as a stand-alone HTML page. The notebook is untrusted, so nothing of it runs or is
 * loaded.
 */

import { stripVTControlCharacters } from "node:util";
import { plotlyMime } from "../../core/port/notebook.js";
import { attempt } from "../../core/util/attempt.js";
import { escapeHtml, scriptJson } from "../../core/util/escape.js";
import { assetText } from "../../core/util/files/package-root.js";
import { isObject } from "../../core/util/json.js";
import { isInlinePicture } from "../../lab/render/addresses.js";
import { figureSubtitle, figureTitle } from "../../lab/render/bundle.js";
import { htmlPage } from "../../lab/render/figure-html.js";
import {
  compilesCode,
  framesElement,
  framesMime,
  narrowChanges,
  type UntrustedFigure,
  untrustedFigure,
  untrustedFrames,
} from "../../lab/render/frames.js";
import { notebookFile } from "../../lab/render/page-file.js";
import { createSanitiser, type Pictures } from "../../lab/render/sanitise.js";
import { checkNotebook } from "./files.js";
import { joinLines, type Multiline, type Notebook, type NotebookCell, type Output } from "./format.js";
import { highlight, pageStyle } from "./highlight.js";
import { savedWidgets, widgetViewType } from "./widgets.js";

export { assertPagePlace, notebookFile, writePageFile } from "../../lab/render/page-file.js";

/** Throws a NotebookError for another format. Scripts, style sheets and external pictures are removed. */
export async function notebookHtml(notebook: Pick<Notebook, "cells" | "metadata">): Promise<string> {
  const { cells, metadata } = checkNotebook(notebook, "notebook");
  const widgets = savedWidgets({ metadata });
  const { default: MarkdownIt } = await import("markdown-it");
  const markdown = new MarkdownIt({ html: true, linkify: true });
  const sanitise = await createSanitiser();
  const tools: PageTools = {
    figures: [],
    hasFrames: false,
    widgets,
    html: (text) => sanitise(text),
    markdown: (text, pictures) => sanitise(markdown.render(text), pictures),
  };
  const sections = cells.map((cell) => cellHtml(cell, tools));
  const { hasFrames } = tools;
  return htmlPage({
    title: notebookTitle({ cells }),
    mark: notebookFile.mark,
    style: `${pageStyle}${hasFrames ? assetText("lab/render/assets/frames.css") : ""}`,
    body: ["<main>", ...sections, "</main>"],
    scripts: [
      ...(tools.figures.length > 0 ? [assetText("lab/render/assets/figures.js")] : []),
      ...(hasFrames ? [assetText("lab/render/assets/frames.js")] : []),
    ],
    figures: hasFrames ? [{ data: [] }, ...tools.figures] : tools.figures, // frames are on axes
    compiles: tools.figures.some(compilesCode),
  });
}

interface PageTools {
  html(text: string): string;
  markdown(text: string, pictures?: Pictures): string;
  readonly widgets: Readonly<Record<string, unknown>>;
  readonly figures: UntrustedFigure[];
  hasFrames: boolean;
}

function cellHtml(cell: NotebookCell, tools: PageTools): string {
  const source = joinLines(cell.source);
  if (cell.cell_type === "markdown") {
    return `<section class="markdown">${tools.markdown(source, attachedPictures(cell))}</section>`;
  }
  if (cell.cell_type === "raw") return `<section><pre>${escapeHtml(source)}</pre></section>`;
  const outputs = (cell.outputs ?? []).map((output) => outputHtml(output, tools));
  const count = cell.execution_count ? `<span class="count">[${escapeHtml(String(cell.execution_count))}]</span>` : "";
  const code = source.trim() === "" ? "" : `<pre class="code">${highlight(source)}</pre>`;
  return `<section class="cell">${count}${code}${outputs.join("\n")}</section>`;
}

function notebookTitle(notebook: Pick<Notebook, "cells">): string {
  const text = notebook.cells.filter((cell) => cell.cell_type === "markdown").map((cell) => joinLines(cell.source));
  return /^#\s+(.+)$/m.exec(text.join("\n"))?.[1]?.replace(/[*_`]/g, "") ?? "Notebook";
}

const scheme = "attachment:";

/** The data URL of an attachment by its address; `null` if the cell has no such picture. */
function attachedPictures({ attachments = {} }: Pick<NotebookCell, "attachments">): Pictures {
  return (address) => {
    if (!address.startsWith(scheme)) return null;
    const written = address.slice(scheme.length);
    const name = attempt(() => decodeURIComponent(written), written);
    const bundle = Object.hasOwn(attachments, name) ? attachments[name] : undefined;
    const urls = Object.entries(bundle ?? {}).map(([type, data]) => `data:${type};base64,${base64(data)}`);
    return urls.find(isInlinePicture) ?? null;
  };
}

function base64(data: unknown): string {
  return (Array.isArray(data) ? data.join("") : String(data)).replace(/[^A-Za-z0-9+/=]/g, "");
}

function outputHtml(output: Output, tools: PageTools): string {
  if (output.output_type === "stream")
    return `<pre class="${output.name === "stderr" ? "stderr" : "stdout"}">${text(output.text)}</pre>`;
  if (output.output_type === "error")
    return `<pre class="error">${text(output.traceback.join("\n") || `${output.ename}: ${output.evalue}`)}</pre>`;
  return `<div class="output">${bundleHtml(output.data, tools)}</div>`;
}

function bundleHtml(data: Readonly<Record<string, unknown>>, tools: PageTools): string {
  const get = (type: string): string => joinLines(data[type] as Multiline | undefined);
  const frames = untrustedFrames(get(framesMime));
  if (frames !== null) {
    tools.hasFrames = true;
    return framesElement(frames);
  }
  const figure = untrustedFigure(data[plotlyMime]);
  const title =
    figure === null
      ? stripVTControlCharacters(get("text/plain")).trim().split("\n")[0]!.slice(0, 200)
      : figureTitle(figure).replace(/\s+/g, " ").trim();
  const image = imageHtml(data, get, title);
  if (figure) {
    tools.figures.push(figure);
    const narrow = attempt(() => narrowChanges(figure), null);
    const json = `<script type="application/json">${scriptJson({ ...figure, narrow })}</script>`;
    // Until the figure is drawn: its table as text, which is a hundredth of a picture.
    const words = get("text/plain");
    const still = words.includes("\n") ? `<pre class="still">${text(words)}</pre>` : image;
    // The phone layout leaves the title to the page, where it wraps.
    const kind = narrow === null ? "plot plotly wide" : "plot plotly";
    const name = escapeHtml(title);
    const more = escapeHtml(figureSubtitle(figure));
    const heading = `<p class="title">${name}${more === "" ? "" : `<small>${more}</small>`}</p>`;
    return `<div class="${kind}" data-title="${name}">${heading}${still}${json}</div>`;
  }
  const widget = widgetHtml(data[widgetViewType], tools.widgets);
  if (widget !== null) return widget;
  if (data["text/html"]) return tools.html(get("text/html"));
  if (data["image/svg+xml"]) return tools.html(get("image/svg+xml"));
  if (image) return image;
  if (data["text/markdown"]) return tools.markdown(get("text/markdown"));
  return `<pre>${text(get("text/plain") || get("text/latex"))}</pre>`;
}

function imageHtml(data: Readonly<Record<string, unknown>>, get: (type: string) => string, title: string): string {
  const type = ["image/png", "image/jpeg", "image/gif"].find((candidate) => data[candidate]);
  if (!type) return "";
  return `<img alt="${escapeHtml(title === "" ? "picture without a description" : title)}" src="data:${type};base64,${base64(get(type))}">`;
}

/** Text without terminal colours; of an overwritten line (`\r`) only the last state. */
function text(source: Multiline): string {
  const plain = stripVTControlCharacters(joinLines(source));
  return escapeHtml(plain.split("\n").map(lastState).join("\n"));
}

function lastState(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end--;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}

/** Deepest nesting of rows and columns: a file may refer to itself. */
const mostDepth = 12;

type States = Readonly<Record<string, unknown>>;

/** A widget's last state as HTML; `null` if the notebook does not have it, or the page does not know its class. */
function widgetHtml(view: unknown, states: States): string | null {
  const id = isObject(view) ? view["model_id"] : undefined;
  const html = typeof id === "string" ? modelHtml(id, states, 0) : null;
  return html === null ? null : `<div class="widget">${html}</div>`;
}

function modelHtml(id: string, states: States, depth: number): string | null {
  const model = Object.hasOwn(states, id) ? states[id] : null;
  const state = isObject(model) && isObject(model["state"]) ? model["state"] : null;
  if (state === null || !isObject(model) || depth > mostDepth) return null;
  const label = typeof state["description"] === "string" ? escapeHtml(state["description"]) : "";
  const text = (value: unknown) => escapeHtml(typeof value === "string" ? value : String(JSON.stringify(value)));
  const labelled = (value: string): string => `<p><span>${label}</span> ${value}</p>`;
  const { model_name: kind } = model;
  const { _options_labels: options, index, children } = state;
  if (kind === "FloatSliderModel" || kind === "IntSliderModel")
    return labelled(`${meter(state)} <b>${text(state["value"])}</b>`);
  if (kind === "DropdownModel")
    return labelled(`<b>${text(Array.isArray(options) ? (options[Number(index)] ?? "") : "")}</b>`);
  if (kind === "CheckboxModel") return labelled(`<b>${state["value"] === true ? "on" : "off"}</b>`);
  if (kind === "TextModel") return labelled(`<b>${text(state["value"])}</b>`);
  if (kind === "ButtonModel") return `<p>[${label}]</p>`;
  if (kind !== "HBoxModel" && kind !== "VBoxModel") return null;
  const parts = (Array.isArray(children) ? children : []).map((child) =>
    modelHtml(String(child).replace(/^IPY_MODEL_/, ""), states, depth + 1),
  );
  return parts.every((part) => part !== null) ? parts.join("") : null;
}

function meter({ min, max, value }: Readonly<Record<string, unknown>>): string {
  const numbers = [min, max, value].map(Number);
  return numbers.every(Number.isFinite)
    ? `<meter min="${numbers[0]}" max="${numbers[1]}" value="${numbers[2]}"></meter>`
    : "";
}

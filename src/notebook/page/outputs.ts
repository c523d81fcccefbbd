/** Converts an output of a cell to HTML, using the richest format that a page can show. */
import { stripVTControlCharacters } from "node:util";
import {
  figureTitle,
  framesElement,
  framesMime,
  narrowChanges,
  type Pictures,
  type UntrustedFigure,
  untrustedFigure,
  untrustedFrames,
} from "../../render/index.js";
import type { JsonObject } from "../../util/json.js";
import { escapeHtml, scriptJson } from "../../util/text/escape.js";
import { joinLines, type Multiline, type Output } from "../format.js";
import { widgetViewType } from "../widgets.js";
import { widgetHtml } from "./widgets.js";

const plotlyType = "application/vnd.plotly.v1+json";

/** Functions that sanitise text of an untrusted notebook. */
export interface OutputTools {
  html(text: string): string;
  markdown(text: string, pictures?: Pictures): string;
  /** The saved states of the notebook's widgets, by model. */
  readonly widgets: Readonly<Record<string, unknown>>;
}

/** An output as HTML, and whether it needs Plotly. */
export interface OutputHtml {
  readonly html: string;
  readonly figure: UntrustedFigure | null;
  /** Whether it has charts for the positions of sliders. */
  readonly hasFrames?: boolean;
}

/** Converts an output. */
export function outputHtml(output: Output, tools: OutputTools): OutputHtml {
  switch (output.output_type) {
    case "stream":
      return still(`<pre class="${output.name === "stderr" ? "stderr" : "stdout"}">${text(output.text)}</pre>`);
    case "error":
      return still(
        `<pre class="error">${text(output.traceback.join("\n") || `${output.ename}: ${output.evalue}`)}</pre>`,
      );
    default: {
      const content = bundleHtml(output.data, tools);
      return { ...content, html: `<div class="output">${content.html}</div>` };
    }
  }
}

function still(html: string): OutputHtml {
  return { html, figure: null };
}

function bundleHtml(data: Readonly<Record<string, unknown>>, tools: OutputTools): OutputHtml {
  const get = (type: string): string => joinLines(data[type] as Multiline | undefined);
  const frames = untrustedFrames(data[framesMime]);
  if (frames !== null) return { html: framesElement(frames), figure: null, hasFrames: true };
  const figure = untrustedFigure(data[plotlyType]);
  const title = figure === null ? firstLine(get("text/plain")) : titleText(figure);
  const image = imageHtml(data, get, title);
  if (figure) {
    const narrow = phoneLayout(figure);
    const json = `<script type="application/json">${scriptJson({ ...figure, narrow })}</script>`;
    // The phone layout leaves the title to the page, where it wraps.
    const kind = narrow === null ? "plotly wide" : "plotly";
    return { html: `<div class="${kind}"><p class="title">${escapeHtml(title)}</p>${image}${json}</div>`, figure };
  }
  const widget = widgetHtml(data[widgetViewType], tools.widgets);
  if (widget !== null) return still(widget);
  if (data["text/html"]) return still(tools.html(get("text/html")));
  if (data["image/svg+xml"]) return still(tools.html(get("image/svg+xml")));
  if (image) return still(image);
  if (data["text/markdown"]) return still(tools.markdown(get("text/markdown")));
  return still(`<pre>${text(get("text/plain") || get("text/latex"))}</pre>`);
}

/** `null`: the figure has no phone layout, or is not as it seems. */
function phoneLayout(figure: UntrustedFigure): JsonObject | null {
  try {
    return narrowChanges(figure);
  } catch {
    return null;
  }
}

function titleText(figure: UntrustedFigure): string {
  return figureTitle(figure).replace(/\s+/g, " ").trim();
}

function firstLine(source: string): string {
  return stripVTControlCharacters(source).trim().split("\n")[0]!.slice(0, 200);
}

function imageHtml(data: Readonly<Record<string, unknown>>, get: (type: string) => string, title: string): string {
  const type = ["image/png", "image/jpeg", "image/gif"].find((candidate) => data[candidate]);
  if (!type) return "";
  return `<img alt="${escapeHtml(title === "" ? "picture without a description" : title)}" src="data:${type};base64,${get(type).replace(/[^A-Za-z0-9+/=]/g, "")}">`;
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

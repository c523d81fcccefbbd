/** Converts an output of a cell to HTML, using the richest format that a page can show. */
import { stripVTControlCharacters } from "node:util";
import { type Pictures, type UntrustedFigure, untrustedFigure } from "../../render/index.js";
import { escapeHtml, scriptJson } from "../../util/text/escape.js";
import { joinLines, type Multiline, type Output } from "../format.js";

const plotlyType = "application/vnd.plotly.v1+json";

/** Functions that sanitise text of an untrusted notebook. */
export interface OutputTools {
  html(text: string): string;
  markdown(text: string, pictures?: Pictures): string;
}

/** An output as HTML, and whether it needs Plotly. */
export interface OutputHtml {
  readonly html: string;
  readonly figure: UntrustedFigure | null;
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
      const { html, figure } = bundleHtml(output.data, tools);
      return { html: `<div class="output">${html}</div>`, figure };
    }
  }
}

function still(html: string): OutputHtml {
  return { html, figure: null };
}

function bundleHtml(data: Readonly<Record<string, unknown>>, tools: OutputTools): OutputHtml {
  const get = (type: string): string => joinLines(data[type] as Multiline | undefined);
  const image = imageHtml(data, get);
  const figure = untrustedFigure(data[plotlyType]);
  if (figure) {
    const json = `<script type="application/json">${scriptJson(figure)}</script>`;
    return { html: `<div class="plotly">${image}${json}</div>`, figure };
  }
  if (data["text/html"]) return still(tools.html(get("text/html")));
  if (data["image/svg+xml"]) return still(tools.html(get("image/svg+xml")));
  if (image) return still(image);
  if (data["text/markdown"]) return still(tools.markdown(get("text/markdown")));
  return still(`<pre>${text(get("text/plain") || get("text/latex"))}</pre>`);
}

function imageHtml(data: Readonly<Record<string, unknown>>, get: (type: string) => string): string {
  const type = ["image/png", "image/jpeg", "image/gif"].find((candidate) => data[candidate]);
  if (!type) return "";
  return `<img alt="" src="data:${type};base64,${get(type).replace(/[^A-Za-z0-9+/=]/g, "")}">`;
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

/** One output of a cell as HTML: of its forms the richest that a page can show. */
import { stripVTControlCharacters } from "node:util";
import { escapeHtml, scriptJson } from "../../util/escape.js";
import { joinLines, type Multiline, type Output } from "../format.js";

const plotlyType = "application/vnd.plotly.v1+json";

/** The output. `markdown` translates markdown. */
export function outputHtml(output: Output, markdown: (text: string) => string): string {
  switch (output.output_type) {
    case "stream":
      return `<pre class="${output.name === "stderr" ? "stderr" : "stdout"}">${text(output.text)}</pre>`;
    case "error":
      return `<pre class="error">${text(output.traceback.join("\n") || `${output.ename}: ${output.evalue}`)}</pre>`;
    default:
      return `<div class="output">${bundleHtml(output.data, markdown)}</div>`;
  }
}

function bundleHtml(data: Readonly<Record<string, unknown>>, markdown: (text: string) => string): string {
  const get = (type: string): string => joinLines(data[type] as Multiline | undefined);
  const image = imageHtml(data, get);
  if (data[plotlyType]) {
    return `<div class="plotly">${image}<script type="application/json">${scriptJson(data[plotlyType])}</script></div>`;
  }
  if (data["text/html"]) return get("text/html");
  if (data["image/svg+xml"]) return get("image/svg+xml");
  if (image) return image;
  if (data["text/markdown"]) return markdown(get("text/markdown"));
  return `<pre>${text(get("text/plain") || get("text/latex"))}</pre>`;
}

function imageHtml(data: Readonly<Record<string, unknown>>, get: (type: string) => string): string {
  const type = ["image/png", "image/jpeg", "image/gif"].find((candidate) => data[candidate]);
  if (!type) return "";
  return `<img alt="" src="data:${type};base64,${escapeHtml(get(type).replace(/\s/g, ""))}">`;
}

/** Text without a terminal's colours; of a line that was overwritten (`\r`) its last state. */
function text(source: Multiline): string {
  const plain = stripVTControlCharacters(joinLines(source));
  const lines = plain.split("\n").map((line) => line.replace(/\r+$/, "").split("\r").pop() ?? "");
  return escapeHtml(lines.join("\n"));
}

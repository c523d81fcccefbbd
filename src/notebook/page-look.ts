/** The style of a notebook's page. */
import { drawPlot } from "../render/index.js";
import { escapeHtml } from "../util/text/escape.js";

/** CSS: one column, wide outputs scroll by themselves, colours by the reader's light or dark setting. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1d2129; --paper: #fff; --soft: #f4f5f7; --line: #dfe2e7; --dim: #6b7280;
  --comment: #6b7280; --string: #0b6e4f; --number: #9a3412; --keyword: #1d4ed8; --bad: #b42318; --badsoft: #fef3f2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --paper: #15181e; --soft: #1e222a; --line: #343a46; --dim: #9ca3af;
    --comment: #9ca3af; --string: #86efac; --number: #fdba74; --keyword: #93c5fd; --bad: #fda29b; --badsoft: #3a1d1b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem clamp(.75rem, 3vw, 2rem) 4rem; }
section { margin: 0 0 1rem; position: relative; }
.markdown > :not(table, pre), .output > .plotly, pre { max-width: 60rem; }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 .5em; }
pre, code { font: .875rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: .4rem 0; padding: .6rem .8rem; overflow-x: auto; border-radius: .4rem; }
pre.code, .markdown pre { background: var(--soft); border: 1px solid var(--line); }
.markdown :not(pre) > code { background: var(--soft); padding: .1em .3em; border-radius: .25em; }
.count { color: var(--dim); font: .75rem ui-monospace, monospace; }
.comment { color: var(--comment); } .string, .template { color: var(--string); }
.number { color: var(--number); } .keyword { color: var(--keyword); }
.stderr, .error { background: var(--badsoft); } .error { color: var(--bad); white-space: pre-wrap; overflow-wrap: anywhere; }
.output { overflow-x: auto; margin: .4rem 0; }
/* What an author draws stays in its own box, and covers nothing beside it. */
.output, .markdown { contain: layout paint; }
.output img, .markdown img { max-width: 100%; height: auto; }
.widget p { margin: .2rem 0; } .widget span { display: inline-block; min-width: 6rem; }
.plotly { min-height: 2rem; } .wide > div { min-width: 660px; } .title { display: none; }
.narrow > .title { display: block; font-weight: 600; margin: .4rem 0; }
@media screen and (prefers-color-scheme: dark) { .plotly > img { filter: invert(.92) hue-rotate(180deg); } }
table { border-collapse: collapse; font-size: .875rem; margin: .4rem 0; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
@media (max-width: 650px) {
  th, td, .output :is(th, td) { white-space: normal !important; min-width: 0 !important; padding: 2px 6px !important; overflow-wrap: break-word; }
  .output :is(th, td):first-child { position: sticky; left: 0; background: var(--paper); }
  .output caption { max-width: calc(100vw - 2.5rem); } }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--dim); }
a { color: var(--keyword); }
`;

/** A figure narrower than this uses the phone layout, if it has one. */
const NARROW_BELOW = 650;

/** Draws each figure from its JSON, for its width and colours; on failure the static picture, if any, stays. */
export const drawFigures: string = `
${drawPlot}
const places = [...document.querySelectorAll(".plotly")];
const isNarrow = (place) => place.figure.narrow && place.clientWidth < ${NARROW_BELOW};
const isClear = ({ layout }) => /^(transparent|rgba\\([^)]*,\\s*0\\))$/.test(layout.paper_bgcolor ?? "");
async function draw(place) {
  const small = isNarrow(place);
  const ink = isClear(place.figure) ? getComputedStyle(document.body).color : null;
  place.classList.toggle("narrow", Boolean(small));
  place.isNarrow = small;
  await drawPlot(place.drawing, place.figure, small, ink);
}
for (const place of places) {
  place.figure = JSON.parse(place.querySelector("script").textContent);
  place.drawing = document.createElement("div");
  place.drawing.setAttribute("role", "figure");
  place.drawing.setAttribute("aria-label", place.querySelector(".title")?.textContent ?? "chart");
  place.append(place.drawing);
  draw(place).then(() => place.querySelector("img")?.remove()).catch(() => place.drawing.remove());
}
let latest;
addEventListener("resize", () => {
  clearTimeout(latest);
  latest = setTimeout(() => {
    for (const place of places) if (place.drawing.isConnected && place.isNarrow !== isNarrow(place)) draw(place);
  }, 100);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const place of places) if (place.drawing.isConnected && isClear(place.figure)) draw(place);
});`;

const keywords =
  "abstract|as|async|await|break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|false|" +
  "finally|for|from|function|if|implements|import|in|instanceof|interface|let|new|null|of|readonly|return|satisfies|" +
  "static|super|switch|this|throw|true|try|type|typeof|undefined|var|void|while|yield";

const token = new RegExp(
  [
    // Unterminated tokens extend to the end: searching for an end from each start would take quadratic time.
    String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)`,
    "(?<template>`(?:[^`\\\\]|\\\\[^])*`?)",
    String.raw`(?<number>\b(?:0x[\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?)\b)`,
    `(?<keyword>(?<![\\w$.])(?:${keywords})(?![\\w$]))`,
  ].join("|"),
  "g",
);

/** Longer code was not written by hand and is not highlighted. */
const longest = 200_000;

/** Returns the code as escaped HTML with `<span>`s. */
export function highlight(code: string): string {
  if (code.length > longest) return escapeHtml(code);
  let html = "";
  let end = 0;
  for (const match of code.matchAll(token)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}

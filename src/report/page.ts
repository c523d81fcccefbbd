/** One HTML page for a desktop, a phone and print: it opens from disk without a network and has plotly.js once. */
import { contentPolicy, drawPlot, plotlyCode } from "../render/figure-html.js";
import { framesElement, narrowChanges } from "../render/frames.js";
import { figurePng } from "../render/png.js";
import { framesScript, framesStyle } from "../render/script.js";
import { escapeHtml, scriptJson, sortTableScript } from "../util/escape.js";
import type { JsonObject } from "../util/random.js";
import { tableHtml } from "../views/format.js";
import type { Chart, Figure } from "../views/view.js";
import type { Suggestion } from "./evaluation-rules.js";
import { type Block, reportSections, type Section, type SectionName, sectionNames } from "./sections.js";
import type { ReportFacts } from "./summary.js";

/** A chart narrower than this uses the phone layout. */
const NARROW_BELOW = 650;

/** JavaScript with a global `Plotly` that draws charts one by one, those in a folded part when it is opened. */
const drawScript: string = `
${drawPlot}
const charts = [...document.querySelectorAll(".plot")];
const dark = matchMedia("(prefers-color-scheme: dark)");
const readFigure = (place) => place.figure ??= JSON.parse(place.querySelector("script").textContent);
const isOpen = (place) => place.closest("details:not([open])") === null;
async function draw(place) {
  const figure = readFigure(place);
  place.isNarrow = place.clientWidth < ${NARROW_BELOW};
  let live = place.querySelector(".live");
  if (!live) place.append(live = Object.assign(document.createElement("div"), { className: "live" }));
  live.style.height = (place.isNarrow ? figure.narrow : figure).layout.height + "px";
  try {
    await drawPlot(live, figure, place.isNarrow, getComputedStyle(document.body).color);
    place.classList.add("drawn");
  } catch (error) {
    live.remove();
    place.classList.remove("drawn");
    throw error;
  }
}
async function drawAll(which) {
  for (const place of charts.filter((each) => isOpen(each) && which(each))) {
    await draw(place);
    await new Promise((resolve) => setTimeout(resolve));
  }
}
let latest;
addEventListener("resize", () => {
  clearTimeout(latest);
  latest = setTimeout(() => drawAll((place) => place.isNarrow !== place.clientWidth < ${NARROW_BELOW}), 100);
});
document.addEventListener("toggle", () => drawAll((place) => place.isNarrow === undefined), true);
dark.addEventListener("change", () => {
  for (const place of charts) if (!isOpen(place)) place.isNarrow = undefined;
  return drawAll(() => true);
});
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.part")) part.open = true;
});
const drawing = drawAll(() => true).then(() => document.body.dataset.charts = "drawn");
`;

const reportStyle = `
:root { color-scheme: light dark; --ink: #1d2129; --paper: #fff; --soft: #f4f5f7; --line: #dfe2e7; --dim: #5b6370; --link: #1d4ed8;
  --serious: #b42318; --moderate: #b45309; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --paper: #111; --soft: #1c2027; --line: #343a46; --dim: #9ca3af; --link: #93c5fd;
  --serious: #f97066; --moderate: #fdb022; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2rem); }
header { padding-top: 1.5rem; } footer { padding-bottom: 3rem; color: var(--dim); font-size: .875rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; } p { margin: .4rem 0; } .dim { color: var(--dim); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .75rem 0; }
a { color: var(--link); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--soft); border-radius: .5rem; padding: .6rem .8rem; }
.tiles b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; line-height: 1.2; }
.tiles span { color: var(--dim); font-size: .8125rem; }
figure { margin: 1.25rem 0; } figcaption { font-weight: 600; margin-bottom: .25rem; }
.still { display: block; } .still img { max-width: 100%; height: auto; display: block; border-radius: .25rem; }
.drawn .still { display: none; }
.verdict { font-size: 1.2rem; line-height: 1.4; margin: .5rem 0 1rem; }
.part > summary { margin: .5rem 0; } .part > summary h2 { display: inline; padding: 0; border: 0; color: var(--ink); }
.part:has(> summary h2) { margin-top: 2rem; padding-top: .75rem; border-top: 1px solid var(--line); }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--dim); font-size: .875rem; }
pre { font: .8125rem/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--soft); border: 1px solid var(--line);
  border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; max-height: 30rem; overflow-wrap: normal; }
table { overflow-wrap: break-word; } th[aria-sort=ascending]::after { content: " ▲"; } th[aria-sort=descending]::after { content: " ▼"; }
@media (max-width: 650px) {
  [role=region] th, [role=region] td { white-space: normal !important; min-width: 0 !important; padding: 2px 6px !important; }
  [role=region] :is(th, td):first-child { position: sticky; left: 0; background: var(--paper); }
  caption { max-width: calc(100vw - 3rem); } }
[role=region] { margin: .5rem 0; } [role=region]:focus-visible { outline: 2px solid var(--link); }
.suggestions { padding: 0; list-style: none; } .suggestions b { display: block; }
.suggestions li { margin: .75rem 0; padding-left: .75rem; border-left: .25rem solid var(--line); }
.suggestions .serious { border-color: var(--serious); } .suggestions .moderate { border-color: var(--moderate); }
dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .2rem 1rem; } dt { color: var(--dim); } dd { margin: 0; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #f4f5f7; --line: #ccc; --dim: #444; --link: #000; }
  @page { margin: 14mm; }
  body { font-size: 10.5pt; orphans: 3; widows: 3; } header, main, footer { max-width: none; padding: 0; }
  nav, .live, .numbers { display: none; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  details > :not(summary) { display: block; } summary { list-style: none; }
  .drawn .still { display: block; } .still img { width: 100%; max-height: 225mm; object-fit: contain; object-position: left; }
  figure, .tiles, .tiles li, .suggestions li, tr, .verdict { break-inside: avoid; }
  h1, h2, h3, h2 + p, figcaption, caption, summary { break-after: avoid; } thead { display: table-header-group; }
  h2 { margin-top: 1.5rem; } pre { max-height: none; white-space: pre-wrap; }
  [role=region] { overflow: visible !important; } [role=region] table { font-size: 8pt !important; }
  [role=region] th, [role=region] td { white-space: normal !important; min-width: 0 !important; padding: 1px 5px !important; overflow-wrap: normal; }
}
`;

/** Marks a page as a report, so that a later report may overwrite it. */
export const reportMark = '<meta name="generator" content="pepnet report">';

export interface PageOptions {
  /** Sections to show. Default: all. */
  readonly sections?: readonly SectionName[] | undefined;
  /** Draw static pictures of the charts, for print and for viewers without scripts: 0.4 s per chart. Default: true. */
  readonly pictures?: boolean | undefined;
}

/** CSS pixels of a picture; A4 with its margins has 690. */
const PICTURE = { width: 720, scale: 1.5 } as const;
const CHART_ROWS = 60;

/** Returns the page of a run. Every name and number is escaped. */
export async function reportPage(
  facts: ReportFacts,
  suggestions: readonly Suggestion[],
  options: PageOptions = {},
): Promise<string> {
  const sections = reportSections(facts, suggestions, new Set<string>(options.sections ?? sectionNames));
  return sectionsPage(facts.title, sections, facts.origin.versions["pepnet"] ?? "", options);
}

/** A page of sections. @param version of pepnet, for the page's foot */
export async function sectionsPage(
  title: string,
  sections: readonly Section[],
  version: string,
  { pictures = true }: Pick<PageOptions, "pictures"> = {},
): Promise<string> {
  const main: string[] = [];
  for (const section of sections) main.push(await sectionHtml(section, pictures));
  const hasCharts = sections.some(({ blocks }) => blocks.some(({ kind }) => kind === "chart"));
  const hasSorting = sections.some(({ blocks }) => blocks.some((block) => block.kind === "table" && block.sortable));
  const scripts = [...(hasCharts ? [await plotlyCode(), drawScript] : []), ...(hasSorting ? [sortTableScript] : [])];
  return pageHtml({ title, version, style: reportStyle, header: navigation(sections), main: main.join("\n"), scripts });
}

/** A page whose sliders choose between charts that were computed for each of their positions. @param packed see `packFrames` */
export async function framesPage(page: {
  readonly title: string;
  readonly notes: readonly string[];
  readonly packed: string;
  readonly version: string;
}): Promise<string> {
  const { title, notes, packed, version } = page;
  const main = `${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("")}${framesElement(packed)}`;
  const scripts = [await plotlyCode(), framesScript];
  return pageHtml({ title, version, style: `${reportStyle}${framesStyle}`, header: "", main, scripts });
}

interface PageParts extends Readonly<Record<"title" | "version" | "style" | "header" | "main", string>> {
  readonly scripts: readonly string[];
}

function pageHtml({ title, version, style, header, main, scripts }: PageParts): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    contentPolicy({ scripts }),
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    reportMark,
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>`,
    `<header><h1>${escapeHtml(title)}</h1>${header}</header>`,
    `<main>${main}</main>`,
    `<footer><p>Written by pepnet ${escapeHtml(version)}.</p></footer>`,
    ...scripts.map((code) => `<script>${code}</script>`),
    "</body></html>\n",
  ].join("\n");
}

function navigation(sections: readonly Section[]): string {
  const links = sections.map(({ name, title }) => `<li><a href="#${name}">${escapeHtml(title)}</a></li>`);
  return `<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>`;
}

/** The anchor of a folded section is inside it: browsers open it for a link. */
async function sectionHtml({ name, title, blocks, isFolded }: Section, pictures: boolean): Promise<string> {
  const heading = `<h2 id="${name}-title">${escapeHtml(title)}</h2>`;
  const start = `<section id="${name}" aria-labelledby="${name}-title">`;
  const content = await blocksHtml(blocks, pictures);
  if (!isFolded) return `${start}${heading}\n${content}</section>`;
  return `<details class="part"><summary>${heading}</summary>\n${start}${content}</section></details>`;
}

async function blocksHtml(blocks: readonly Block[], pictures: boolean): Promise<string> {
  const parts: string[] = [];
  for (const block of blocks) parts.push(await blockHtml(block, pictures));
  return parts.join("\n");
}

async function blockHtml(block: Block, pictures: boolean): Promise<string> {
  switch (block.kind) {
    case "chart":
      return chartHtml(block.chart, pictures);
    case "table":
      return tableHtml(block.table, { region: true, maxRows: 1000, sortable: block.sortable ?? false });
    case "fold":
      return `<details class="part"><summary>${escapeHtml(block.summary)}</summary>${await blocksHtml(block.blocks, pictures)}</details>`;
    case "verdict":
      return `<p class="verdict">${escapeHtml(block.text)}</p>`;
    case "heading":
      return `<h3>${escapeHtml(block.text)}</h3>`;
    case "text":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "code":
      return `<pre tabindex="0">${escapeHtml(block.code)}</pre>`;
    case "tiles":
      return `<ul class="tiles">${block.tiles.map(({ value, name }) => `<li><b>${escapeHtml(value)}</b><span>${escapeHtml(name)}</span></li>`).join("")}</ul>`;
    case "suggestions":
      return suggestionsHtml(block.suggestions);
    case "pairs":
      return `<dl>${block.pairs.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>`;
  }
}

function suggestionsHtml(suggestions: readonly Suggestion[]): string {
  if (suggestions.length === 0) return "<p>No suggestions: no rule matches these numbers.</p>";
  const items = suggestions.map(
    ({ severity, seen, next }) => `<li class="${severity}"><b>${escapeHtml(seen)}</b>${escapeHtml(next)}</li>`,
  );
  return `<ol class="suggestions">${items.join("")}</ol>`;
}

async function chartHtml({ title, figure, table }: Chart, pictures: boolean): Promise<string> {
  const bare = untitled(figure);
  const still = pictures ? await stillHtml(bare, title) : "";
  const json = scriptJson({ ...bare, narrow: narrowChanges(bare) });
  return [
    `<figure><figcaption>${escapeHtml(title)}</figcaption>`,
    `<div class="plot">${still}<script type="application/json">${json}</script></div>`,
    `<details class="numbers"><summary>Numbers</summary>${tableHtml(table, { region: true, maxRows: CHART_ROWS })}</details></figure>`,
  ].join("\n");
}

/** The chart as a picture, light and dark, for paper and for viewers without scripts. */
async function stillHtml(figure: Figure, title: string): Promise<string> {
  const [light, dark] = [await figurePng(figure, PICTURE), await figurePng(figure, { ...PICTURE, theme: "dark" })].map(
    (png) => (png === null ? null : `data:image/png;base64,${Buffer.from(png).toString("base64")}`),
  );
  if (light == null) return "";
  const source = dark == null ? "" : `<source media="screen and (prefers-color-scheme: dark)" srcset="${dark}">`;
  return `<picture class="still">${source}<img alt="${escapeHtml(title)}" src="${light}"></picture>`;
}

/** Removed, since the page shows the title as text, which wraps. */
function untitled(figure: Figure): Figure {
  const { title: _, ...layout } = figure.layout;
  const { height, margin } = layout as { height: number; margin: JsonObject & { readonly t: number } };
  const top = 8;
  return { ...figure, layout: { ...layout, height: height - margin.t + top, margin: { ...margin, t: top } } };
}

/** One HTML page for a desktop, a phone and print: it opens from disk without a network and has plotly.js once. */

import { contentPolicy, drawPlot, framesScript, framesStyle, plotlyCode } from "../render/figure-html.js";
import { framesElement, narrowChanges } from "../render/frames.js";
import { figurePng } from "../render/png.js";
import { escapeHtml, scriptJson, sortTableScript } from "../util/escape.js";
import { assetText } from "../util/files/package-root.js";
import type { JsonObject } from "../util/random.js";
import { tableHtml } from "../views/format.js";
import type { Chart, Figure } from "../views/view.js";
import type { Suggestion } from "./evaluation-rules.js";
import { type Block, reportSections, type Section, type SectionName, sectionNames } from "./sections.js";
import type { ReportFacts } from "./summary.js";

/** JavaScript with a global `Plotly` that draws charts one by one, those in a folded part when it is opened. */
const drawScript: string = `${drawPlot}${assetText("report/assets/page.js")}`;

const reportStyle: string = assetText("report/assets/page.css");

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

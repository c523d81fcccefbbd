/** Writes a report as one HTML page for a desktop, a phone and print, which opens from disk without a network. */
import type { Finding } from "../../core/errors/finding.js";
import { escapeHtml, scriptJson } from "../../core/util/escape.js";
import { assetText } from "../../core/util/files/package-root.js";
import type { JsonObject } from "../../core/util/json.js";
import { htmlPage } from "../render/figure-html.js";
import { framesElement, narrowChanges } from "../render/frames.js";
import { reportFile } from "../render/page-file.js";
import { regionStyle, tableHtml } from "../views/format.js";
import type { Chart, Figure } from "../views/view.js";
import { type Block, reportSections, type Section, type SectionName, sectionNames } from "./sections.js";
import type { ReportFacts } from "./summary.js";

const reportStyle = `${regionStyle}${assetText("lab/report/assets/page.css")}`;

const CHART_ROWS = 60;

/** Returns the page of a run. Every name and number is escaped. */
export async function reportPage(
  facts: ReportFacts,
  findings: readonly Finding[],
  options: {
    /** Sections to show. Default: all. */
    readonly sections?: readonly SectionName[] | undefined;
  } = {},
): Promise<string> {
  const sections = reportSections(facts, findings, new Set<string>(options.sections ?? sectionNames));
  return sectionsPage(facts.title, sections, facts.origin.versions["pepnet"] ?? "");
}

/** A page of sections. @param version of pepnet, for the page's foot */
export function sectionsPage(title: string, sections: readonly Section[], version: string): string {
  const main = sections.map(sectionHtml).join("\n");
  const figures = sections.flatMap(({ blocks }) => blocksFigures(blocks));
  const hasSorting = sections.some(({ blocks }) => blocks.some((block) => block.kind === "table" && block.sortable));
  const scripts = [
    ...(figures.length > 0 ? [assetText("lab/render/assets/figures.js")] : []),
    ...(hasSorting ? [assetText("lab/render/assets/tables.js")] : []),
  ];
  const links = sections.map(({ name, title }) => `<li><a href="#${name}">${escapeHtml(title)}</a></li>`).join("");
  const header = `<nav aria-label="Sections"><ul>${links}</ul></nav>${figures.length > 0 ? withoutScripts : ""}`;
  return pageHtml({ title, version, style: reportStyle, header, main, scripts, figures });
}

/**
 * A page whose sliders choose between charts that were computed for each of their positions.
 * @param packed see `packFrames`
 */
export async function framesPage(page: {
  readonly title: string;
  readonly notes: readonly string[];
  readonly packed: string;
  readonly version: string;
}): Promise<string> {
  const { title, notes, packed, version } = page;
  const main = `${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("")}${framesElement(packed)}`;
  const style = `${reportStyle}${assetText("lab/render/assets/frames.css")}`;
  return pageHtml({
    title,
    version,
    style,
    header: "",
    main,
    scripts: [assetText("lab/render/assets/frames.js")],
    figures: [{ data: [] }], // the package's figures are charts on axes
  });
}

interface PageParts extends Readonly<Record<"title" | "version" | "style" | "header" | "main", string>> {
  readonly scripts: readonly string[];
  readonly figures: readonly Pick<Figure, "data">[];
}

function pageHtml({ version, header, main, ...parts }: PageParts): string {
  return htmlPage({
    ...parts,
    mark: `${reportFile.mark}<meta name="color-scheme" content="light dark">`,
    body: [
      `<header><h1>${escapeHtml(parts.title)}</h1>${header}</header>`,
      `<main>${main}</main>`,
      `<footer><p>Written by pepnet ${escapeHtml(version)}.</p></footer>`,
    ],
  });
}

const withoutScripts =
  "<noscript>The charts need scripts and a current browser; their numbers are below them.</noscript>";

function blocksFigures(blocks: readonly Block[]): Figure[] {
  return blocks.flatMap((block) =>
    block.kind === "chart" ? [block.chart.figure] : block.kind === "fold" ? blocksFigures(block.blocks) : [],
  );
}

/** The anchor of a folded section is inside it: browsers open it for a link. */
function sectionHtml({ name, title, blocks, isFolded }: Section): string {
  const heading = `<h2 id="${name}-title">${escapeHtml(title)}</h2>`;
  const start = `<section id="${name}" aria-labelledby="${name}-title">`;
  const content = blocksHtml(blocks);
  if (!isFolded) return `${start}${heading}\n${content}</section>`;
  return `<details class="part"><summary>${heading}</summary>\n${start}${content}</section></details>`;
}

function blocksHtml(blocks: readonly Block[]): string {
  return blocks.map(blockHtml).join("\n");
}

function blockHtml(block: Block): string {
  const { kind } = block;
  if (kind === "chart") return chartHtml(block.chart);
  if (kind === "table")
    return tableHtml(block.table, { region: true, maxRows: 1000, sortable: block.sortable ?? false });
  if (kind === "fold")
    return `<details class="part"><summary>${escapeHtml(block.summary)}</summary>${blocksHtml(block.blocks)}</details>`;
  if (kind === "verdict") return `<p class="verdict">${escapeHtml(block.text)}</p>`;
  if (kind === "heading") return `<h3>${escapeHtml(block.text)}</h3>`;
  if (kind === "text") return `<p>${escapeHtml(block.text)}</p>`;
  if (kind === "code") return `<pre tabindex="0">${escapeHtml(block.code)}</pre>`;
  if (kind === "tiles")
    return `<ul class="tiles">${block.tiles.map(({ value, name }) => `<li><b>${escapeHtml(value)}</b><span>${escapeHtml(name)}</span></li>`).join("")}</ul>`;
  if (kind === "findings") return findingsHtml(block.findings);
  return `<dl>${block.pairs.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>`;
}

function findingsHtml(findings: readonly Finding[]): string {
  if (findings.length === 0) return "<p>No suggestions: no rule matches these numbers.</p>";
  const items = findings.map(({ severity, path, message, fix = "" }) => {
    return `<li class="${severity}"><b>${escapeHtml(`${path}: ${message}.`)}</b>${escapeHtml(asSentence(fix))}</li>`;
  });
  return `<ol class="findings">${items.join("")}</ol>`;
}

/** Code keeps its letters. */
function asSentence(fix: string): string {
  if (fix === "") return "";
  return `${/^\w+[.(]/.test(fix) ? fix : fix[0]!.toUpperCase() + fix.slice(1)}.`;
}

function chartHtml({ title, subtitle, figure, table }: Chart): string {
  // The title is removed, since the page shows it as text, which wraps.
  const { title: _, ...layout } = figure.layout;
  const { height, margin } = layout as { height: number; margin: JsonObject & { readonly t: number } };
  const top = 8;
  const bare = { ...figure, layout: { ...layout, height: height - margin.t + top, margin: { ...margin, t: top } } };
  const json = scriptJson({ ...bare, narrow: narrowChanges(bare) });
  return [
    `<figure><figcaption>${escapeHtml(title)}${subtitle === undefined ? "" : `<small>${escapeHtml(subtitle)}</small>`}</figcaption>`,
    `<div class="plot" data-title="${escapeHtml(title)}"><script type="application/json">${json}</script></div>`,
    `<details class="numbers"><summary>Numbers</summary>${tableHtml(table, { region: true, maxRows: CHART_ROWS })}</details></figure>`,
  ].join("\n");
}

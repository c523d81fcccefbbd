/** The index page of a sweep: a table of parameters, outcome and key numbers, with links and small pictures. */

import { contentPolicy } from "../../render/index.js";
import type { Json } from "../../util/json.js";
import { escapeHtml } from "../../util/text/escape.js";
import { grouped } from "../../util/text/format.js";
import { sortTableScript } from "../../util/text/sort-table.js";
import { pageMark } from "../page/page-file.js";
import { pageStyle } from "../page/style.js";
import { numberColumns, parameterColumns } from "./columns.js";
import type { SweepRun } from "./sweep-run.js";

/** The content of the page. */
export interface SweepIndex {
  /** Title of the notebook. */
  readonly title: string;
  /** File name of the notebook. */
  readonly notebook: string;
  readonly runs: readonly SweepRun[];
}

const style = `
main { max-width: none; }
td { vertical-align: top; } th { position: sticky; top: 0; background: var(--paper); }
th button { all: unset; cursor: pointer; font: inherit; } th button:focus-visible { outline: 2px solid var(--keyword); }
th[aria-sort=ascending]::after { content: " ▲"; } th[aria-sort=descending]::after { content: " ▼"; }
.table { overflow-x: auto; } th.text, td.text { text-align: left; white-space: normal; overflow-wrap: anywhere; max-width: 24rem; }
td.links { white-space: nowrap; max-width: none; }
.failed { color: var(--bad); } .waiting, .interrupted, .none { color: var(--dim); }
.pictures { display: flex; gap: .4rem; min-width: 20rem; flex-wrap: wrap; }
.pictures img { height: 6.5rem; width: auto; background: #fff; border: 1px solid var(--line); border-radius: .25rem; }
.pictures img:hover { outline: 2px solid var(--keyword); }`;

/** Returns the page. It opens from disk; links are relative, so that the folder can be moved or served. */
export function indexHtml({ title, notebook, runs }: SweepIndex): string {
  const [parameters, numbers] = [parameterColumns(runs), numberColumns(runs)];
  const hasPictures = runs.some((run) => run.pictures.length > 0);
  const isText = (name: string): boolean =>
    runs.some((run) => !["number", "undefined"].includes(typeof run.parameters[name]));
  const head = [
    ...parameters.map((name) => headCell(name, isText(name))),
    headCell("outcome", true),
    headCell("seconds"),
    ...numbers.map((name) => headCell(name)),
    headCell("notebook", true),
    ...(hasPictures ? [headCell("charts", true)] : []),
  ];
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">${pageMark}`,
    contentPolicy({ scripts: [sortTableScript], picturesBeside: true }),
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(`${title}: ${runs.length} runs`)}</title>`,
    `<style>${pageStyle}${style}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(summary(notebook, runs))} <a href="index.csv">Numbers as CSV.</a> Press a column name to sort.</p>`,
    '<div class="table"><table data-sortable>',
    `<thead><tr>${head.join("")}</tr></thead><tbody>`,
    ...runs.map((run) => row(run, parameters, numbers, hasPictures)),
    "</tbody></table></div></main>",
    `<script>${sortTableScript}</script></body></html>\n`,
  ].join("\n");
}

/** A header cell, aligned like its column: text left, numbers right. */
function headCell(name: string, isText = false): string {
  return `<th scope="col"${isText ? ' class="text"' : ""}><button type="button">${escapeHtml(name)}</button></th>`;
}

function summary(notebook: string, runs: readonly SweepRun[]): string {
  const counted = (["ok", "failed", "interrupted", "waiting"] as const)
    .map((outcome) => [outcome, runs.filter((run) => run.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0);
  return `${notebook}, ${runs.length} runs: ${counted.map(([outcome, count]) => `${count} ${outcome}`).join(", ")}.`;
}

function row(run: SweepRun, parameters: readonly string[], numbers: readonly string[], hasPictures: boolean): string {
  const cells = [
    ...parameters.map((name) => valueCell(run.parameters[name])),
    outcomeCell(run),
    run.outcome === "waiting" ? none : `<td>${run.seconds.toFixed(1)}</td>`,
    ...numbers.map((name) => numberCell(run.numbers[name])),
    `<td class="text links">${links(run)}</td>`,
    ...(hasPictures ? [`<td><div class="pictures">${pictures(run)}</div></td>`] : []),
  ];
  return `<tr>${cells.join("")}</tr>`;
}

const none = '<td class="none">–</td>';

function valueCell(value: Json | undefined): string {
  if (value === undefined) return '<td class="none">default</td>';
  if (typeof value === "number") return `<td data-value="${value}">${value}</td>`;
  return `<td class="text">${escapeHtml(typeof value === "string" ? value : JSON.stringify(value))}</td>`;
}

function numberCell(value: number | undefined): string {
  if (value === undefined) return none;
  const text = Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(5)));
  return `<td data-value="${value}" title="${value}">${text}</td>`;
}

function outcomeCell({ outcome, failedCell, error }: SweepRun): string {
  const why = error === undefined ? "" : `${failedCell === undefined ? "" : `cell ${failedCell}: `}${error}`;
  return `<td class="text"><span class="${outcome}">${outcome}</span>${why === "" ? "" : `<br>${escapeHtml(why)}`}</td>`;
}

/** A run that did not finish has no files. */
function links(run: SweepRun): string {
  if (run.outcome === "waiting" || (run.outcome === "failed" && run.failedCell === undefined)) return "";
  const address = escapeHtml(encodeURIComponent(run.name));
  return `<a href="${address}.html">${escapeHtml(run.name)}</a> <a href="${address}.ipynb" download>.ipynb</a>`;
}

function pictures(run: SweepRun): string {
  const page = escapeHtml(encodeURIComponent(run.name));
  const images = run.pictures.map((file, index) => {
    const address = escapeHtml(file.split("/").map(encodeURIComponent).join("/"));
    return `<a href="${page}.html"><img loading="lazy" src="${address}" alt="chart ${index + 1} of ${escapeHtml(run.name)}"></a>`;
  });
  return images.join("");
}

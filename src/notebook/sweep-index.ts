/** The index page of a sweep: a table of parameters, outcome and key numbers, with links and small pictures. */
import { numbersMime } from "../port/notebook.js";
import { contentPolicy } from "../render/figure-html.js";
import { escapeHtml, sortTableScript } from "../util/escape.js";
import type { Json } from "../util/random.js";
import { grouped } from "../util/text.js";
import { pageMark } from "./page.js";
import type { Parameters } from "./parameters.js";
import {
  hasTag,
  joinLines,
  type Multiline,
  type Notebook,
  type NotebookCell,
  type Output,
  pageStyle,
} from "./widgets.js";

export interface SweepIndex {
  readonly title: string;
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

export interface SweepRun {
  readonly name: string;
  readonly parameters: Parameters;
  readonly outcome: "waiting" | "ok" | "failed" | "interrupted";
  readonly seconds: number;
  /** Why it failed: the cell, counted from 1, and its error. */
  readonly failedCell?: number;
  readonly error?: string;
  readonly numbers: KeyNumbers;
  readonly pictures: readonly string[];
}

export function parameterColumns(runs: readonly SweepRun[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))];
}

export function numberColumns(runs: readonly SweepRun[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.numbers)))];
}

export function indexCsv(runs: readonly SweepRun[]): string {
  const [parameters, numbers] = [parameterColumns(runs), numberColumns(runs)];
  const lines = runs.map((run) => [
    `${run.name}.ipynb`,
    ...parameters.map((name) => run.parameters[name]),
    run.outcome,
    run.seconds.toFixed(1),
    ...numbers.map((name) => run.numbers[name]),
    run.error,
  ]);
  return [["notebook", ...parameters, "outcome", "seconds", ...numbers, "error"], ...lines].map(line).join("");
}

function line(cells: readonly (Json | undefined)[]): string {
  return `${cells.map((cell) => field(cell)).join(",")}\n`;
}

function field(cell: Json | undefined): string {
  if (cell === undefined) return "";
  const text = typeof cell === "string" ? cell : JSON.stringify(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export type KeyNumbers = Readonly<Record<string, number>>;

/** The key numbers of a notebook. A repeated name with another number gets a counter: `AUC`, `AUC (2)`. */
export function keyNumbers(notebook: Pick<Notebook, "cells">): KeyNumbers {
  const tagged = notebook.cells.filter((cell) => hasTag(cell, "result"));
  if (tagged.length > 0) return merged(tagged.map(ofCell));
  const results = notebook.cells.map(ofCell).filter((numbers) => Object.keys(numbers).length > 0);
  return results.at(-1) ?? {};
}

function ofCell(cell: NotebookCell): KeyNumbers {
  return merged((cell.outputs ?? []).map(ofOutput));
}

function merged(list: readonly KeyNumbers[]): KeyNumbers {
  const numbers = new Map<string, number>();
  for (const [name, value] of list.flatMap((each) => Object.entries(each))) {
    let free = name;
    for (let count = 2; numbers.has(free) && numbers.get(free) !== value; count++) free = `${name} (${count})`;
    numbers.set(free, value);
  }
  return Object.fromEntries(numbers);
}

function ofOutput(output: Output): KeyNumbers {
  if (output.output_type !== "execute_result" && output.output_type !== "display_data") return {};
  const numbers = output.data[numbersMime];
  if (typeof numbers === "object" && numbers !== null) return finite(Object.entries(numbers));
  if (output.output_type !== "execute_result") return {};
  const text = joinLines(output.data["text/plain"] as Multiline | undefined).trim();
  return /^-?[\d.]+(e[-+]?\d+)?$/i.test(text) ? { result: Number(text) } : { ...ofObject(text), ...ofTable(text) };
}

function finite(entries: readonly (readonly [string, unknown])[]): KeyNumbers {
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value))) as KeyNumbers;
}

/** `{ auc: 0.77, 'log loss': 0.51 }`, as the kernel prints a plain object; nested values are left out. */
function ofObject(text: string): KeyNumbers {
  if (!/^\{[^{}[\]]*\}$/.test(text)) return {};
  const pairs = text.matchAll(/(?:'([^']+)'|([\p{L}_$][\p{L}\p{N}_$]*)): (-?[\d.]+(?:e[-+]?\d+)?)(?=[,\s}])/gu);
  return finite([...pairs].map(([, quoted, plain, number]) => [(quoted ?? plain) as string, Number(number)]));
}

/** A text table of this library: a line of names, a line of rules (`────`), rows. */
function ofTable(text: string): KeyNumbers {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /^─+( +─+)*$/.test(line.trimEnd()));
  if (at < 1) return {};
  const spans = [...lines[at]!.matchAll(/─+/g)].map(({ index, 0: rule }) => [index, index + rule.length]);
  const cells = (line: string): string[] => spans.map(([from, to]) => [...line].slice(from, to).join("").trim());
  const names = cells(lines[at - 1]!);
  const end = lines.findIndex((line, index) => index > at && line.trim() === "");
  const rows = lines.slice(at + 1, end < 0 ? undefined : end).map(cells);
  const row = rows.find(([first]) => first === "mean") ?? (rows.length === 1 ? rows[0] : undefined);
  return finite((row ?? []).map((cell, index) => [names[index]!, cell === "" ? Number.NaN : number(cell)]));
}

function number(cell: string): number {
  const percent = /^(-?[\d.,]+) ?%$/.exec(cell)?.[1];
  return percent === undefined ? Number(cell.replaceAll(",", "")) : Number(percent.replaceAll(",", "")) / 100;
}

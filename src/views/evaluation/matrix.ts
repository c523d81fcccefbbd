import type { MatrixCell, MetricMatrix } from "../../metrics/matrix.js";
import type { MetricName } from "../../metrics/types.js";
import { count, ends, fixed, snakeCase } from "../../util/text.js";
import { heatPanel, panelChart } from "../compose.js";
import { finite, inTitle, type Markup, markup, rounded, SEQUENTIAL, sentence } from "../theme.js";
import { type Chart, capital, col, metricText, type Sheet, sheetFrom } from "../view.js";

export function matrixSheet({ metric, tasks, domains, cells }: MetricMatrix): Sheet {
  const name = metricText[metric];
  const rows = tasks.flatMap((task, t) => domains.map((domain, d) => ({ ...cells[t]?.[d], task, domain })));
  return sheetFrom(`${capital(name)} by task and domain`, rows, [
    col.text("task", ({ task }) => task),
    col.text("domain", ({ domain }) => domain),
    col.count("rows", ({ rows }) => rows ?? 0),
    col.count("positives", ({ positives }) => positives ?? 0),
    col.number([snakeCase(metric), name], ({ value }) => value, 4),
    col.ends((cell) => cell, 4),
    col.text("gap", ({ gap }) => gap),
  ]);
}

/** Pixels for the axes, after the tasks' names and the colour bar. */
const AXES_WIDTH = 400;
const LEAST_SPAN = 0.01;

/** Colours show the values alone: what a domain can reach differs between domains. */
export function metricMatrixChart(matrix: MetricMatrix): Chart {
  const { tasks, cells } = matrix;
  // A single domain has all rows.
  const domains = matrix.domains.length === 2 ? matrix.domains.slice(0, 1) : matrix.domains;
  const name = capital(metricText[matrix.metric]);
  const values = tasks.map((_, t) => domains.map((__, d) => finite(cells[t]?.[d]?.value)));
  const all = values.flat().flatMap((value) => value ?? []);
  const low = Math.min(...all);
  const height = Math.max(90, tasks.length * 34);
  const panel = heatPanel({
    title: `${name} by task and domain`,
    rows: tasks,
    columns: domains,
    values,
    range: all.length === 0 ? [0, 1] : [rounded(low), rounded(Math.max(low + LEAST_SPAN, ...all))],
    scale: SEQUENTIAL,
    bar: { title: { text: name, side: "top" }, tickformat: ".3~g", nticks: 5 },
    cell: (t, d) => fixed(cells[t]?.[d]?.value),
    hover: (t, d) => markup`${tasks[t]!}, ${domains[d]!}<br>${cellText(metricText[matrix.metric], cells[t]?.[d])}`,
    gap: "not defined",
    width: AXES_WIDTH,
    height,
  });
  return panelChart(matrixTitle(matrix, domains), panel, height, matrixSheet(matrix));
}

function cellText(name: string, cell: MatrixCell | undefined): Markup {
  if (cell === undefined) return markup``;
  if (cell.gap !== null) return markup`${cell.gap}`;
  const interval = ends(cell, (value) => fixed(value, 4));
  const rows = `${count(cell.rows, "row")}, ${count(cell.positives, "positive")}`;
  return markup`${name} ${fixed(cell.value, 4)}${interval}<br>${rows}`;
}

const rateNote = "it depends on how many rows of a domain are positive";

/** Why domains of a good model differ from all rows, and from each other. */
const notes: Partial<Record<MetricName, string>> = {
  auc: "AUC of all rows also compares rows of different domains, so a domain's may be lower even for the true probabilities",
  logLoss: rateNote,
  accuracy: rateNote,
  meanAbsoluteError: rateNote,
  meanSquaredError: rateNote,
  rootMeanSquaredError: rateNote,
};

function matrixTitle({ metric, tasks, cells }: MetricMatrix, domains: readonly string[]): string {
  const name = capital(metricText[metric]);
  if (cells.every(([cell]) => finite(cell?.value) === null)) return `${name} by task and domain: not defined anywhere`;
  const parts = tasks.map((task, t) => {
    const values = (cells[t] ?? []).slice(1, domains.length).flatMap(({ value }) => finite(value) ?? []);
    const between = `, ${fixed(Math.min(...values))} to ${fixed(Math.max(...values))} by domain`;
    return `${inTitle(task)} ${fixed(cells[t]?.[0]?.value)}${values.length < 2 ? "" : between}`;
  });
  return sentence([`${name} of all rows: ${parts.join("; ")}`, domains.length > 1 ? (notes[metric] ?? null) : null]);
}

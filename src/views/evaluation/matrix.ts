import type { MatrixCell, MetricMatrix } from "../../metrics/matrix.js";
import type { MetricName } from "../../metrics/types.js";
import { count, ends, fixed, snakeCase } from "../../util/text.js";
import { gainColours, heatPanel } from "../axes.js";
import { panelChart } from "../compose.js";
import { capital, metricText } from "../names.js";
import { finite, highest, inTitle, type Markup, markup, rounded, sentence } from "../theme.js";
import { type Chart, col, makeSheet, type Sheet } from "../view.js";

interface Row extends Partial<MatrixCell> {
  readonly task: string;
  readonly domain: string;
}

export function matrixSheet({ metric, tasks, domains, cells }: MetricMatrix): Sheet {
  const { name } = metricText(metric);
  return makeSheet<Row>(
    `${capital(name)} by task and domain`,
    [
      col.text("task", ({ task }) => task),
      col.text("domain", ({ domain }) => domain),
      col.count("rows", ({ rows }) => rows ?? 0),
      col.count("positives", ({ positives }) => positives ?? 0),
      col.number([snakeCase(metric), name], ({ value }) => value, 4),
      ...col.ends<Row>((cell) => cell, 4),
      col.text("gap", ({ gap }) => gap),
    ],
    tasks.flatMap((task, t) => domains.map((domain, d) => ({ ...cells[t]?.[d], task, domain }))),
  );
}

/** Pixels for the axes, after the tasks' names and the colour bar. */
const AXES_WIDTH = 400;
const LEAST_SPAN = 0.005;

export function metricMatrixChart(matrix: MetricMatrix): Chart {
  const { tasks, cells } = matrix;
  // A single domain has all rows.
  const domains = matrix.domains.length === 2 ? matrix.domains.slice(0, 1) : matrix.domains;
  const { name } = metricText(matrix.metric);
  const values = tasks.map((_, t) => domains.map((__, d) => gainOverAll(matrix.metric, cells[t] ?? [], d)));
  const height = Math.max(90, tasks.length * 34);
  const panel = heatPanel({
    title: `${capital(name)}; colour: better or worse than all rows of the task`,
    rows: tasks,
    columns: domains,
    values,
    ...gainColours(values.flat(), LEAST_SPAN),
    cell: (t, d) => fixed(cells[t]?.[d]?.value),
    hover: (t, d) => markup`${tasks[t]!}, ${domains[d]!}<br>${cellText(name, cells[t]?.[d])}`,
    gap: "not defined",
    width: AXES_WIDTH,
    height,
  });
  return panelChart(matrixTitle(matrix, domains), panel, height, matrixSheet(matrix));
}

/** How much better a cell is than all rows of its task (the first cell); `null`: not defined. */
function gainOverAll(metric: MetricName, cells: readonly MatrixCell[], domain: number): number | null {
  const [all, value] = [finite(cells[0]?.value), finite(cells[domain]?.value)];
  if (all === null || value === null) return null;
  const { more } = metricText(metric);
  if (more === "towards 1") return rounded(Math.abs(all - 1) - Math.abs(value - 1));
  return rounded(more === "better" ? value - all : all - value);
}

function cellText(name: string, cell: MatrixCell | undefined): Markup {
  if (cell === undefined) return markup``;
  if (cell.gap !== null) return markup`${cell.gap}`;
  const interval = ends(cell, (value) => fixed(value, 4));
  const rows = `${count(cell.rows, "row")}, ${count(cell.positives, "positive")}`;
  return markup`${name} ${fixed(cell.value, 4)}${interval}<br>${rows}`;
}

function matrixTitle({ metric, tasks, cells }: MetricMatrix, domains: readonly string[]): string {
  const name = capital(metricText(metric).name);
  const all = tasks.map((task, t) => `${inTitle(task)} ${fixed(cells[t]?.[0]?.value)}`);
  if (cells.every(([cell]) => finite(cell?.value) === null)) return `${name} by task and domain: not defined anywhere`;
  const differences = tasks.flatMap((task, t) =>
    domains.slice(1).flatMap((domain, d) => {
      const [total, cell] = [finite(cells[t]?.[0]?.value), cells[t]?.[d + 1]];
      const value = finite(cell?.value);
      if (total === null || value === null || cell === undefined) return [];
      const covers = cell.low !== null && cell.high !== null && cell.low <= total && total <= cell.high;
      return covers ? [] : [{ task, domain, value, distance: Math.abs(value - total) }];
    }),
  );
  const most = highest(differences, ({ distance }) => distance);
  const finding =
    most && `furthest from it: ${inTitle(most.task)} in ${inTitle(most.domain, domains)} ${fixed(most.value)}`;
  const none = domains.length > 1 ? "no domain's interval excludes it" : null;
  return sentence([`${name} of all rows: ${all.join(", ")}`, finding ?? none]);
}

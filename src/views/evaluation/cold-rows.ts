import type { MatrixCell, MetricMatrix } from "../../metrics/matrix.js";
import type { Evaluation, MetricName } from "../../metrics/types.js";
import { count, ends, fixed, grouped, percent, snakeCase } from "../../util/text.js";
import { sum } from "../../util/turns.js";
import { gainColours, heatPanel, panelRows, rowNames, xAxis } from "../axes.js";
import { bars } from "../bars.js";
import { chart, type Panel, type PanelRow, panelChart } from "../compose.js";
import { type ForestSeries, forestHeight, forestPanel } from "../forest.js";
import { capital, intervalUnit, metricText, taskName } from "../names.js";
import { family, finite, highest, INK, inTitle, type Markup, markup, PLAIN, rounded, sentence } from "../theme.js";
import { type Chart, col, makeSheet, type Sheet } from "../view.js";
import { type GroupCells, groupCells, groupRows, groupsSheet, groupsTitle } from "./groups.js";

const DOMAINS_APART = 6;

/**
 * A row of panels per task, groups from new ids down to well-known ones; with domains, a dot per domain. Filled dots:
 * beyond noise from the median of the groups (the dotted line), or from 1, after correction for all cells.
 */
export function coldRowsChart(evaluation: Evaluation): Chart {
  const [auc, calibration] = [groupCells(evaluation, "auc"), groupCells(evaluation, "calibration")];
  const height = forestHeight(auc.names.length, auc.domains.length > DOMAINS_APART ? 1 : auc.domains.length || 1);
  const rows = evaluation.tasks.map((task, t): PanelRow => {
    const panels = [
      metricPanel(evaluation, `AUC of ${taskName(task)}`, "auc", auc, t),
      metricPanel(evaluation, "Predicted / observed", "calibration", calibration, t),
      rowsPanel(auc, t),
    ];
    return { height, panels, widths: [5, 4, 2] };
  });
  const isEmpty = rows.length === 0 || auc.names.length === 0;
  return chart({
    title: coldTitle(evaluation, auc, calibration),
    rows: isEmpty ? panelRows([], { across: 1, height, empty: "no row has a value" }) : rows,
    legendBelow: true,
    sheet: groupsSheet(evaluation),
  });
}

function metricPanel(
  evaluation: Evaluation,
  title: string,
  metric: MetricName,
  cells: GroupCells,
  task: number,
): Panel {
  const { domains, names } = cells;
  const unit = intervalUnit(metric === "auc" ? "AUC" : "ratio", evaluation.intervalMethod);
  const look = family(domains, { noun: "domain", apart: DOMAINS_APART });
  const isFirst = task === 0 && metric === "auc";
  const level = cells.levels[task]![0] ?? null;
  const series = cells.cells[task]!.map((groups, d): ForestSeries => {
    const estimates = groups.map(({ value, low, high, isApart }) => ({ value, low, high, beyondNoise: isApart }));
    if (domains.length === 0) return { name: "all rows", color: INK, main: true, legend: false, estimates };
    const { color, legend } = look.member(d);
    const inLegend = isFirst && legend.inLegend !== false && look.few;
    return { name: domains[d]!, short: legend.name, color, estimates, legend: inLegend, faint: !look.few };
  });
  return forestPanel({
    title,
    rows: names.map((name) => `${name} rows`),
    series,
    reference: domains.length > 0 && metric === "auc" ? null : level,
    axis: xAxis(unit, { tickformat: ".3~f", nticks: 4 }),
    format: (value) => fixed(value, 4),
    named: metric === "auc",
  });
}

function rowsPanel(cells: GroupCells, task: number): Panel {
  const { names } = cells;
  const rows = groupRows(cells, task);
  return {
    title: "Rows here",
    marks: [
      bars({
        at: [...names.keys()],
        values: rows,
        color: PLAIN,
        width: 0.6,
        lying: true,
        words: rows.map(grouped),
        hover: names.map((name, g) => markup`${name} training rows: ${count(rows[g]!, "row")}`),
      }),
    ],
    xaxis: xAxis("rows", { nticks: 2, tickformat: ".2~s", range: [0, 1.7 * Math.max(1, ...rows)] }),
    ...rowNames(names, { named: false }),
  };
}

function coldTitle(evaluation: Evaluation, auc: GroupCells, calibration: GroupCells): string {
  const words = { noun: "group", place: (name: string): string => `at ${name} rows` };
  const title = groupsTitle(evaluation, auc, calibration, words, "value");
  const isEmpty = evaluation.tasks.length === 0 || auc.names.length === 0;
  return sentence([title, isEmpty ? null : newShare(auc, evaluation.by ?? "value")]);
}

function newShare(cells: GroupCells, column: string): string | null {
  const rows = groupRows(cells, 0);
  const all = sum(rows);
  if (all === 0 || cells.names[0] !== "0") return null;
  return `${percent(rows[0]! / all)} of the rows have a ${column} that training lacks`;
}

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
/** Colours span at least this much, so that noise stays pale. */
const LEAST_SPAN = 0.005;

export function metricMatrixChart(matrix: MetricMatrix): Chart {
  const { tasks, cells } = matrix;
  // A single domain has all rows.
  const domains = matrix.domains.length === 2 ? matrix.domains.slice(0, 1) : matrix.domains;
  const { name } = metricText(matrix.metric);
  const values = tasks.map((_, t) => domains.map((__, d) => gainOverAll(matrix.metric, cells[t] ?? [], d)));
  const height = Math.max(90, tasks.length * 34);
  const panel = heatPanel(
    {
      title: `${capital(name)}; colour: better or worse than all rows of the task`,
      rows: tasks,
      columns: domains,
      values,
      ...gainColours(values.flat(), LEAST_SPAN),
      cell: (t, d) => fixed(cells[t]?.[d]?.value),
      hover: (t, d) => markup`${tasks[t]!}, ${domains[d]!}<br>${cellText(name, cells[t]?.[d])}`,
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
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

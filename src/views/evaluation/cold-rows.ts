/** Cold against warm: AUC and calibration by how many training rows have a row's user, item or other id. */

import type { Evaluation, MetricName } from "../../metrics/index.js";
import { count, fixed, grouped, percent } from "../../util/text/format.js";
import { bars } from "../marks/bars.js";
import { capital, intervalUnit, metricText, taskName } from "../names.js";
import { panelRows, rowNames, xAxis } from "../panels/axes.js";
import { chart, type Panel, type PanelRow } from "../panels/compose.js";
import { type ForestSeries, forestHeight, forestPanel } from "../panels/forest.js";
import { family, INK, markup, PLAIN, sentence } from "../theme.js";
import type { Chart } from "../view.js";
import { type GroupCells, groupCells, groupNoun, groupsFindings, groupsSheet } from "./groups.js";

/** Largest number of domains with intervals. */
const DOMAINS_APART = 6;

/**
 * A row of panels per task, groups from new ids down to well-known ones; with domains, a dot per domain. Filled dots:
 * beyond noise from the median of the groups (the dotted line), or from 1, after correction for all cells.
 */
export function coldRowsChart(evaluation: Evaluation): Chart {
  const [auc, calibration] = [groupCells(evaluation, "auc"), groupCells(evaluation, "calibration")];
  const height = forestHeight(auc.names.length, auc.domains.length > DOMAINS_APART ? 1 : auc.domains.length || 1);
  const rows = evaluation.tasks.map(
    (task, t): PanelRow => ({
      height,
      panels: [
        metricPanel(evaluation, `AUC of ${taskName(task)}`, "auc", auc, t),
        metricPanel(evaluation, "Predicted / observed", "calibration", calibration, t),
        rowsPanel(auc, t),
      ],
      widths: [5, 4, 2],
    }),
  );
  return chart({
    title: coldTitle(evaluation, auc, calibration),
    rows:
      rows.length === 0 || auc.names.length === 0
        ? panelRows([], { across: 1, height, empty: "no row has a value" })
        : rows,
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
  const look = family(domains, { noun: "domain", apart: DOMAINS_APART });
  const isFirst = task === 0 && metric === "auc";
  const level = cells.levels[task]![0] ?? null;
  const series = cells.cells[task]!.map((groups, d): ForestSeries => {
    const estimates = groups.map(({ value, low, high, isApart }) => ({ value, low, high, beyondNoise: isApart }));
    if (domains.length === 0) return { name: "all rows", color: INK, main: true, legend: false, estimates };
    const { color, legend } = look.member(d);
    return {
      name: domains[d]!,
      short: legend.name,
      color,
      estimates,
      legend: isFirst && legend.inLegend !== false && look.few,
      faint: !look.few,
    };
  });
  return forestPanel({
    title,
    rows: names.map((name) => `${name} rows`),
    series,
    reference: domains.length > 0 && metric === "auc" ? null : level,
    axis: xAxis(intervalUnit(metric === "auc" ? "AUC" : "ratio", evaluation.intervalMethod), {
      tickformat: ".3~f",
      nticks: 4,
    }),
    format: (value) => fixed(value, 4),
    named: metric === "auc",
  });
}

/** Rows of each group. */
function rowsPanel({ names, cells }: GroupCells, task: number): Panel {
  const rows = names.map((_, g) => cells[task]!.reduce((total, series) => total + series[g]!.metrics.rows, 0));
  return {
    title: "Rows here",
    marks: [
      bars({
        at: [...names.keys()],
        values: rows,
        color: PLAIN,
        width: 0.6,
        lying: true,
        words: { texts: rows.map(grouped), place: "outside" },
        hover: {
          each: names.map((name, g) => markup`${name} training rows: ${count(rows[g]!, "row")}`),
          template: markup`%{customdata}`,
        },
      }),
    ],
    xaxis: xAxis("rows", { nticks: 2, tickformat: ".2~s", range: [0, 1.7 * Math.max(1, ...rows)] }),
    ...rowNames(names, { named: false }),
  };
}

function coldTitle(evaluation: Evaluation, auc: GroupCells, calibration: GroupCells): string {
  const what = `${capital(metricText("auc").name)} by ${groupNoun(evaluation)}`;
  if (evaluation.tasks.length === 0 || auc.names.length === 0) return `${what}: no row has a value`;
  const words = { noun: "group", place: (name: string): string => `at ${name} rows` };
  const [ranks, rates] = groupsFindings(evaluation, auc, calibration, words);
  return sentence([`${what}: ${ranks}`, rates, newShare(auc, evaluation.by ?? "value")]);
}

/** `12% of the rows have a new user_id`. */
function newShare({ cells, names }: GroupCells, column: string): string | null {
  const rows = (group: number): number =>
    (cells[0] ?? []).reduce((sum, series) => sum + series[group]!.metrics.rows, 0);
  const all = names.reduce((sum, _, group) => sum + rows(group), 0);
  if (all === 0 || names[0] !== "0") return null;
  return `${percent(rows(0) / all)} of the rows have a ${column} that training lacks`;
}

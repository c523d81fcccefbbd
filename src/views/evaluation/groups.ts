import type { ApartGroups, Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../metrics/types.js";
import { count, ends, fixed, percent, snakeCase } from "../../util/text.js";
import { mean, sum } from "../../util/turns.js";
import { panelRows, xAxis } from "../axes.js";
import { chart } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import {
  ALL_ROWS,
  byTaskAndDomain,
  domainNames,
  intervalUnit,
  metricText,
  placeColumns,
  taskColumns,
  taskName,
} from "../names.js";
import { finite, highest, INK, inTitle, largestOf, type Markup, markup, PLAIN, sentence } from "../theme.js";
import { type Chart, type ColumnList, col, type Sheet, sheetFrom } from "../view.js";
import { aucRow } from "./evaluation.js";

export const groupMetrics: readonly MetricName[] = ["auc", "logLoss", "calibration"];

/** Predicted and observed rate of some rows; the predicted one is unknown without positive rows. */
export function groupRates(metrics: TaskMetrics | undefined): { predicted: number | null; observed: number | null } {
  if (metrics === undefined || metrics.rows === 0) return { predicted: null, observed: null };
  const observed = metrics.positives / metrics.rows;
  return { observed, predicted: metrics.calibration === null ? null : metrics.calibration * observed };
}

export function groupsSheet(evaluation: Evaluation): Sheet {
  const names = evaluation.groups?.names ?? domainNames(evaluation);
  const domains = evaluation.groups?.domains ?? [ALL_ROWS];
  const rows = evaluation.tasks.flatMap((task, t) =>
    task.domains.map((value, cell) => {
      const domain = domains[Math.floor(cell / Math.max(1, names.length))] ?? ALL_ROWS;
      return { task, t, cell, domain, group: names[cell % names.length]!, value };
    }),
  );
  return sheetFrom(`Metrics by ${groupNoun(evaluation)}`, rows, [
    taskColumns,
    col.text(["domain_name", "domain"], ({ domain }) => domain),
    col.text(["group", evaluation.by ?? "group"], ({ group }) => group),
    col.count("rows", ({ value }) => value.rows),
    col.count("positives", ({ value }) => value.positives),
    ...groupMetrics.flatMap((metric): ColumnList<(typeof rows)[number]> => {
      const [key, { name }] = [snakeCase(metric), metricText(metric)];
      return [
        col.number([key, name], ({ value }) => value[metric], 4),
        col.ends(
          ({ value }) => value.intervals?.[metric],
          4,
          (end) => [`${key}_${end}`, end],
        ),
        col.flag([`${key}_apart`, "beyond noise"], ({ t, cell }) => {
          return evaluation.apart?.[metric]?.[t]?.isApart[cell] ?? false;
        }),
      ];
    }),
    col.share("predicted", ({ value }) => groupRates(value).predicted, 2),
    col.share("observed", ({ value }) => groupRates(value).observed, 2),
  ]);
}

export function groupNoun({ groups, by }: Pick<Evaluation, "groups" | "by">): string {
  const column = by ?? "column";
  if (groups?.kind === "times") return `${groups.width ?? "time"} of ${column}`;
  return groups?.kind === "trainingRows" ? `training rows of ${column}` : column;
}

export function drillDownSheet(evaluation: Evaluation): Sheet {
  const by = evaluation.by ?? "domain";
  return sheetFrom(`AUC by ${by}`, byTaskAndDomain<TaskEvaluation, TaskMetrics>(evaluation.tasks), [
    placeColumns(domainNames(evaluation), by),
    col.count("rows", ({ value }) => value.rows),
    col.count("positives", ({ value }) => value.positives),
    col.number(["auc", "AUC"], ({ value }) => value.auc, 4),
    col.ends(({ value }) => value.intervals?.auc, 4),
  ]);
}

export interface GroupCell {
  readonly metrics: TaskMetrics;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Beyond noise from the groups' median (or from 1), after correction. */
  readonly isApart: boolean;
  readonly hover: Markup;
}

export interface GroupCells {
  readonly names: readonly string[];
  readonly domains: readonly string[];
  /** By task, domain (one without domains) and group. */
  readonly cells: readonly (readonly (readonly GroupCell[])[])[];
  readonly levels: readonly (readonly (number | null)[])[];
}

const NOTHING_APART: ApartGroups = { levels: [], isApart: [] };

export function groupCells(evaluation: Evaluation, metric: MetricName): GroupCells {
  const names = evaluation.groups?.names ?? domainNames(evaluation);
  const domains = evaluation.groups?.domains ?? [];
  const apart = evaluation.tasks.map((_, t) => evaluation.apart?.[metric]?.[t] ?? NOTHING_APART);
  const series = Math.max(1, domains.length);
  return {
    names,
    domains,
    levels: apart.map(({ levels }) => levels),
    cells: evaluation.tasks.map((task, t) =>
      Array.from({ length: series }, (_, d) =>
        names.map((name, g): GroupCell => {
          const at = d * names.length + g;
          const metrics = task.domains[at]!;
          const { low = null, high = null } = metrics.intervals?.[metric] ?? {};
          const where = [taskName(task), ...(domains.length === 0 ? [] : [domains[d]!]), name].join(", ");
          const hover = cellHover(where, metrics, metric);
          return { metrics, value: finite(metrics[metric]), low, high, isApart: apart[t]!.isApart[at] ?? false, hover };
        }),
      ),
    ),
  };
}

function cellHover(where: string, metrics: TaskMetrics, metric: MetricName): Markup {
  if (metrics.rows === 0) return markup`${where}: no rows`;
  const value = `${metricText(metric).name} ${fixed(metrics[metric], 4)}${ends(metrics.intervals?.[metric], (end) => fixed(end, 4))}`;
  const { predicted, observed } = groupRates(metrics);
  const rates = `predicted ${percent(predicted, 2)}, observed ${percent(observed, 2)}`;
  return markup`${where}<br>${value}<br>${rates}<br>${count(metrics.rows, "row")}, ${count(metrics.positives, "positive")}`;
}

export function groupRows({ names, cells }: GroupCells, task: number): number[] {
  return names.map((_, g) => sum((cells[task] ?? []).map((series) => series[g]!.metrics.rows)));
}

export interface GroupWords {
  readonly noun: string;
  /** `on 2024-05-06`, `at 0 training rows`. */
  place(name: string): string;
}

/** The title of a chart by group. @param empty what no row has */
export function groupsTitle(
  evaluation: Evaluation,
  auc: GroupCells,
  calibration: GroupCells,
  words: GroupWords,
  empty: string,
): string {
  const what = `AUC by ${groupNoun(evaluation)}`;
  if (evaluation.tasks.length === 0 || auc.names.length === 0) return `${what}: no row has a ${empty}`;
  const [ranks, rates] = groupsFindings(evaluation, auc, calibration, words);
  return sentence([`${what}: ${ranks}`, rates]);
}

function groupsFindings(
  { tasks, intervalMethod }: Evaluation,
  auc: GroupCells,
  calibration: GroupCells,
  words: GroupWords,
): readonly [auc: string, calibration: string | null] {
  const parts = tasks.map((task, t) => {
    const name = inTitle(taskName(task));
    const levels = auc.levels[t]!.flatMap((level) => level ?? []);
    if (levels.length === 0) return `${name} is not defined`;
    const middle = fixed(mean(levels));
    if (intervalMethod == null) return `${name} ${middle}, no intervals`;
    const furthest = furthestCell(auc, t, words);
    return furthest === undefined
      ? `${name} ${middle}, no ${words.noun} beyond noise`
      : `${name} ${fixed(furthest.value)} ${furthest.place} (median ${middle})`;
  });
  const off = tasks.flatMap((task, t) => {
    const furthest = furthestCell(calibration, t, words);
    if (furthest === undefined) return [];
    return [{ ...furthest, text: `${inTitle(task.label)} predicted × ${fixed(furthest.value, 2)} ${furthest.place}` }];
  });
  return [parts.join(", "), highest(off, ({ distance }) => distance)?.text ?? null];
}

function furthestCell({ cells, names, domains, levels }: GroupCells, task: number, words: GroupWords) {
  const all = cells[task]!.flatMap((series, d) =>
    series.flatMap((cell, g) => {
      const level = levels[task]![d] ?? null;
      if (!cell.isApart || cell.value === null || level === null) return [];
      const domain = domains.length === 0 ? "" : ` in ${inTitle(domains[d]!, domains)}`;
      const place = `${words.place(names[g]!)}${domain}`;
      return [{ distance: Math.abs(cell.value - level), value: cell.value, place }];
    }),
  );
  return highest(all, ({ distance }) => distance);
}

const MAX_VALUES = 24;

/** AUC by value, with intervals. Filled dots are beyond noise from the median (the dotted line), after correction. */
export function drillDownChart(evaluation: Evaluation): Chart {
  const { tasks, apart, intervalMethod } = evaluation;
  const names = domainNames(evaluation);
  // A single value is that of all rows.
  const rowsAt = (d: number): number => tasks[0]?.domains[d]?.rows ?? 0;
  const places = names.length < 2 ? [] : largestOf([...names.keys()], rowsAt, MAX_VALUES);
  const panels = tasks.map((task, t) => {
    const groups = apart?.auc?.[t];
    const values = places.map((d): DotRow => {
      const hollow = groups?.isApart[d] === false;
      return { ...aucRow(task, names[d]!, task.domains[d]), color: PLAIN, hollow };
    });
    return dotRowsPanel({
      title: taskName(task),
      rows: [{ ...aucRow(task, ALL_ROWS, task.overall), color: INK, main: true }, ...values],
      reference: finite(groups?.levels[0] ?? task.overall.auc) ?? undefined,
      axis: xAxis(intervalUnit("AUC", intervalMethod), { tickformat: ".3~f" }),
      letters: 14,
    });
  });
  return chart({
    title: drillDownTitle(evaluation, names, places.length),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(places.length + 1), empty: "no tasks" }),
    sheet: drillDownSheet(evaluation),
  });
}

function drillDownTitle({ by, tasks, apart }: Evaluation, names: readonly string[], valueCount: number): string {
  const parts = tasks.flatMap((task, t) => weakest(task, names, apart?.auc?.[t]));
  const what = `AUC by ${inTitle(by ?? "domain")}`;
  if (names.length === 1) {
    const all = tasks.map((task) => `${inTitle(taskName(task))} ${fixed(task.overall.auc)}`);
    return sentence([`${what}: ${all.join(", ")}`, `${inTitle(names[0]!)} is the only value`]);
  }
  const cut = valueCount < names.length ? `the ${MAX_VALUES} of ${count(names.length, "value")} with most rows` : null;
  return sentence([parts.length === 0 ? `${what}: not defined for any value` : `${what}: ${parts.join("; ")}`, cut]);
}

function weakest(task: TaskEvaluation, names: readonly string[], apart: ApartGroups | undefined): string[] {
  const values = task.domains.flatMap(({ auc, rows }, d) => {
    const value = finite(auc);
    return value === null ? [] : [{ value, rows, name: inTitle(names[d]!, names), at: d }];
  });
  const worst = highest(values, ({ value }) => -value);
  if (worst === undefined) return [];
  const name = inTitle(taskName(task));
  if (values.length === 1) return [`${name} ${fixed(worst.value)} at ${worst.name}`];
  const level = apart === undefined ? `all rows ${fixed(task.overall.auc)}` : `median ${fixed(apart.levels[0])}`;
  // The weakest of noisy values is not known to be weak.
  if (task.domains[worst.at]?.intervals !== undefined && apart?.isApart[worst.at] === false) {
    return [`${name} at no value apart from the others (${level})`];
  }
  return [`${name} weakest at ${worst.name} (${fixed(worst.value)} on ${count(worst.rows, "row")}, ${level})`];
}

/** The view of an evaluation: metrics by task and domain. */
import { aucWithinDomains } from "../../../core/metrics/intervals/apart.js";
import { widenedFor } from "../../../core/metrics/intervals/normal.js";
import type { AucFloor, Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../../core/metrics/types.js";
import { configuredMetric } from "../../../core/spec/metrics.js";
import { count, ends, fixed, snakeCase } from "../../../core/util/text.js";
import { chart, type PanelRow, panelRows, xAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { colour, finite, firstTasks, INK, inTitle, markup, PLAIN, sentence } from "../theme.js";
import {
  ALL_ROWS,
  type AucReference,
  byTaskAndDomain,
  type Chart,
  type Column,
  col,
  domainNames,
  drawnDomains,
  findReference,
  intervalUnit,
  metricText,
  placeColumns,
  type Sheet,
  sheetFrom,
  type TaskDomain,
  taskName,
  valueIn,
} from "../view.js";

type Row = TaskDomain<TaskEvaluation, TaskMetrics>;

/** Metrics in the table; the others are only in records. */
const SHOWN_DIGITS: Partial<Record<MetricName, number>> = { logLoss: 4, calibration: 3 };
const METRICS: readonly MetricName[] = [
  "groupedAuc",
  "logLoss",
  "normalizedEntropy",
  "calibration",
  "expectedCalibrationError",
  "accuracy",
  "meanAbsoluteError",
  "meanSquaredError",
  "rootMeanSquaredError",
];

export function evaluationSheet(evaluation: Evaluation, references?: readonly AucReference[]): Sheet {
  const rows = byTaskAndDomain(evaluation.tasks);
  const has = (key: keyof TaskMetrics): boolean => rows.some(({ value }) => value[key] !== undefined);
  // The metrics that towers request, under TorchEasyRec's names; AUC, which every table has, in records only.
  const names = new Set(rows.flatMap(({ value }) => Object.keys(value.configured)));
  return sheetFrom("Evaluation by task and domain", rows, [
    placeColumns(domainNames(evaluation)),
    col.count("rows", ({ value }) => value.rows),
    col.count(["positives", null], ({ value }) => value.positives),
    col.share([null, "positive"], ({ value: { rows, positives } }) => (rows === 0 ? null : positives / rows), 1),
    col.number(["auc", "AUC"], ({ value }) => value.auc, 4),
    intervalColumns(rows, "auc", 4),
    rows.some(({ task }) => task.floor !== undefined) &&
      col.number(["floor_auc", "logistic regression"], ({ task, domain }) => valueIn(task.floor, domain), 4),
    referenceColumns(references),
    has("groups") && col.count(["groups", null], ({ value }) => value.groups),
    METRICS.filter(has).map(metricColumn),
    METRICS.flatMap((metric) => intervalColumns(rows, metric)),
    [...names].map((name) => {
      const value = ({ value: { configured } }: Row) => configured[name];
      // The user's own have no label; those of TorchEasyRec that are only kept have no values.
      const label = configuredMetric(name)?.label ?? (rows.some((row) => value(row) != null) ? name : undefined);
      return col.number([`config_${name}`, name === "auc" ? null : label], value, 4);
    }),
  ]);
}

function metricColumn(metric: MetricName): Column<Row> {
  const digits = SHOWN_DIGITS[metric];
  const heading = digits === undefined ? undefined : metricText[metric];
  return col.number([snakeCase(metric), heading], ({ value }) => value[metric], digits);
}

/** The ends of a metric's interval, if the evaluation has them; tables show only those of AUC. */
function intervalColumns(rows: readonly Row[], metric: MetricName, digits?: number): readonly Column<Row>[] {
  const interval = ({ value }: Row) => value.intervals?.[metric];
  if (!rows.some(interval)) return [];
  return col.ends(interval, digits, snakeCase(metric), (end) => (digits === undefined ? null : end));
}

function referenceColumns(references: readonly AucReference[] | undefined): Column<Row>[] {
  if (references === undefined || references.length === 0) return [];
  const best = ({ task, domain }: Row): number | null => valueIn(findReference(references, task.tower), domain) ?? null;
  const left = (row: Row): number | null => {
    const most = best(row);
    return most === null || row.value.auc === null ? null : most - row.value.auc;
  };
  return [col.number(["best_auc", "best achievable"], best, 4), col.number(["left_to_best", "left to it"], left, 4)];
}

/** AUC by task × domain, with marks of `references` and the floor. @param call the code that looks into a domain */
export function aucByDomainChart(
  evaluation: Evaluation,
  references?: readonly AucReference[],
  call?: (domain: string) => string,
): Chart {
  const names = drawnDomains(evaluation.domainNames, evaluation.tasks);
  const tasks = evaluation.tasks.map((task) => {
    const achievable = findReference(references, task.tower)?.overall ?? null;
    const limit = achievable === null ? "" : ` of ${fixed(achievable)} achievable`;
    const findings = [belowFloor(task, evaluation), lowestAuc(task, names, evaluation), limit].filter(
      (each) => each !== "",
    );
    const value = `${inTitle(taskName(task))} ${fixed(task.overall.auc)}${ends(task.overall.intervals?.auc)}`;
    const [first = "", ...others] = findings;
    return sentence([`${value}${first}`, ...others.map((each) => each.replace(/^,? /, ""))]);
  });
  return chart({
    title: `AUC of ${sentence(firstTasks(tasks))}`,
    rows: aucRows(evaluation, references, { call }),
    legendBelow: true,
    sheet: evaluationSheet(evaluation, references),
  });
}

interface AucRowsOptions {
  readonly across?: number;
  /** Largest number of domains a task: the lowest. Default: all. */
  readonly most?: number;
  readonly call?: ((domain: string) => string) | undefined;
}

export function aucRows(
  evaluation: Evaluation,
  references?: readonly AucReference[],
  { across = 2, most = Number.POSITIVE_INFINITY, call }: AucRowsOptions = {},
): PanelRow[] {
  const names = drawnDomains(evaluation.domainNames, evaluation.tasks);
  const panels = evaluation.tasks.map((task) => {
    const [all, ...domains] = sortedRows(task, names);
    const rows = [all!, ...(domains.length <= most ? domains : domains.slice(-most))];
    return dotRowsPanel({
      title: `AUC of ${taskName(task)}${names.length > most ? `, the ${most} lowest of ${count(names.length, "domain")}` : ""}`,
      rows: rows.map(({ row, domain, name }) => (call && domain >= 0 ? { ...row, call: call(name) } : row)),
      levels: comparisons.flatMap((comparison) => {
        const aucs = comparedAucs(comparison, task, references);
        if (aucs === undefined) return [];
        const first = evaluation.tasks.find((each) => comparedAucs(comparison, each, references) !== undefined);
        const { name, group, symbol, color } = comparison;
        const inLegend = task === first;
        const values = rows.map(({ domain }) => valueIn(aucs, domain) ?? null);
        const hover = rows.map((row, r) => markup`${taskName(task)}, ${row.name}<br>${name}: ${fixed(values[r], 4)}`);
        return [{ values, symbol, color, legend: { name, group, inLegend }, hover }];
      }),
      axis: xAxis(intervalUnit("AUC", evaluation.intervalMethod), { tickformat: ".3~f" }),
    });
  });
  return panelRows(panels, { across, height: dotRowsHeight(Math.min(most, names.length) + 1), empty: "no tasks" });
}

/** All rows first, then the domains from the highest to the lowest AUC, and those without. */
function sortedRows(task: TaskEvaluation, names: readonly string[]) {
  const placed = [ALL_ROWS, ...names].map((name, index) => {
    const domain = index - 1;
    const color = domain < 0 ? INK : colour(domain, names.length);
    const row: DotRow = { ...aucRow(task, name, valueIn(task, domain)), color, main: domain < 0 };
    return { domain, name, row };
  });
  const [all, ...domains] = placed;
  return [all!, ...domains.sort((a, b) => (b.row.value ?? -1) - (a.row.value ?? -1))];
}

const comparisons = [
  { name: "best achievable", group: "reference", symbol: "line-ns", color: INK },
  { name: "logistic regression", group: "floor", symbol: "diamond-open", color: PLAIN },
] as const;
type Comparison = (typeof comparisons)[number];

function comparedAucs(
  { group }: Comparison,
  { tower, floor }: TaskEvaluation,
  references: readonly AucReference[] | undefined,
): AucFloor | undefined {
  return group === "floor" ? floor : findReference(references, tower);
}

/** Only if the whole interval, corrected for the number of tasks, is below it. */
function belowFloor(
  { overall: { auc, intervals }, floor }: TaskEvaluation,
  { tasks, intervalMethod }: Evaluation,
): string {
  const { low = null, high = null } = intervals?.auc ?? {};
  if (auc === null || floor?.overall == null || low === null || high === null) return "";
  if (widenedFor(auc, { low, high }, tasks.length, intervalMethod?.level ?? 0.95).high >= floor.overall) return "";
  return `, below logistic regression (${fixed(floor.overall)})`;
}

export function aucRow(task: TaskEvaluation, name: string, metrics: TaskMetrics | undefined): Omit<DotRow, "color"> {
  const [value, interval] = [finite(metrics?.auc), metrics?.intervals?.auc];
  const rows = `${count(metrics?.rows ?? 0, "row")}, ${count(metrics?.positives ?? 0, "positive", "positive")}`;
  const numbers = `AUC ${fixed(value, 4)}${ends(interval, (end) => fixed(end, 4))}`;
  const place = `${taskName(task)}, ${name}`;
  const hover = value === null ? markup`${place}: ${gapText(metrics)}` : markup`${place}<br>${numbers}<br>${rows}`;
  return { name, value, low: interval?.low, high: interval?.high, printed: fixed(value), hover };
}

function gapText(metrics: TaskMetrics | undefined): string {
  if (metrics === undefined || metrics.rows === 0) return "no rows";
  if (metrics.positives === 0) return `no positive among ${count(metrics.rows, "row")}`;
  return metrics.positives === metrics.rows ? `only positives among ${count(metrics.rows, "row")}` : "not defined";
}

interface RankedDomain {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Below the mean within domains beyond noise, by the same rule as the judge of weak domains. */
  readonly isWeak: boolean;
}

/**
 * The lowest domain, and whether other domains' intervals overlap its own, so that noise may decide their order: `lowest in
 * live (0.662) or another`. If many domains overlap it, those that are below the mean. Without intervals the range of
 * values; `null` with fewer than two domains.
 */
export function lowestDomain(domains: readonly RankedDomain[], names: readonly string[]): string | null {
  const [first, ...others] = [...domains].sort((a, b) => a.value - b.value);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return null;
  const at = ({ name, value }: RankedDomain): string => `${inTitle(name, names)} (${fixed(value)})`;
  const end = first.high;
  if (end === null || others.some(({ low }) => low === null)) {
    return `${fixed(first.value)} to ${fixed(last.value)} by domain`;
  }
  const close = others.filter(({ low }) => low! <= end);
  if (close.length > 0 && (close.length === others.length || close.length > 2)) {
    const weak = [first, ...others].filter(({ isWeak }) => isWeak);
    if (weak.length === 0) return "no domain lowest beyond noise";
    return `weak in ${at(weak[0]!)}${weak.length === 1 ? "" : ` and ${weak.length - 1} more`}`;
  }
  const alike = close.length === 0 ? "" : close.length === 1 ? " or another" : " or others";
  return `lowest in ${at(first)}${alike}`;
}

/** `, lowest in live (0.662)`: the domain with the lowest AUC, for titles; empty with fewer than two. */
export function lowestAuc(
  { domains }: Pick<TaskEvaluation, "domains">,
  names: readonly string[],
  { intervalMethod }: Pick<Evaluation, "intervalMethod">,
): string {
  const sides = domainSides(domains, intervalMethod?.level);
  const ranked = names.flatMap((name, d): RankedDomain[] => {
    const value = finite(domains[d]?.auc);
    const { low = null, high = null } = domains[d]?.intervals?.auc ?? {};
    return value === null ? [] : [{ name, value, low, high, isWeak: sides[d] === "below" }];
  });
  const lowest = lowestDomain(ranked, names);
  return lowest === null ? "" : `, ${lowest}`;
}

/** By domain: on which side of the mean AUC within domains its whole interval is, corrected for their number. */
export function domainSides(domains: readonly TaskMetrics[], level = 0.95): ("below" | "above" | null)[] {
  const within = aucWithinDomains(domains, level);
  return domains.map((_, d) => {
    const ends = within?.intervals[d] ?? null;
    if (ends === null) return null;
    return ends.high < within!.mean ? "below" : ends.low > within!.mean ? "above" : null;
  });
}

/** AUC of an evaluation: a panel per task, sorted dots by domain with their intervals, and levels to compare with. */
import type { AucFloor, Evaluation, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import {
  ALL_ROWS,
  type AucReference,
  drawnDomains,
  evaluationSheet,
  findReference,
  intervalUnit,
  taskName,
} from "../../tables/index.js";
import { count, ends, fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import {
  chart,
  type DotLevel,
  type DotRow,
  dotRowsHeight,
  dotRowsPanel,
  type PanelRow,
  panelRows,
  xAxis,
} from "../panels/index.js";
import { colour, finite, INK, inTitle, type Markup, markup, PLAIN, sentence } from "../theme/index.js";
import { lowestAuc } from "./lowest.js";

/** Letters of a domain's name, with two panels side by side. */
const LETTERS = 16;

/** AUC by task × domain, with a mark for each value in `references` and for the logistic regression. */
export function aucByDomainChart(
  evaluation: Evaluation,
  references?: readonly AucReference[],
  { call }: Pick<AucRowsOptions, "call"> = {},
): Chart {
  return chart({
    title: aucTitle(evaluation, references),
    rows: aucRows(evaluation, references, { call }),
    legendBelow: true,
    sheet: evaluationSheet(evaluation, references),
  });
}

/** Choices of {@link aucRows}. */
export interface AucRowsOptions {
  /** Largest number of panels side by side. Default: 2. */
  readonly across?: number;
  /** Largest number of domains a task: the lowest. Default: all. */
  readonly most?: number;
  /** The code that looks into a domain. Default: none. */
  readonly call?: ((domain: string) => string) | undefined;
}

/** The rows of panels of {@link aucByDomainChart}, for figures with others. */
export function aucRows(
  evaluation: Evaluation,
  references?: readonly AucReference[],
  { across = 2, most = Number.POSITIVE_INFINITY, call }: AucRowsOptions = {},
): PanelRow[] {
  const names = drawnDomains(evaluation.domainNames, evaluation.tasks);
  const panels = evaluation.tasks.map((task) => {
    const rows = lowestRows(sortedRows(task, names), most);
    return dotRowsPanel({
      title: `AUC of ${taskName(task)}${names.length > most ? `, the ${most} lowest of ${count(names.length, "domain")}` : ""}`,
      rows: rows.map(({ row, domain, name }) => (call && domain >= 0 ? { ...row, call: call(name) } : row)),
      levels: comparisons.flatMap((comparison) => {
        const aucs = comparison.aucs(task, references);
        if (aucs === undefined) return [];
        const first = evaluation.tasks.find((each) => comparison.aucs(each, references) !== undefined);
        return [level(comparison, aucs, task, rows, task === first)];
      }),
      axis: xAxis(intervalUnit("AUC", evaluation.intervalMethod), { tickformat: ".3~f" }),
      letters: LETTERS,
    });
  });
  return panelRows(panels, { across, height: dotRowsHeight(Math.min(most, names.length) + 1), empty: "no tasks" });
}

interface PlacedRow {
  /** The domain's number; −1: all rows. */
  readonly domain: number;
  readonly name: string;
  readonly row: DotRow;
}

/** All rows first, then the domains from the highest to the lowest AUC, and those without. */
function sortedRows(task: TaskEvaluation, names: readonly string[]): PlacedRow[] {
  const placed = [task.overall, ...names.map((_, d) => task.domains[d])].map((metrics, index): PlacedRow => {
    const [domain, name] = [index - 1, index === 0 ? ALL_ROWS : names[index - 1]!];
    const interval = metrics?.intervals?.auc;
    const row = {
      name,
      value: finite(metrics?.auc),
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      color: domain < 0 ? INK : colour(domain, names.length),
      main: domain < 0,
      printed: fixed(metrics?.auc),
      hover: hoverText(task, name, metrics),
    };
    return { domain, name, row };
  });
  const [all, ...domains] = placed;
  return [all!, ...domains.sort((a, b) => (b.row.value ?? -1) - (a.row.value ?? -1))];
}

function lowestRows(rows: readonly PlacedRow[], most: number): readonly PlacedRow[] {
  const [all, ...domains] = rows;
  return domains.length <= most ? rows : [all!, ...domains.slice(-most)];
}

/** AUCs to compare with. */
interface Comparison extends Pick<DotLevel, "symbol" | "color"> {
  readonly name: string;
  readonly group: string;
  /** A task's; `undefined`: it has none. */
  aucs(task: TaskEvaluation, references: readonly AucReference[] | undefined): AucFloor | undefined;
}

const comparisons: readonly Comparison[] = [
  {
    ...{ name: "best achievable", group: "reference", symbol: "line-ns", color: INK },
    aucs: ({ tower }, references) => findReference(references, tower),
  },
  {
    ...{ name: "logistic regression", group: "floor", symbol: "diamond-open", color: PLAIN },
    aucs: ({ floor }) => floor,
  },
];

/** The marks of a comparison, in the order of the rows. */
function level(
  { name, group, symbol, color }: Comparison,
  { overall, domains }: AucFloor,
  task: TaskEvaluation,
  rows: readonly PlacedRow[],
  inLegend: boolean,
): DotLevel {
  const values = rows.map(({ domain }) => (domain < 0 ? overall : (domains[domain] ?? null)));
  return {
    values,
    symbol,
    color,
    legend: { name, group, inLegend },
    hover: rows.map((row, r) => markup`${taskName(task)}, ${row.name}<br>${name}: ${fixed(values[r], 4)}`),
  };
}

/** Each task's AUC with its interval and the best achievable, and its weakest domain. */
function aucTitle(evaluation: Evaluation, references: readonly AucReference[] | undefined): string {
  const names = drawnDomains(evaluation.domainNames, evaluation.tasks);
  const tasks = evaluation.tasks.map((task) => {
    const achievable = findReference(references, task.tower)?.overall ?? null;
    const limit = achievable === null ? "" : ` of ${fixed(achievable)} achievable`;
    return `${inTitle(taskName(task))} ${fixed(task.overall.auc)}${ends(task.overall.intervals?.auc)}${limit}${belowFloor(task)}${lowestAuc(task, names)}`;
  });
  return `AUC of ${sentence(tasks)}`;
}

function belowFloor({ overall, floor }: TaskEvaluation): string {
  if (overall.auc === null || floor?.overall == null || overall.auc > floor.overall) return "";
  return `, below logistic regression (${fixed(floor.overall)})`;
}

function hoverText(task: TaskEvaluation, name: string, metrics: TaskMetrics | undefined): Markup {
  if (finite(metrics?.auc) === null) return markup`${taskName(task)}, ${name}: ${gapText(metrics)}`;
  const interval = ends(metrics?.intervals?.auc, (value) => fixed(value, 4));
  const rows = `${count(metrics?.rows ?? 0, "row")}, ${count(metrics?.positives ?? 0, "positive", "positive")}`;
  return markup`${taskName(task)}, ${name}<br>AUC ${fixed(metrics?.auc, 4)}${interval}<br>${rows}`;
}

/** Why an AUC is undefined. */
function gapText(metrics: TaskMetrics | undefined): string {
  if (metrics === undefined || metrics.rows === 0) return "no rows";
  if (metrics.positives === 0) return `no positive among ${count(metrics.rows, "row")}`;
  return metrics.positives === metrics.rows ? `only positives among ${count(metrics.rows, "row")}` : "not defined";
}

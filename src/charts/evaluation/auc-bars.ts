/** AUC of an evaluation by task and domain, with the best achievable if known. */
import type { AucFloor, Evaluation, Interval, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import {
  ALL_ROWS,
  type AucReference,
  domainNames,
  evaluationSheet,
  findReference,
  taskName,
} from "../../tables/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { bars, dashes, dots, rule, sideBySide, type Whiskers } from "../marks/index.js";
import { columnNames, type Panel, panelChart, yAxis } from "../panels/index.js";
import { colour, faded, finite, GRID, INK, inTitle, type Markup, markup, rounded, sentence } from "../theme/index.js";

/** Largest number of groups drawn as bars; more are drawn as dots, in the order of domains. */
const BAR_GROUPS = 12;
/** Pixels for the axes, after margins and a legend of average names. */
const AXES_WIDTH = 420;
/** Bars begin at chance. */
const CHANCE = 0.5;

/** AUC by task × domain, bars from 0.5 (chance), with a mark for each value in `references`. */
export function aucBarsChart(evaluation: Evaluation, references?: readonly AucReference[]): Chart {
  const { title: _, ...panel } = aucBarsPanel(evaluation, references);
  return panelChart(aucBarsTitle(evaluation, references), panel, 280, evaluationSheet(evaluation, references));
}

/**
 * The axes of {@link aucBarsChart}, for figures of several panels.
 *
 * @param legend whether the legend has the tasks too, or the references only
 */
export function aucBarsPanel(
  evaluation: Evaluation,
  references?: readonly AucReference[],
  legend: "all" | "references" = "all",
): Panel {
  const names = [ALL_ROWS, ...domainNames(evaluation)];
  const [low, high] = aucRange(evaluation, references, names.length > BAR_GROUPS);
  const { xaxis, below } = columnNames(names, AXES_WIDTH);
  const compared = evaluation.tasks.find(({ tower }) => findReference(references, tower) !== undefined);
  const floored = evaluation.tasks.find(({ floor }) => floor !== undefined);
  const marks = evaluation.tasks.flatMap((task, t) => {
    const at = sideBySide(names.length, t, evaluation.tasks.length);
    const reference = findReference(references, task.tower);
    return [
      ...taskMarks(evaluation, task, t, names, at, low, legend === "all"),
      ...(reference === undefined ? [] : [levelMarks(best, reference, task, names, at, task === compared)]),
      ...(task.floor === undefined ? [] : [levelMarks(regression, task.floor, task, names, at, task === floored)]),
    ];
  });
  const chance = rule({
    from: [-0.6, CHANCE],
    to: [names.length - 0.4, CHANCE],
    color: GRID,
    width: 2,
    dash: "solid",
  });
  return {
    title: "AUC by domain",
    marks: [...marks, chance],
    xaxis: { ...xaxis, range: [-0.6, names.length - 0.4] },
    yaxis: yAxis("AUC", { range: [low, high], tickformat: ".2f" }),
    below,
  };
}

/** One task's bars, or dots if there are many domains; dashes if AUC is undefined. */
function taskMarks(
  { tasks }: Evaluation,
  task: TaskEvaluation,
  index: number,
  names: readonly string[],
  at: readonly number[],
  floor: number,
  inLegend: boolean,
): PlotlyTrace[] {
  const many = names.length > BAR_GROUPS;
  const groups = names.map((_, g) => [task.overall, ...task.domains][g]);
  const aucs = groups.map((metrics) => finite(metrics?.auc));
  const shade = colour(index, tasks.length);
  const shared = {
    color: shade,
    legend: { name: taskName(task), group: task.tower, inLegend },
    hover: groups.map((metrics, g) => hoverText(task, names[g]!, metrics)),
  };
  const whiskers = intervals(groups, shade, many);
  const room = tasks.length * names.length;
  const main = many
    ? dots({ x: at, y: aucs, size: 7, whiskersY: whiskers, ...shared })
    : bars({
        at,
        values: aucs,
        base: CHANCE,
        width: 0.8 / tasks.length,
        words: {
          texts: aucs.map((auc) => fixed(auc)),
          place: room <= 14 ? "inside" : "none",
          atFoot: true,
          upright: room > 10,
        },
        whiskers,
        ...shared,
      });
  const gaps = [...aucs.keys()].filter((g) => aucs[g] === null);
  const reasons = gaps.map((g) => markup`${taskName(task)}, ${names[g]!}: ${gapText(groups[g])}`);
  const places = gaps.map((g) => at[g]!);
  return [
    main,
    ...dashes(
      places,
      places.map(() => floor),
      reasons,
      "top center",
    ),
  ];
}

/** The intervals of AUCs, if the evaluation has them. */
function intervals(groups: readonly (TaskMetrics | undefined)[], shade: string, many: boolean): Whiskers | undefined {
  if (groups.every((metrics) => metrics?.intervals?.auc === undefined)) return undefined;
  return {
    low: groups.map((metrics) => metrics?.intervals?.auc?.low ?? null),
    high: groups.map((metrics) => metrics?.intervals?.auc?.high ?? null),
    color: many ? faded(shade, 0.6) : INK,
    thickness: many ? 1 : 2,
    caps: many ? 0 : 4,
  };
}

/** A level to compare with: its name, the colour and width of its lines. */
interface Level {
  readonly name: string;
  readonly group: string;
  readonly color: string;
  readonly width: number;
}

const best: Level = { name: "best achievable", group: "reference", color: INK, width: 2.5 };
const regression: Level = { name: "logistic regression", group: "floor", color: faded(INK, 0.7), width: 1.5 };

/** AUCs to compare with, as short lines across the bars. */
function levelMarks(
  level: Level,
  { overall, domains }: AucFloor,
  task: TaskEvaluation,
  names: readonly string[],
  at: readonly number[],
  inLegend: boolean,
): PlotlyTrace {
  return dots({
    x: at,
    y: names.map((_, g) => (g === 0 ? overall : (domains[g - 1] ?? null))),
    color: level.color,
    symbol: "line-ew",
    size: names.length > BAR_GROUPS ? 9 : 22,
    outline: { color: level.color, width: level.width },
    legend: { name: level.name, group: level.group, inLegend },
    hover: {
      template: markup`%{customdata}<br>${level.name}: %{y:.4f}`,
      each: names.map((name) => markup`${taskName(task)}, ${name}`),
    },
  });
}

/** Each task's AUC with its interval and the best achievable, and its weakest domain. */
function aucBarsTitle(evaluation: Evaluation, references: readonly AucReference[] | undefined): string {
  const names = domainNames(evaluation);
  const tasks = evaluation.tasks.map((task) => {
    const best = findReference(references, task.tower)?.overall ?? null;
    const ends = intervalText(task.overall.intervals?.auc, 3);
    const achievable = best === null ? "" : ` of ${fixed(best)} achievable`;
    return `${inTitle(taskName(task))} ${fixed(task.overall.auc)}${ends}${achievable}${belowFloor(task)}${lowestDomain(task, names)}`;
  });
  return `AUC of ${sentence(tasks)}`;
}

function belowFloor({ overall, floor }: TaskEvaluation): string {
  if (overall.auc === null || floor?.overall == null || overall.auc > floor.overall) return "";
  return `, below logistic regression (${fixed(floor.overall)})`;
}

function lowestDomain({ domains }: TaskEvaluation, names: readonly string[]): string {
  if (domains.length < 2) return "";
  const aucs = domains.flatMap((metrics, d) => {
    const auc = finite(metrics.auc);
    return auc === null ? [] : [{ auc, name: names[d]! }];
  });
  const [lowest] = aucs.sort((a, b) => a.auc - b.auc);
  return lowest === undefined ? "" : `, lowest in ${inTitle(lowest.name)} (${fixed(lowest.auc)})`;
}

function hoverText(task: TaskEvaluation, name: string, metrics: TaskMetrics | undefined): Markup {
  const ends = intervalText(metrics?.intervals?.auc);
  const rows = `${count(metrics?.rows ?? 0, "row")}, ${count(metrics?.positives ?? 0, "positive", "positive")}`;
  return markup`${taskName(task)}, ${name}<br>AUC ${fixed(metrics?.auc, 4)}${ends}<br>${rows}`;
}

/** Why an AUC is undefined. */
function gapText(metrics: TaskMetrics | undefined): string {
  if (metrics === undefined || metrics.rows === 0) return "no rows";
  if (metrics.positives === 0) return `no positive among ${count(metrics.rows, "row")}`;
  return metrics.positives === metrics.rows ? `only positives among ${count(metrics.rows, "row")}` : "not defined";
}

/** ` (0.7213 to 0.7405)`, or nothing. */
function intervalText(interval: Interval | undefined, digits = 4): string {
  if (interval === undefined || interval.low === null || interval.high === null) return "";
  return ` (${fixed(interval.low, digits)} to ${fixed(interval.high, digits)})`;
}

/** The ends of the y axis: bars start at chance; dots need not include it. */
function aucRange(
  { tasks }: Evaluation,
  references: readonly AucReference[] | undefined,
  many: boolean,
): [number, number] {
  const groups = tasks.flatMap((task) => [task.overall, ...task.domains]);
  const floors = tasks.flatMap(({ floor }) => (floor === undefined ? [] : [floor]));
  const levels = [...(references ?? []), ...floors].flatMap((level) => [level.overall, ...level.domains]);
  const all = [...groups.map(({ auc }) => auc), ...levels].filter((auc) => auc !== null);
  const ends = groups
    .flatMap(({ intervals: of }) => [of?.auc?.low ?? null, of?.auc?.high ?? null])
    .filter((end) => end !== null);
  const [low, high] = [Math.min(CHANCE, ...all), Math.max(0.6, ...all, ...ends)];
  if (many && all.length > 0) {
    const least = Math.min(...all, ...ends);
    return [rounded(Math.max(0, least - 0.02)), rounded(Math.min(1, high + 0.02))];
  }
  return [low === CHANCE ? CHANCE : low - 0.02, Math.min(1, high + 0.03)];
}

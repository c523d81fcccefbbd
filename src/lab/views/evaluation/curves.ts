/** The views of ROC curves and of precision by recall. */
import type { CurvePoint, ScoreCurve, TaskCurves } from "../../../core/metrics/curve-types.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../../../core/metrics/types.js";
import { count, ends, fixed, percent } from "../../../core/util/text.js";
import { chart, type Panel, type PanelRow, panelRows, xAxis, yAxis } from "../compose.js";
import { type DotLevel, type DotRow, dotRowsPanel } from "../dot-rows.js";
import { band, type LineLook, line, rule } from "../lines.js";
import {
  BETTER,
  colour,
  finite,
  firstTasks,
  GRID,
  INK,
  inTitle,
  MAX_COLOURS,
  type Markup,
  markup,
  ONE_OF_MANY,
  PLAIN,
  rounded,
  sentence,
  WORSE,
} from "../theme.js";
import {
  ALL_ROWS,
  byTaskAndDomain,
  type Chart,
  type Column,
  type ColumnList,
  col,
  domainNames,
  drawnDomains,
  intervalUnit,
  type PlotlyTrace,
  placeColumns,
  type Sheet,
  sheetFrom,
  type TaskDomain,
  taskName,
  valueIn,
} from "../view.js";
import { domainSides, lowestAuc } from "./evaluation.js";

export type CurveRow = TaskDomain<TaskCurves, ScoreCurve>;

type PointRow = CurveRow & { readonly point: CurvePoint };

/** One row per point: ROC, and precision and recall. @param evaluation with curves */
function curvePointsSheet(evaluation: Evaluation, kind: "roc" | "precision"): Sheet {
  const rows = curveRows(evaluation).flatMap((cell) => cell.value.points.map((point) => ({ ...cell, point })));
  const recall: Column<PointRow> = col.share("recall", ({ point, value }) => point.positives / value.positives, 2);
  const metrics = ({ task, domain }: PointRow) =>
    valueIn<TaskMetrics>(
      evaluation.tasks.find(({ tower }) => tower === task.tower),
      domain,
    );
  const roc: ColumnList<PointRow> = [
    col.number(["auc", "AUC"], (row) => metrics(row)?.auc, 4),
    col.ends((row) => metrics(row)?.intervals?.auc, 4, "auc"),
    col.share(["false_positive_rate", "false positive rate"], (row) => falsePositiveRate(row.value, row.point), 2),
    recall,
  ];
  const precision: ColumnList<PointRow> = [
    col.number(["average_precision", "average precision"], ({ value }) => value.averagePrecision?.value, 4),
    col.ends(({ value }) => value.averagePrecision, 4),
    col.share(["base_rate", "base rate"], ({ value }) => value.positives / value.rows, 2),
    recall,
    col.share("precision", ({ point }) => point.positives / point.rows, 2),
  ];
  return sheetFrom(kind === "roc" ? "ROC curves by task and domain" : "Precision and recall by task and domain", rows, [
    placeColumns(domainNames(evaluation), evaluation.by ?? "domain"),
    ...(kind === "roc" ? roc : precision),
    col.number(["threshold", "score at least"], ({ point }) => point.threshold, 6),
    col.count("rows", ({ point }) => point.rows),
    col.count("positives", ({ point }) => point.positives),
  ]);
}

export function curveRows({ curves = [] }: Evaluation): CurveRow[] {
  return byTaskAndDomain(curves).filter(({ task, domain }) => domain < 0 || task.domains.length > 1);
}

export interface CurveCell {
  readonly domain: number;
  readonly name: string;
  readonly curve: ScoreCurve;
  readonly metrics: TaskMetrics | undefined;
}

export interface CurveTask {
  readonly curves: TaskCurves;
  readonly task: TaskEvaluation;
  readonly all: CurveCell;
  readonly domains: readonly CurveCell[];
}

/** The binary tasks of an evaluation; a single domain, which is all rows, is left out. */
export function curveTasks(evaluation: Evaluation): CurveTask[] {
  const names = drawnDomains(evaluation.domainNames, evaluation.tasks);
  return (evaluation.curves ?? []).flatMap((curves): CurveTask[] => {
    const task = evaluation.tasks.find(({ tower }) => tower === curves.tower);
    if (task === undefined) return [];
    const all = { domain: -1, name: ALL_ROWS, curve: curves.overall, metrics: task.overall };
    const domains = names.flatMap((name, domain): CurveCell[] => {
      const curve = curves.domains[domain];
      return curve === undefined ? [] : [{ domain, name, curve, metrics: task.domains[domain] }];
    });
    return [{ curves, task, all, domains }];
  });
}

/** How a cell is drawn, and its name in the key; `null`: it has none. */
interface LookedCell {
  readonly cell: CurveCell;
  readonly look: LineLook;
  readonly name: string | null;
}

/**
 * All rows, then the domains. With few curves, each has its colour; with many, the highest and the lowest by `value`
 * stand out, in the colours of better and worse only if beyond noise.
 */
function cellLooks({ all, task, domains }: CurveTask, kind: CurveKind): LookedCell[] {
  const value = (cell: CurveCell): number | null => kind.value(cell).value;
  const sides = kind.sides?.(task) ?? [];
  const many = domains.length > MAX_COLOURS;
  const measured = domains.filter((cell) => value(cell) !== null).sort((a, b) => value(b)! - value(a)!);
  const [highest, lowest] = [measured[0], measured.at(-1)];
  const looked = domains.map((cell, place): LookedCell => {
    if (!many) return { cell, name: cell.name, look: { color: colour(place, domains.length), width: 1.75 } };
    const name = cell === highest ? "highest" : cell === lowest ? "lowest" : null;
    if (name === null) return { cell, name, look: { color: ONE_OF_MANY, width: 0.75 } };
    const side = sides[cell.domain] ?? null;
    const color = side === null ? PLAIN : side === "above" ? BETTER : WORSE;
    const dash = name === "highest" ? "dash" : "dot";
    return { cell, name: `${name}: ${cell.name}`, look: { color, width: 2.25, dash } };
  });
  return [{ cell: all, name: all.name, look: { color: INK, width: many ? 4 : 3 } }, ...looked];
}

const HEIGHT = 240;
const LETTERS = 20;

type CurveValue = Pick<DotRow, "value" | "low" | "high">;

interface CurveKind {
  readonly points: (cell: CurveCell) => Points;
  /** The text of a point, by its place; template of the others. */
  readonly point: (cell: CurveCell, place: number) => string;
  readonly hover: Markup;
  readonly x: string;
  readonly y: string;
  readonly top?: (task: CurveTask) => number;
  readonly compare: (task: CurveTask, isFirst: boolean) => readonly PlotlyTrace[];
  readonly value: (cell: CurveCell) => CurveValue;
  readonly valueName: string;
  /** By domain, beyond noise. Default: not tested. */
  readonly sides?: (task: TaskEvaluation) => readonly ("below" | "above" | null)[];
  readonly level?: (cells: readonly CurveCell[], isFirst: boolean) => DotLevel;
}

function curvePanels(tasks: readonly CurveTask[], kind: CurveKind): PanelRow[] {
  const panels = tasks.map((task, t) => {
    const looks = cellLooks(task, kind);
    const curves = curvesPanel(task, looks, kind, t === 0);
    return task.domains.length === 0 ? [curves] : [curves, keyPanel(task, looks, kind, t === 0)];
  });
  return panels.some(({ length }) => length > 1)
    ? panels.map((row): PanelRow => ({ height: HEIGHT, panels: row, widths: [1, 1] }))
    : panelRows(panels.flat(), { across: 2, height: HEIGHT, empty: "no binary task" });
}

function curvesPanel(task: CurveTask, looks: readonly LookedCell[], kind: CurveKind, isFirst: boolean): Panel {
  const { positives, rows, gap } = task.all.curve;
  const counts = `${count(positives, "positive")} in ${count(rows, "row")}`;
  const [all, ...domains] = looks;
  const grey = domains.find(({ name }) => name === null);
  // What stands out is drawn last.
  const ordered = grey === undefined ? domains : domains.sort((a, b) => a.look.width - b.look.width);
  const plain = ordered.filter(({ name }) => name === null);
  // Many lines over each other show no more than their range.
  const isBand = domains.length >= FEWEST_IN_BAND;
  const single = isBand ? ordered.filter(({ name }) => name !== null) : ordered;
  const lines = [
    ...(isBand ? rangeBand(plain, kind, isFirst) : []),
    ...[...single, all!].flatMap((each) => {
      return curveLine(task, each, kind, grey === undefined || each === all, isFirst && each === grey);
    }),
  ];
  const top = rounded(kind.top?.(task) ?? 1);
  const isCut = looks.some(({ cell }) => kind.points(cell).some(([, y]) => y > top));
  const shares = { tickformat: ".0%", nticks: 5 };
  return {
    title: gap === null && domains.length === 0 ? taskName(task.curves) : `${taskName(task.curves)}: ${gap ?? counts}`,
    marks: [...kind.compare(task, isFirst), ...lines],
    xaxis: xAxis(kind.x, { ...shares, range: [0, 1] }),
    yaxis: yAxis(isCut ? `${kind.y} (first rows cut off)` : kind.y, { ...shares, range: [0, top] }),
  };
}

/** With this many domains, only the highest and the lowest are lines. */
const FEWEST_IN_BAND = 12;
const STEPS = 40;

/** The band from the lowest to the highest curve at each share. */
function rangeBand(cells: readonly LookedCell[], kind: CurveKind, inLegend: boolean): PlotlyTrace[] {
  const curves = cells.filter(({ cell }) => cell.curve.gap === null).map(({ cell }) => kind.points(cell));
  if (curves.length === 0) return [];
  const x = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  const [low, high] = [Math.min, Math.max].map((choose) =>
    x.map((share) => rounded(choose(...curves.map((points) => heightAt(points, share))))),
  );
  const name = `range of ${count(curves.length, "domain")}`;
  const hover = markup`${name}<br>up to %{y:.1%}`;
  return band({ x, low: low!, high: high!, legend: { name, group: "domains", inLegend }, hover });
}

function curveLine(
  { curves, domains }: CurveTask,
  { cell, look, name }: LookedCell,
  kind: CurveKind,
  detailed: boolean,
  inLegend: boolean,
): PlotlyTrace[] {
  if (cell.curve.gap !== null) return [];
  const at = kind.points(cell);
  const template = markup`${taskName(curves)}, ${cell.name}<br>${kind.hover}`;
  return [
    line({
      x: at.map(([x]) => rounded(x)),
      y: at.map(([, y]) => rounded(y)),
      ...look,
      legend:
        name === null ? { name: `each of ${count(domains.length, "domain")}`, group: "domains", inLegend } : undefined,
      hover: detailed
        ? { template: markup`${template}<br>%{customdata}`, each: at.map((_, p) => markup`${kind.point(cell, p)}`) }
        : template,
    }),
  ];
}

/** All rows, then the domains with a name, from the highest value to the lowest. */
function keyPanel({ curves }: CurveTask, looks: readonly LookedCell[], kind: CurveKind, isFirst: boolean): Panel {
  const order = ({ cell }: LookedCell): number => (cell.domain < 0 ? 3 : 0) + (kind.value(cell).value ?? -1);
  const keyed = looks.filter(({ name }) => name !== null).sort((a, b) => order(b) - order(a));
  const rows = keyed.map(({ cell, look, name }): DotRow => {
    const { gap, positives, rows } = cell.curve;
    const { value, low, high } = kind.value(cell);
    const text = gap ?? `${kind.valueName} ${fixed(value)}${ends({ low, high })}`;
    const counts = `${count(positives, "positive")} in ${count(rows, "row")}`;
    return {
      name: name!,
      value,
      low,
      high,
      color: look.color,
      main: cell.domain < 0,
      printed: fixed(value),
      hover: markup`${taskName(curves)}, ${cell.name}<br>${text}<br>${counts}`,
    };
  });
  const cells = keyed.map(({ cell }) => cell);
  return dotRowsPanel({
    rows,
    levels: kind.level === undefined ? [] : [kind.level(cells, isFirst)],
    axis: xAxis(kind.valueName, { tickformat: ".3~f" }),
    letters: LETTERS,
  });
}

const FALSE_POSITIVES = 0.1;

/** Recall by false positive rate of every threshold. The evaluation must have curves. */
export function rocChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  return chart({
    title: rocTitle(evaluation, tasks),
    rows: curvePanels(tasks, {
      points: rocPoints,
      point: ({ curve }, place) =>
        place === 0 ? "no row" : `score ≥ ${threshold(curve.points[place - 1]!.threshold)}`,
      hover: markup`%{y:.1%} of positives, %{x:.1%} of negatives`,
      x: "false positive rate",
      y: "recall",
      compare: () => [rule({ from: [0, 0], to: [1, 1], color: GRID, width: 2, dash: "solid" })],
      value: ({ metrics }) => ({ value: finite(metrics?.auc), ...metrics?.intervals?.auc }),
      valueName: intervalUnit("AUC", evaluation.intervalMethod),
      sides: (task) => domainSides(task.domains, evaluation.intervalMethod?.level),
    }),
    legendBelow: true,
    sheet: curvePointsSheet(evaluation, "roc"),
  });
}

type Points = readonly (readonly [x: number, y: number])[];

function rocPoints({ curve }: CurveCell): Points {
  return [
    [0, 0],
    ...curve.points.map((point) => [falsePositiveRate(curve, point), point.positives / curve.positives] as const),
  ];
}

function falsePositiveRate(curve: ScoreCurve, point: CurvePoint): number {
  return (point.rows - point.positives) / (curve.rows - curve.positives);
}

function threshold(score: number): string {
  return score >= 0.001 ? fixed(score, 4) : score.toExponential(1).replace("-", "−");
}

function rocTitle(evaluation: Evaluation, tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "ROC: no binary task";
  const names = domainNames(evaluation);
  const parts = tasks.map(({ all, task, curves, domains }) => {
    const name = inTitle(taskName(curves));
    if (all.curve.gap !== null) return `${name} has no curve (${all.curve.gap})`;
    const lowest = domains.length === 0 ? "" : lowestAuc(task, names, evaluation);
    const recall = percent(heightAt(rocPoints(all), FALSE_POSITIVES));
    const auc = `${fixed(all.metrics?.auc)}${ends(all.metrics?.intervals?.auc)}`;
    return `${name} ${auc}${lowest}; ${recall} of its positives rank above ${percent(1 - FALSE_POSITIVES)} of its negatives`;
  });
  return sentence([`AUC of ${parts[0]!}`, ...firstTasks(parts).slice(1)]);
}

/** Between two points of a curve, on the line through them; before its first and after its last point, on the nearest line. */
function heightAt(points: Points, at: number): number {
  const place = points.findIndex(([x]) => x > at);
  if (place < 1) return (place === 0 ? points[0] : points.at(-1))![1];
  const [[x, y], [nextX, nextY]] = [points[place - 1]!, points[place]!];
  return y + ((at - x) / (nextX - x)) * (nextY - y);
}

/** At a smaller recall, precision comes from few rows, so it does not set the range of the axis. */
const SETTLED = 0.05;

export function precisionChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  return chart({
    title: precisionTitle(tasks),
    rows: curvePanels(tasks, KIND),
    legendBelow: true,
    sheet: curvePointsSheet(evaluation, "precision"),
  });
}

const KIND: CurveKind = {
  points: ({ curve }) =>
    curve.points.map((point) => [point.positives / curve.positives, point.positives / point.rows] as const),
  point: ({ curve }, place) => `score ≥ ${threshold(curve.points[place]!.threshold)}`,
  hover: markup`%{y:.1%} of the rows are positive, %{x:.1%} of the positives are there`,
  x: "recall",
  y: "precision",
  top: ({ all, domains }) => Math.min(1, 1.08 * Math.max(0.01, ...[all, ...domains].map(highest))),
  compare: ({ all }, isFirst) => {
    const rate = rounded(baseRate(all) ?? 0);
    const legend = { name: "base rate of all rows", group: "base rate", inLegend: isFirst };
    return [rule({ from: [0, rate], to: [1, rate], width: 1.5, legend, hover: markup`base rate ${percent(rate, 1)}` })];
  },
  value: ({ curve: { averagePrecision } }) => averagePrecision ?? { value: null },
  valueName: "AP (95% over rows)",
  level: (cells, isFirst) => ({
    legend: { name: "base rate", group: "base rates", inLegend: isFirst },
    values: cells.map(baseRate),
    symbol: "line-ns",
    color: INK,
    hover: cells.map((cell) => markup`${cell.name}<br>base rate ${percent(baseRate(cell), 1)}`),
  }),
};

function baseRate({ curve: { rows, positives } }: CurveCell): number | null {
  return rows === 0 ? null : rounded(positives / rows);
}

function highest({ curve }: CurveCell): number {
  const settled = curve.points.filter(({ positives }) => positives >= SETTLED * curve.positives);
  return Math.max(0, ...settled.map(({ positives, rows }) => positives / rows));
}

function precisionTitle(tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "Precision: no binary task";
  const parts = tasks.map(({ all, curves }) => {
    const name = inTitle(taskName(curves));
    const { averagePrecision, gap } = all.curve;
    if (averagePrecision === null) return `${name} has no curve (${gap ?? "no rows"})`;
    const rate = baseRate(all)!;
    const range = ends(averagePrecision).trim();
    const value = `${name} ${fixed(averagePrecision.value)}, ${fixed(averagePrecision.value / rate, 1)} × its base rate`;
    return sentence([value, `${range}${range === "" ? "" : ", "}base rate ${percent(rate, 1)}`]);
  });
  return sentence([`Average precision of ${parts[0]!}`, ...firstTasks(parts).slice(1)]);
}

/** A row of panels a task: its curves, and at their right a key of names, numbers and intervals in their colours. */
import { taskName } from "../../../tables/index.js";
import { count } from "../../../util/text/format.js";
import type { PlotlyTrace } from "../../figure.js";
import { line } from "../../marks/index.js";
import {
  type DotLevel,
  type DotRow,
  dotRowsPanel,
  type Panel,
  type PanelRow,
  panelRows,
  xAxis,
  yAxis,
} from "../../panels/index.js";
import { type Markup, markup, rounded } from "../../theme/index.js";
import { type CellLook, type CellLooks, type CurveCell, type CurveTask, cellLooks } from "./cells.js";

/** Pixels of a panel of curves. */
const HEIGHT = 240;
/** Letters of a name in the key. */
const LETTERS = 20;

/** A number of a curve with its interval. */
export interface CurveValue {
  readonly value: number | null;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
}

/** What is drawn of each curve. */
export interface CurveKind {
  /** Positions of a curve's points, as shares. */
  readonly points: (cell: CurveCell) => readonly (readonly [number, number])[];
  /** The text of a point, by its place; template of the others. */
  readonly point: (cell: CurveCell, place: number) => string;
  readonly hover: Markup;
  readonly x: string;
  readonly y: string;
  /** Upper end of the y axis. Default: 1. */
  readonly top?: (task: CurveTask) => number;
  /** Lines to compare with. */
  readonly compare: (task: CurveTask, isFirst: boolean) => readonly PlotlyTrace[];
  /** The number of a curve. */
  readonly value: (cell: CurveCell) => CurveValue;
  readonly valueName: string;
  readonly format: (value: CurveValue) => string;
  /** Marks beside the values. */
  readonly level?: (cells: readonly CurveCell[], isFirst: boolean) => DotLevel;
}

/** The rows of panels, one a task; tasks without domains need no key and are side by side. */
export function curveRows(tasks: readonly CurveTask[], kind: CurveKind): PanelRow[] {
  const panels = tasks.map((task, t) => {
    const looks = cellLooks(task, (cell) => kind.value(cell).value);
    const curves = curvesPanel(task, looks, kind, t === 0);
    return task.domains.length === 0 ? [curves] : [curves, keyPanel(task, looks, kind, t === 0)];
  });
  return panels.some(({ length }) => length > 1)
    ? panels.map((row): PanelRow => ({ height: HEIGHT, panels: row, widths: [1, 1] }))
    : panelRows(panels.flat(), { across: 2, height: HEIGHT, empty: "no binary task" });
}

function curvesPanel(task: CurveTask, looks: CellLooks, kind: CurveKind, isFirst: boolean): Panel {
  const { positives, rows, gap } = task.all.curve;
  const counts = `${count(positives, "positive")} in ${count(rows, "row")}`;
  const grey = looks.domains.findIndex(({ width }) => width < 1);
  const lines = task.domains
    .map((cell, place) => ({ cell, look: looks.domains[place]!, place }))
    // What stands out is drawn last.
    .sort((a, b) => (looks.few ? 0 : a.look.width - b.look.width))
    .flatMap(({ cell, look, place }) => curveLine(cell, look, task, kind, looks.few, isFirst && place === grey));
  const top = rounded(kind.top?.(task) ?? 1);
  const isCut = [task.all, ...task.domains].some((cell) => kind.points(cell).some(([, y]) => y > top));
  const shares = { tickformat: ".0%", nticks: 5 };
  return {
    title:
      gap === null && task.domains.length === 0 ? taskName(task.curves) : `${taskName(task.curves)}: ${gap ?? counts}`,
    marks: [...kind.compare(task, isFirst), ...lines, ...curveLine(task.all, looks.all, task, kind, true, false)],
    xaxis: xAxis(kind.x, { ...shares, range: [0, 1] }),
    yaxis: yAxis(isCut ? `${kind.y} (first rows cut off)` : kind.y, { ...shares, range: [0, top] }),
  };
}

function curveLine(
  cell: CurveCell,
  look: CellLook,
  { curves, domains }: CurveTask,
  kind: CurveKind,
  detailed: boolean,
  inLegend: boolean,
): PlotlyTrace[] {
  if (cell.curve.gap !== null) return [];
  const at = kind.points(cell);
  const named = markup`${taskName(curves)}, ${cell.name}`;
  const template = markup`${named}<br>${kind.hover}`;
  const isGrey = look.width < 1;
  return [
    line({
      x: at.map(([x]) => rounded(x)),
      y: at.map(([, y]) => rounded(y)),
      ...look,
      ...(isGrey
        ? { legend: { name: `each of ${count(domains.length, "domain")}`, group: "domains", inLegend } }
        : null),
      hover: detailed
        ? { template: markup`${template}<br>%{customdata}`, each: at.map((_, p) => markup`${kind.point(cell, p)}`) }
        : template,
    }),
  ];
}

function keyPanel(task: CurveTask, looks: CellLooks, kind: CurveKind, isFirst: boolean): Panel {
  const keyed = [{ cell: task.all, look: looks.all, name: task.all.name }, ...looks.keyed];
  const rows = keyed.map(({ cell, look, name }): DotRow => {
    const value = kind.value(cell);
    const text = cell.curve.gap ?? `${kind.valueName} ${kind.format(value)}`;
    return {
      name,
      value: value.value,
      low: value.low ?? null,
      high: value.high ?? null,
      color: look.color,
      main: cell.domain < 0,
      printed: kind.format({ value: value.value }),
      hover: markup`${taskName(task.curves)}, ${cell.name}<br>${text}<br>${count(cell.curve.positives, "positive")} in ${count(cell.curve.rows, "row")}`,
    };
  });
  const level = kind.level?.(
    keyed.map(({ cell }) => cell),
    isFirst,
  );
  return dotRowsPanel({
    rows,
    levels: level === undefined ? [] : [level],
    axis: xAxis(kind.valueName, { tickformat: ".3~f" }),
    letters: LETTERS,
  });
}

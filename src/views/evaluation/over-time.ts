import type { Evaluation } from "../../metrics/types.js";
import type { JsonObject } from "../../util/random.js";
import { count } from "../../util/text.js";
import { panelRows, xAxis, yAxis } from "../axes.js";
import { bars } from "../bars.js";
import { chart, type Panel, type PanelRow } from "../compose.js";
import { dots, line, rule } from "../lines.js";
import { intervalUnit, taskName } from "../names.js";
import { colour, family, INK, type Member, markup, PLAIN, rounded, tidy } from "../theme.js";
import type { Chart, PlotlyTrace } from "../view.js";
import {
  type GroupCell,
  type GroupCells,
  groupCells,
  groupRates,
  groupRows,
  groupsSheet,
  groupsTitle,
} from "./groups.js";

const DOMAINS_APART = 6;
const HEIGHT = 130;
const TICKS = 3;

/**
 * A row of panels per task; with domains, a line per domain. Filled dots: beyond noise from the median of the buckets
 * (the dotted line), after correction for all buckets, tasks and domains.
 */
export function overTimeChart(evaluation: Evaluation): Chart {
  const [auc, logLoss, calibration] = (["auc", "logLoss", "calibration"] as const).map((metric) =>
    groupCells(evaluation, metric),
  ) as [GroupCells, GroupCells, GroupCells];
  const rows = evaluation.tasks.map((task, t): PanelRow => {
    const panels = [
      metricPanel(evaluation, `AUC of ${taskName(task)}`, auc, t, t === 0),
      metricPanel(evaluation, "Log loss", logLoss, t, false),
      auc.domains.length === 0
        ? ratePanel(evaluation, `Rate of ${task.label}`, calibration, t, t === 0)
        : metricPanel(evaluation, "Predicted / observed", calibration, t, false),
    ];
    return { height: HEIGHT, panels };
  });
  const isEmpty = rows.length === 0 || auc.names.length === 0;
  return chart({
    title: overTimeTitle(evaluation, auc, calibration),
    rows: isEmpty
      ? panelRows([], { across: 1, height: HEIGHT, empty: "no row has a time" })
      : [...rows, { height: 70, panels: [rowsPanel(evaluation, auc)] }],
    legendBelow: true,
    sheet: groupsSheet(evaluation),
  });
}

function metricPanel(evaluation: Evaluation, title: string, cells: GroupCells, task: number, inLegend: boolean): Panel {
  const { domains } = cells;
  const lines = family(domains, { noun: "domain", apart: DOMAINS_APART });
  const level = domains.length === 0 ? (cells.levels[task]![0] ?? null) : null;
  return {
    title,
    marks: [
      ...(level === null
        ? []
        : [rule({ from: [-0.5, rounded(level)], to: [cells.names.length - 0.5, rounded(level)] })]),
      ...cells.cells[task]!.flatMap((series, d) => {
        if (domains.length === 0) return seriesMarks(series, { color: INK, width: 1.5, whiskers: true });
        return seriesMarks(series, { ...lines.member(d, inLegend), whiskers: false });
      }),
    ],
    xaxis: timeAxis(evaluation, cells.names),
    yaxis: yAxis("", { nticks: 4, tickformat: ".3~f" }),
    left: 44,
  };
}

interface SeriesLook extends Pick<Member, "color" | "width">, Partial<Pick<Member, "legend">> {
  readonly whiskers: boolean;
}

/** A line, and dots: filled where a bucket is apart. */
function seriesMarks(series: readonly GroupCell[], { color, width, legend, whiskers }: SeriesLook): PlotlyTrace[] {
  const x = [...series.keys()];
  const y = series.map(({ value }) => tidy(value));
  const places = whiskers ? x : x.filter((place) => series[place]!.isApart);
  const pick = <Value>(value: (cell: GroupCell) => Value): Value[] => places.map((place) => value(series[place]!));
  const hidden = legend && { ...legend, inLegend: false };
  const ends = { low: pick(({ low }) => low), high: pick(({ high }) => high), color, thickness: 1 };
  return [
    line({
      x,
      y,
      color,
      width: whiskers ? 1 : width,
      legend,
      hover: series.map(({ hover }) => hover),
    }),
    dots({
      x: places,
      y: places.map((place) => y[place]!),
      color,
      size: 6,
      symbol: pick(({ isApart }) => (isApart ? "circle" : "circle-open")),
      outline: { color, width: 1.5 },
      whiskersY: whiskers ? ends : undefined,
      legend: hidden,
      hover: pick(({ hover }) => hover),
    }),
  ];
}

/** Observed rates with intervals around, and predicted ones: apart where the interval excludes the prediction. */
function ratePanel(evaluation: Evaluation, title: string, cells: GroupCells, task: number, inLegend: boolean): Panel {
  const [series = []] = cells.cells[task]!;
  const x = [...series.keys()];
  const rates = series.map(({ metrics }) => groupRates(metrics));
  // The interval of predicted / observed, as one of the observed rate.
  const end = (place: number, bound: number | null): number | null => {
    const predicted = rates[place]!.predicted;
    return predicted === null || bound === null || bound <= 0 ? null : predicted / bound;
  };
  const hover = series.map((cell) => cell.hover);
  return {
    title,
    marks: [
      line({
        x,
        y: rates.map(({ predicted }) => tidy(predicted)),
        color: colour(0, 2),
        width: 2,
        legend: { name: "predicted", inLegend },
        hover,
      }),
      dots({
        x,
        y: rates.map(({ observed }) => tidy(observed)),
        color: INK,
        size: 6,
        symbol: series.map(({ isApart }) => (isApart ? "circle" : "circle-open")),
        outline: { color: INK, width: 1.5 },
        whiskersY: {
          low: series.map(({ high }, place) => end(place, high)),
          high: series.map(({ low }, place) => end(place, low)),
          color: INK,
          thickness: 1,
        },
        legend: { name: "observed", inLegend },
        hover,
      }),
    ],
    xaxis: timeAxis(evaluation, cells.names),
    yaxis: yAxis("", { nticks: 4, tickformat: ".3~p" }),
    left: 44,
  };
}

function rowsPanel(evaluation: Evaluation, cells: GroupCells): Panel {
  const { names } = cells;
  const [task] = evaluation.tasks;
  const unit = evaluation.intervalMethod == null ? "" : intervalUnit("; intervals", evaluation.intervalMethod);
  const rows = groupRows(cells, 0);
  return {
    title: `Rows of ${task === undefined ? "the task" : taskName(task)}${unit}`,
    marks: [
      bars({
        at: [...names.keys()],
        values: rows,
        color: PLAIN,
        width: 0.8,
        hover: names.map((name, g) => markup`${name}: ${count(rows[g]!, "row")}`),
      }),
    ],
    xaxis: timeAxis(evaluation, names, 6),
    yaxis: yAxis("", { nticks: 3, tickformat: ".3~s", rangemode: "tozero" }),
    left: 44,
  };
}

/** Buckets at 0, 1, 2, … with a few of their names. */
function timeAxis({ groups, by }: Evaluation, names: readonly string[], ticks = TICKS): JsonObject {
  const step = Math.max(1, Math.ceil(names.length / ticks));
  const places = [...names.keys()].filter((place) => place % step === 0);
  const width = groups?.width ?? "time";
  const text = (name: string): string =>
    width === "day" || width === "week" || width === "hour" ? name.slice(5) : name;
  return xAxis(`${width} of ${by ?? "time"}`, {
    tickvals: places,
    ticktext: places.map((place) => text(names[place]!)),
    range: [-0.6, Math.max(1, names.length) - 0.4],
    showgrid: false,
  });
}

function overTimeTitle(evaluation: Evaluation, auc: GroupCells, calibration: GroupCells): string {
  const noun = evaluation.groups?.width ?? "bucket";
  const place = (name: string): string => `${noun === "day" ? "on" : "in"} ${name}`;
  return groupsTitle(evaluation, auc, calibration, { noun, place }, "time");
}

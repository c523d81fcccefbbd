import type { Evaluation } from "../../metrics/types.js";
import type { JsonObject } from "../../util/random.js";
import { count, percent } from "../../util/text.js";
import { sum } from "../../util/turns.js";
import { panelRows, xAxis, yAxis } from "../axes.js";
import { bars } from "../bars.js";
import { chart, type Panel, type PanelRow } from "../compose.js";
import { dots, line, rule } from "../lines.js";
import { intervalUnit, taskName } from "../names.js";
import { colour, family, INK, type Member, markup, PLAIN, rounded, sentence, tidy } from "../theme.js";
import type { Chart, PlotlyTrace } from "../view.js";
import type { GroupCell, GroupCells } from "./groups.js";
import { groupCells, groupNoun, groupRates, groupRows, groupsSheet, groupsTitle } from "./groups.js";

const DOMAINS_APART = 6;
/** Whiskers of domains stand side by side if they fit: at most this number of domains, and of groups. */
const WHISKERS = { domains: 3, groups: 8 } as const;
const SHIFT = 0.16;
const HEIGHT = 130;
const TICKS = 3;

/** Metrics by times or training rows, panels per task. Filled: beyond noise from the median or 1, corrected. */
export function groupsChart(evaluation: Evaluation): Chart {
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
  const { noun, place, empty, more } = groupWords(evaluation, auc);
  const isEmpty = rows.length === 0 || auc.names.length === 0;
  const title = groupsTitle(evaluation, auc, calibration, { noun, place }, empty);
  return chart({
    title: sentence([title, isEmpty ? null : more]),
    rows: isEmpty
      ? panelRows([], { across: 1, height: HEIGHT, empty: `no row has a ${empty}` })
      : [...rows, { height: 70, panels: [rowsPanel(evaluation, auc)] }],
    legendBelow: true,
    sheet: groupsSheet(evaluation),
  });
}

/** How titles name the groups. `empty`: what no row has; `more`: a finding on the rows. */
function groupWords({ groups, by }: Evaluation, cells: GroupCells) {
  if (groups?.kind !== "trainingRows") {
    const noun = groups?.width ?? "bucket";
    const place = (name: string): string => `${noun === "day" ? "on" : "in"} ${name}`;
    return { noun, place, empty: "time", more: null };
  }
  const rows = groupRows(cells, 0);
  const all = sum(rows);
  const hasNew = all > 0 && cells.names[0] === "0";
  const more = hasNew ? `${percent(rows[0]! / all)} of the rows have a ${by ?? "value"} that training lacks` : null;
  return { noun: "group", place: (name: string): string => `at ${name} rows`, empty: "value", more };
}

function metricPanel(evaluation: Evaluation, title: string, cells: GroupCells, task: number, inLegend: boolean): Panel {
  const { domains, names } = cells;
  const lines = family(domains, { noun: "domain", apart: DOMAINS_APART });
  const level = domains.length === 0 ? (cells.levels[task]![0] ?? null) : null;
  const whiskers = domains.length <= WHISKERS.domains && names.length <= WHISKERS.groups;
  return {
    title,
    marks: [
      ...(level === null ? [] : [rule({ from: [-0.5, rounded(level)], to: [names.length - 0.5, rounded(level)] })]),
      ...cells.cells[task]!.flatMap((series, d) => {
        if (domains.length === 0) return seriesMarks(series, 0, { color: INK, width: 1.5, whiskers: true });
        const shift = whiskers ? (d - (domains.length - 1) / 2) * SHIFT : 0;
        return seriesMarks(series, shift, { ...lines.member(d, inLegend), whiskers });
      }),
    ],
    xaxis: groupAxis(evaluation, names),
    yaxis: yAxis("", { nticks: 4, tickformat: ".3~f" }),
    left: 44,
  };
}

type SeriesLook = Omit<Member, "legend"> & Partial<Member> & { readonly whiskers: boolean };

/** A line, and dots: filled where a group is apart. */
function seriesMarks(series: readonly GroupCell[], shift: number, look: SeriesLook): PlotlyTrace[] {
  const { color, width, legend, whiskers } = look;
  const x = series.map((_, place) => rounded(place + shift));
  const y = series.map(({ value }) => tidy(value));
  const places = [...series.keys()].filter((place) => whiskers || series[place]!.isApart);
  const pick = <Value>(value: (cell: GroupCell) => Value): Value[] => places.map((place) => value(series[place]!));
  const ends = { low: pick(({ low }) => low), high: pick(({ high }) => high), color, thickness: 1 };
  return [
    line({ x, y, color, width: whiskers ? 1 : width, legend, hover: series.map(({ hover }) => hover) }),
    dots({
      x: places.map((place) => x[place]!),
      y: places.map((place) => y[place]!),
      color,
      size: 6,
      symbol: pick(({ isApart }) => (isApart ? "circle" : "circle-open")),
      outline: { color, width: 1.5 },
      whiskersY: whiskers ? ends : undefined,
      legend: legend && { ...legend, inLegend: false },
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
    xaxis: groupAxis(evaluation, cells.names),
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
    xaxis: groupAxis(evaluation, names, 6),
    yaxis: yAxis("", { nticks: 3, tickformat: ".3~s", rangemode: "tozero" }),
    left: 44,
  };
}

/** Groups at 0, 1, 2, … with a few of their names. */
function groupAxis(evaluation: Evaluation, names: readonly string[], ticks = TICKS): JsonObject {
  const step = Math.max(1, Math.ceil(names.length / ticks));
  const places = [...names.keys()].filter((place) => place % step === 0);
  const isDated = ["day", "week", "hour"].includes(evaluation.groups?.width ?? "");
  return xAxis(groupNoun(evaluation), {
    tickvals: places,
    ticktext: places.map((place) => (isDated ? names[place]!.slice(5) : names[place]!)),
    range: [-0.6, Math.max(1, names.length) - 0.4],
    showgrid: false,
  });
}

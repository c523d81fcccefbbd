/** The views of a study's responses and curves, and of a dial's moved rows. */

import type { Ends } from "../../../core/metrics/intervals/normal.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../../../core/metrics/types.js";
import { mean } from "../../../core/util/numbers.js";
import { count, ends, fixed, signed } from "../../../core/util/text.js";
import type { ResponsePoint, StudyResponse } from "../../ablation/response.js";
import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/study.js";
import { chart, type Panel, panelRows, xAxis, yAxis } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { band, dots, line, rule } from "../lines.js";
import { MOST_COLOURED, type OverlaidCurve, overlayPanel } from "../overlay.js";
import { INK, inTitle, markup, PLAIN, rounded, sentence } from "../theme.js";
import {
  ALL_ROWS,
  byTaskAndDomain,
  type Chart,
  col,
  domainColumns,
  metricName,
  metricOfAll,
  type PlotlyTrace,
  placeColumns,
  planMark,
  type Sheet,
  seedsText,
  sheetFrom,
  taskName,
} from "../view.js";

/** The gammas of a dial. */
export interface DialGammas {
  /** EPNet's; `null`: the model has no EPNet. */
  readonly epnet: number | null;
  /** PPNet's; `null`: the model has no PPNet. */
  readonly ppnet: number | null;
}

export function studyResponsesSheet(report: StudyReport): Sheet {
  const caption = `${planMark(report)}Response to numeric settings: the best of the trained values, those that may be the best, and the trend`;
  const rows = report.responses.map((response) => ({ ...response, domain: response.domain ?? -1 }));
  return sheetFrom(caption, rows, [
    col.text("setting", ({ path }) => path),
    col.text("task", ({ tower }) => tower),
    domainColumns(report.domainNames),
    col.text(["averaged_over", "mean over"], ({ averaged }) => averaged.join(", ")),
    col.count("seeds", ({ seeds }) => seeds),
    col.number(["model_value", "model"], ({ modelValue }) => modelValue),
    col.number("best", ({ best }) => best?.value),
    col.text(["may_be_best", "may be the best"], (response) => (response.best === null ? "" : ableText(response))),
    col.flag("varies", ({ varies }) => varies),
    col.number(["bound", "within ±"], ({ bound }) => bound, 4),
    col.number(["trend", "trend (by doubling, or by 1)"], ({ trend }) => trend.slope, 5),
    col.ends(({ trend }) => trend, 5),
  ]);
}

function studyResponsePointsSheet(report: StudyReport): Sheet {
  const caption = "Trained values of numeric settings: differences from the model's value; the intervals hold together";
  const rows = report.responses.flatMap(({ path, tower, domain, points }) =>
    points.map((point) => ({ ...point, path, tower, domain: domain ?? -1 })),
  );
  return sheetFrom(caption, rows, [
    col.text("setting", ({ path }) => path),
    col.text("task", ({ tower }) => tower),
    domainColumns(report.domainNames),
    col.number("value", ({ value }) => value, 4),
    col.number("difference", ({ mean }) => mean, 5),
    col.ends((point) => point, 5),
    col.flag(["may_be_best", "may be the best"], ({ mayBeBest }) => mayBeBest),
  ]);
}

export function responseConclusions({ responses }: StudyReport): string[] {
  return responses
    .filter(({ domain }) => domain === null)
    .map((response) => {
      const { path, tower, averaged } = response;
      const over = averaged.length === 0 ? "" : `, as a mean over ${averaged.join(" and ")}`;
      return `${path} for ${tower}${over}: ${bestText(response)}.`;
    });
}

/** What the trained values show: `2 or 4 is best, 4 on average; 4 is the largest trained`. */
function bestText(response: StudyResponse): string {
  const { best, bound, points, trend } = response;
  const rises = trend.low > 0 || trend.high < 0 ? `it ${trendText(response)}` : null;
  if (best !== null) {
    const edge = best.value === points[0]!.value ? "smallest" : "largest";
    const beyond = `${best.value} is the ${edge} trained: values beyond it may be better`;
    const able = points.filter(({ mayBeBest }) => mayBeBest).length;
    const which =
      able === 1 ? `best at ${best.value}` : `${ableText(response, "or")} is best, on average ${best.value}`;
    return [which, ...(best.atEdge ? [beyond] : [])].join("; ");
  }
  const [from, to] = [points[0]!.value, points.at(-1)!.value];
  const noValue = `from ${from} to ${to}, no value is shown to differ from the model's (at most ±${Number(bound.toPrecision(2))})`;
  return rises === null ? `not shown to vary: ${noValue}` : `${rises}, but ${noValue}`;
}

function trendText({ trend: { slope, low, high, byDoubling } }: StudyResponse): string {
  const range = `${signed(slope, 4)} (${signed(low, 4)} to ${signed(high, 4)})`;
  return `${slope > 0 ? "rises" : "falls"} by ${range} ${byDoubling ? "a doubling" : "by 1"} on average`;
}

const mostValues = 5;

function ableText({ points }: StudyResponse, join = "and"): string {
  const able = points.filter(({ mayBeBest }) => mayBeBest).map(({ value }) => String(value));
  if (able.length === 1) return `only ${able[0]}`;
  if (able.length > mostValues)
    return `${join === "or" ? "one of " : ""}${able.length} values from ${able[0]} to ${able.at(-1)}`;
  return `${able.slice(0, -1).join(", ")} ${join} ${able.at(-1)}`;
}

/** One panel per setting and task over all rows; domains are in the table. */
export function studyResponsesChart(report: StudyReport): Chart {
  const overall = report.responses.filter(({ domain }) => domain === null);
  const panels = overall.map((response, at) => {
    const range = differencesRange(overall.filter(({ tower }) => tower === response.tower));
    return responsePanel(report, response, range, at === 0);
  });
  const empty = "no numeric setting with three values or more and two seeds";
  return chart({
    title: planMark(report) + responsesTitle(report),
    rows: panelRows(panels, { across: 2, height: 190, empty }),
    legendBelow: true,
    sheet: studyResponsePointsSheet(report),
  });
}

function differencesRange(responses: readonly StudyResponse[]): [number, number] {
  const ends = responses.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.05 * (high - low);
  return [rounded(low - margin), rounded(high + margin)];
}

function responsePanel(
  report: StudyReport,
  response: StudyResponse,
  range: readonly [number, number],
  inLegend: boolean,
): Panel {
  const task = report.tasks.find(({ tower }) => tower === response.tower)!;
  const { points, domain, path, modelValue } = response;
  const x = points.map(({ value }) => value);
  const y = points.map(({ mean }) => rounded(mean));
  const marks: PlotlyTrace[] = [
    rule({ from: [x[0]!, 0], to: [x.at(-1)!, 0] }),
    line({
      x,
      y,
      color: PLAIN,
      width: 1,
      legend: { name: "between", group: "between", inLegend: false },
      hover: "none",
    }),
    ...[true, false].flatMap((mayBeBest) => {
      const some = points.filter((point) => point.mayBeBest === mayBeBest);
      return some.length === 0 ? [] : [levelDots(response, some, inLegend)];
    }),
  ];
  return {
    title: `${taskName(task)}, ${domain === null ? ALL_ROWS : report.domainNames[domain]!}`,
    marks,
    xaxis: xAxis(path, x[0]! > 0 ? { type: "log", ...logTicks(response) } : { nticks: 6 }),
    yaxis: yAxis(`${metricName(task)} − that of ${modelValue}`, { tickformat: ".3~f", nticks: 5, range }),
  };
}

function levelDots({ path, varies }: StudyResponse, points: readonly ResponsePoint[], inLegend: boolean): PlotlyTrace {
  const isAble = varies && points[0]!.mayBeBest;
  return dots({
    x: points.map(({ value }) => value),
    y: points.map(({ mean }) => rounded(mean)),
    color: isAble ? INK : PLAIN,
    size: isAble ? 9 : 7,
    symbol: isAble ? "diamond" : "circle",
    whiskersY: {
      low: points.map(({ low }) => rounded(low)),
      high: points.map(({ high }) => rounded(high)),
      color: isAble ? INK : PLAIN,
      thickness: 1.5,
      caps: 4,
    },
    legend: isAble
      ? { name: "may be the best", group: "best", inLegend }
      : { name: "interval", group: "trained", inLegend },
    hover: points.map(
      ({ value, mean, low, high }) =>
        markup`${path} ${value}<br>${signed(mean, 4)} (${signed(low, 4)} to ${signed(high, 4)})`,
    ),
  });
}

function logTicks({ points }: StudyResponse): { tickvals: number[]; ticktext: string[] } {
  const values = points.map(({ value }) => value);
  return { tickvals: values, ticktext: values.map((value) => String(Number(value.toPrecision(3)))) };
}

function responsesTitle(report: StudyReport): string {
  const overall = report.responses.filter(({ domain }) => domain === null);
  const parts = overall.map((response) => `${inTitle(response.path)}, ${response.tower}: ${bestText(response)}`);
  const first = parts.slice(0, 2);
  if (first.length === 0) return "Numeric settings: none with three values or more";
  return sentence([
    ...first,
    report.responses.some(({ averaged }) => averaged.length > 0) ? "means over the grid's other settings" : null,
    parts.length > first.length ? `${parts.length - first.length} more below` : null,
    report.domainNames.length > 0 ? "domains are in the table" : null,
  ]);
}

export interface CurvePoint extends Pick<ResponsePoint, "mean" | "low" | "high"> {
  readonly step: number;
  readonly bySeed: readonly number[];
}

export function studyCurvesSheet({ variants, tasks }: StudyReport): Sheet {
  const rows = variants.flatMap((variant) =>
    tasks.flatMap((task) => curvePoints(task, variant).map((point) => ({ ...point, variant, task }))),
  );
  return sheetFrom("Curves by variant: mean over the seeds, lowest and highest seed", rows, [
    col.text("variant", ({ variant }) => variant.name),
    col.text("task", ({ task }) => taskName(task)),
    col.count("step", ({ step }) => step),
    col.number("mean", ({ mean }) => mean, 4),
    col.number("lowest", ({ low }) => low, 4),
    col.number("highest", ({ high }) => high, 4),
  ]);
}

/** Means over the seeds at the steps at which all of them were evaluated. */
export function curvePoints({ tower, metric }: StudyTask, { runs }: StudyVariant): CurvePoint[] {
  const metricIn = ({ tasks }: Evaluation) => tasks.find((task) => task.tower === tower)?.overall[metric] ?? null;
  const bySeed = runs.map(
    ({ evaluations }) => new Map(evaluations.map(({ step, evaluation }) => [step, metricIn(evaluation)])),
  );
  return [...(bySeed[0]?.keys() ?? [])].flatMap((step) => {
    const values = bySeed.map((points) => points.get(step) ?? null).filter((value) => value !== null);
    if (values.length < bySeed.length || values.length === 0) return [];
    return [{ step, mean: mean(values), low: Math.min(...values), high: Math.max(...values), bySeed: values }];
  });
}

const AXES = { width: 560, height: 220, letters: 30, fromFirst: true, keepsLines: true } as const;

export function studyCurvesChart(report: StudyReport): Chart {
  const variants = report.variants.filter(({ runs }) => runs.length > 0);
  const others = count(Math.max(0, variants.length - 1), "variant");
  const isCut = variants.length - 1 > MOST_COLOURED;
  const panels = report.tasks.map((task) => taskPanel(task, variants));
  return chart({
    title: sentence([
      `${planMark(report)}${metricOfAll(report)} while training: ${others} and the model, means over ${seedsText(report)}`,
      "grey: the range of the model's seeds",
      isCut ? "the three that end farthest from the model have names" : null,
    ]),
    rows: panelRows(panels, { across: 1, height: AXES.height, empty: "no tasks" }),
    sheet: studyCurvesSheet({ ...report, variants }),
  });
}

function taskPanel(task: StudyTask, variants: readonly StudyVariant[]): Panel {
  const [model] = variants;
  const curves = variants.map((variant): OverlaidCurve => {
    const points = curvePoints(task, variant);
    const hover = markup`${variant.name}<br>step %{x:,}: %{y:.4f}`;
    const isMain = variant === model;
    return { name: variant.name, x: points.map(({ step }) => step), y: points.map(({ mean }) => mean), hover, isMain };
  });
  const panel = overlayPanel(taskName(task), metricName(task), curves, AXES);
  return { ...panel, marks: [...(model === undefined ? [] : seedRange(task, model)), ...panel.marks] };
}

/** From the lowest to the highest seed of the model: the size of random differences. */
function seedRange(task: StudyTask, model: StudyVariant): PlotlyTrace[] {
  const points = curvePoints(task, model);
  return band({
    x: points.map(({ step }) => step),
    low: points.map(({ low }) => low),
    high: points.map(({ high }) => high),
    legend: { name: model.name, group: "model", inLegend: false },
    hover: "none",
  });
}

/** @param intervals of differences, by task; over all rows, then by domain */
export function dialSheet(
  caption: string,
  trained: Evaluation,
  scaled: Evaluation,
  intervals: readonly (readonly (Ends | null)[])[],
): Sheet {
  const before = byTaskAndDomain<TaskEvaluation, TaskMetrics>(trained.tasks);
  const rows = byTaskAndDomain<TaskEvaluation, TaskMetrics>(scaled.tasks).map(({ task, domain, value }, at) => {
    const [trainedAuc, auc] = [before[at]!.value.auc, value.auc];
    const difference = trainedAuc === null || auc === null ? null : auc - trainedAuc;
    return { task, domain, trainedAuc, auc, difference, interval: intervals[scaled.tasks.indexOf(task)]?.[domain + 1] };
  });
  return sheetFrom(caption, rows, [
    placeColumns(scaled.domainNames),
    col.number(["auc_trained", "AUC as trained"], ({ trainedAuc }) => trainedAuc, 4),
    col.number(["auc_scaled", "AUC scaled"], ({ auc }) => auc, 4),
    col.number("difference", ({ difference }) => difference, 4),
    col.ends(({ interval }) => interval, 4),
  ]);
}

export interface MovedRows {
  readonly tower: string;
  /** The domain to which they are limited; `null`: none. */
  readonly domain: string | null;
  readonly rows: readonly MovedRow[];
}

export interface MovedRow {
  readonly row: number;
  /** `null`: the model has no domains. */
  readonly domain: string | null;
  readonly trained: number;
  readonly scaled: number;
  readonly change: number;
}

export function movedRowsSheet({ tower, domain, rows }: MovedRows): Sheet {
  return sheetFrom(`Rows whose ${tower} moves most${domain === null ? "" : ` in ${domain}`}`, rows, [
    col.count("row", ({ row }) => row),
    rows.some((row) => row.domain !== null) && col.text("domain", (row) => row.domain),
    col.number(["trained", "as trained"], ({ trained }) => trained, 4),
    col.number("scaled", ({ scaled }) => scaled, 4),
    col.number(["logit_change", "logit change"], ({ change }) => change, 4),
  ]);
}

export interface DialPosition {
  readonly tower: string;
  /** Index of the domain; `null`: all rows. */
  readonly domain: number | null;
  readonly gammas: DialGammas;
  /** The scaled model's metric minus the trained model's; `null`: the dial does not compute the study's metric. */
  readonly difference: number | null;
  /** Of the difference, for all gammas tried at once; `null`: unknown. */
  readonly interval: Ends | null;
}

export function dialResponsesChart(report: StudyReport, position: DialPosition): Chart {
  const { tower, domain, difference } = position;
  const curves = report.responses.filter((each) => {
    return gammaAt(each, position) !== null && each.tower === tower && each.domain === domain;
  });
  const task = report.tasks.find((each) => each.tower === tower)!;
  const [low, high] = differencesRange(curves);
  const range = [Math.min(low, difference ?? low), Math.max(high, difference ?? high)] as const;
  const panels = curves.map((response, at) => {
    const panel = responsePanel(report, response, range, at === 0);
    return { ...panel, marks: [...panel.marks, ...positionMarks(response, position, range, at === 0)] };
  });
  const part = `${taskName(task)}, ${domain === null ? ALL_ROWS : report.domainNames[domain]!}`;
  const change = difference === null ? null : `scaled gates change ${metricName(task)} by ${changeText(position)}`;
  return chart({
    title:
      planMark(report) +
      sentence([
        `${inTitle(part)}: ${change ?? "the dial has no value of the study's metric"}`,
        ...curves.map((response) => `trained over ${response.path}: ${bestText(response)}`),
      ]),
    legendBelow: true,
    rows: panelRows(panels, { across: 2, height: 190, empty: `the study has no curve over gamma for ${part}` }),
    sheet: studyResponsePointsSheet({ ...report, responses: curves }),
  });
}

function changeText({ difference, interval }: DialPosition): string {
  const range = interval === null ? ", without an interval" : ends(interval, (end) => signed(end, 4));
  return `${signed(difference, 4)}${range}`;
}

function gammaAt({ path }: StudyResponse, { gammas }: DialPosition): number | null {
  if (path === "epnet.gamma") return gammas.epnet;
  return path === "ppnet.gamma" ? gammas.ppnet : null;
}

function positionMarks(
  response: StudyResponse,
  position: DialPosition,
  range: readonly [number, number],
  inLegend: boolean,
): PlotlyTrace[] {
  const gamma = gammaAt(response, position)!;
  const { difference } = position;
  const legend = { name: "dial: gates scaled", group: "dial", inLegend };
  return [
    rule({ from: [gamma, range[0]], to: [gamma, range[1]] }),
    dots({
      x: [gamma],
      y: [difference === null ? null : rounded(difference)],
      color: INK,
      symbol: "x-thin-open",
      size: 12,
      outline: { color: INK, width: 3 },
      legend,
      hover: markup`the trained model with its gates scaled<br>${response.path} ${String(gamma)}: ${difference === null ? "no value" : changeText(position)}`,
    }),
  ];
}

export function movedRowsChart(moved: MovedRows, call?: (row: number) => string): Chart {
  const { rows, tower } = moved;
  const names = rows.map(({ row, domain }) => (domain === null ? `row ${row}` : `row ${row}, ${domain}`));
  const panel = dotRowsPanel({
    rows: rows.map(({ row, trained, scaled, change }, at) => ({
      name: names[at]!,
      value: scaled,
      // A line from where the row was.
      low: Math.min(trained, scaled),
      high: Math.max(trained, scaled),
      color: INK,
      printed: fixed(scaled),
      hover: markup`${names[at]!}<br>gates scaled: ${fixed(scaled, 4)}, logit ${signed(change, 3)}`,
      call: call?.(row) ?? null,
    })),
    levels: [
      {
        legend: { name: "as trained", group: "trained", inLegend: true },
        values: rows.map(({ trained }) => trained),
        symbol: "diamond-open",
        color: PLAIN,
        calls: call && rows.map(({ row }) => call(row)),
        hover: rows.map(({ trained }, at) => markup`${names[at]!}<br>as trained: ${fixed(trained, 4)}`),
      },
    ],
    axis: xAxis("predicted probability", { nticks: 6 }),
    letters: 30,
  });
  const key = dots({
    x: [],
    y: [],
    color: INK,
    size: 8,
    legend: { name: "gates scaled", group: "scaled", inLegend: true },
    hover: "none",
  });
  return chart({
    title: `Predictions of ${inTitle(tower)} ${finding(moved.rows[0])}`,
    rows: [{ height: dotRowsHeight(rows.length), panels: [{ ...panel, marks: [...panel.marks, key] }] }],
    legendBelow: true,
    sheet: movedRowsSheet(moved),
  });
}

function finding(first: MovedRow | undefined): string {
  if (first === undefined) return "with scaled gates: no rows";
  if (first.change === 0) return "with the gates as trained";
  return `with scaled gates: row ${first.row} moves most, ${fixed(first.trained)} to ${fixed(first.scaled)}`;
}

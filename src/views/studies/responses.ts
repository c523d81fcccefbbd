import type { ResponsePoint, StudyResponse, TrainedLevel } from "../../ablation/band.js";
import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/study.js";
import type { StudySurface } from "../../ablation/surface.js";
import type { Evaluation } from "../../metrics/types.js";
import { count, signed } from "../../util/text.js";
import { mean } from "../../util/turns.js";
import { panelRows, xAxis, yAxis } from "../axes.js";
import { chart, type Panel } from "../compose.js";
import { band, dots, line, rule } from "../lines.js";
import { ALL_ROWS, domainColumns, metricName, metricOfAll, planMark, seedsText, taskName } from "../names.js";
import { MOST_COLOURED, type OverlaidCurve, overlayPanel } from "../overlay.js";
import { INK, inTitle, markup, PLAIN, rounded, sentence } from "../theme.js";
import { type Chart, type Column, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";
import { drawnParts, mostDomains } from "./study.js";

export function studyResponsesSheet(report: StudyReport): Sheet {
  type Row = Omit<StudyResponse, "domain"> & { readonly domain: number };
  return makeSheet<Row>(
    `${planMark(report)}Response to numeric settings: the best value within the trained range, with the values that may be the best`,
    [
      col.text("setting", ({ path }) => path),
      col.text("task", ({ tower }) => tower),
      ...domainColumns<Row>(report.domainNames),
      col.count("seeds", ({ seeds }) => seeds),
      col.number(["model_value", "model"], ({ modelValue }) => modelValue),
      col.number("best", ({ best }) => best?.value, 2),
      col.number(["best_low", "best from"], ({ best }) => best?.low, 2),
      col.number(["best_high", "best to"], ({ best }) => best?.high, 2),
      col.flag("flat", ({ flat }) => flat),
      col.number(["bound", "within ±"], ({ bound }) => bound, 4),
    ],
    report.responses.map((response) => ({ ...response, domain: response.domain ?? -1 })),
  );
}

interface Place {
  readonly response: StudyResponse;
  readonly domain: number;
  readonly point: ResponsePoint | null;
  readonly trained: TrainedLevel | null;
}

export function studyResponsePointsSheet(report: StudyReport): Sheet {
  return makeSheet<Place>(
    "Curves over numeric settings: differences from the model with the curve's band, and the means of what was trained",
    [
      col.text("setting", ({ response }) => response.path),
      col.text("task", ({ response }) => response.tower),
      ...domainColumns<Place>(report.domainNames),
      col.number("value", ({ point, trained }) => (point ?? trained)?.value, 4),
      col.number("trained", ({ trained }) => trained?.mean, 5),
      col.number("curve", ({ point }) => point?.mean, 5),
      ...col.ends<Place>(({ point }) => point, 5),
    ],
    report.responses.flatMap((response): Place[] => {
      const rows = { response, domain: response.domain ?? -1 };
      return [
        ...response.trained.map((trained) => ({ ...rows, trained, point: null })),
        ...response.points.map((point) => ({ ...rows, trained: null, point })),
      ];
    }),
  );
}

export function studySurfacesSheet(report: StudyReport): Sheet {
  type Row = Omit<StudySurface, "domain"> & { readonly domain: number };
  const axis = (at: 0 | 1): Column<Row>[] => {
    const [key, name] = at === 0 ? ["first", "1st"] : ["second", "2nd"];
    return [
      col.text([`${key}_setting`, `${name} setting`], ({ paths }) => paths[at]),
      col.number([`${key}_model`, "model"], ({ modelValues }) => modelValues[at]),
      col.number([`${key}_best`, "best"], ({ best }) => best?.values[at], 2),
      col.number([`${key}_low`, "best from"], ({ best }) => best?.low[at], 2),
      col.number([`${key}_high`, "best to"], ({ best }) => best?.high[at], 2),
    ];
  };
  return makeSheet<Row>(
    `${planMark(report)}Response to pairs of settings: the best values within the trained range, with the box of those that may be the best`,
    [
      col.text("task", ({ tower }) => tower),
      ...domainColumns<Row>(report.domainNames),
      col.count("seeds", ({ seeds }) => seeds),
      ...axis(0),
      ...axis(1),
      col.flag("flat", ({ flat }) => flat),
      col.number(["bound", "within ±"], ({ bound }) => bound, 4),
    ],
    report.surfaces.map((surface) => ({ ...surface, domain: surface.domain ?? -1 })),
  );
}

export function responseConclusions({ responses, surfaces }: StudyReport): string[] {
  const overall = <Shape extends { readonly domain: number | null }>(shapes: readonly Shape[]): Shape[] =>
    shapes.filter(({ domain }) => domain === null);
  return [...overall(responses).map(responseText), ...overall(surfaces).map(surfaceText)];
}

/** Where the best value of a setting is: `about 2.6; 1.4 to 5.1 may be the best`. */
export function bestText({ best, bound }: StudyResponse): string {
  if (best === null) return `flat within ±${digits(bound)}: no best value shown`;
  return `best at about ${digits(best.value)}; ${digits(best.low)} to ${digits(best.high)} may be the best`;
}

export function bestPairText({ best, bound }: StudySurface): string {
  if (best === null) return `flat within ±${digits(bound)}: no best values shown`;
  const [x, y] = best.values.map(digits);
  const [xs, ys] = ([0, 1] as const).map((axis) => `${digits(best.low[axis])} to ${digits(best.high[axis])}`);
  return `best at about ${x} and ${y}; pairs within ${xs} and ${ys} may be the best`;
}

export function pairName({ paths }: StudySurface): string {
  return paths.join(" and ");
}

function responseText(response: StudyResponse): string {
  const { path, tower, points, best, bound } = response;
  const range = `${digits(points[0]!.value)} to ${digits(points.at(-1)!.value)}`;
  if (best === null) {
    return `From ${range}, ${path} changes ${tower} by at most ±${digits(bound)}: the curve is flat, and no best value is shown.`;
  }
  const able = `${digits(best.low)} to ${digits(best.high)}`;
  return `The best ${path} for ${tower} is about ${digits(best.value)}; ${able} may be the best of ${range}.`;
}

function surfaceText(surface: StudySurface): string {
  const { tower, best, bound } = surface;
  if (best === null) {
    return `Together, ${pairName(surface)} change ${tower} by at most ±${digits(bound)}: the surface is flat, and no best values are shown.`;
  }
  return `${pairName(surface)} together, for ${tower}: ${bestPairText(surface)}.`;
}

function digits(value: number): number {
  return Number(value.toPrecision(2));
}

export function studyResponsesChart(report: StudyReport): Chart {
  const shapes = drawnParts(report.responses, report);
  const panels = shapes.map((response, at) => {
    const range = differencesRange(shapes.filter(({ tower }) => tower === response.tower));
    return responsePanel(report, response, range, at === 0);
  });
  const empty = "no numeric setting with three values or more and two seeds";
  return chart({
    title: planMark(report) + responsesTitle(report),
    rows: panelRows(panels, { across: 2, height: 190, empty }),
    sheet: studyResponsePointsSheet(report),
  });
}

export function differencesRange(responses: readonly StudyResponse[]): [number, number] {
  const ends = responses.flatMap(({ points, trained }) => [
    ...points.flatMap(({ low, high }) => [low, high]),
    ...trained.map(({ mean }) => mean),
  ]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.05 * (high - low);
  return [rounded(low - margin), rounded(high + margin)];
}

export function responsePanel(
  report: StudyReport,
  response: StudyResponse,
  range: readonly [number, number],
  inLegend: boolean,
): Panel {
  const task = report.tasks.find(({ tower }) => tower === response.tower)!;
  const { points, trained, domain, path, modelValue, log } = response;
  const x = points.map(({ value }) => rounded(value));
  const marks: PlotlyTrace[] = [
    ...band({
      x,
      low: points.map(({ low }) => rounded(low)),
      high: points.map(({ high }) => rounded(high)),
      legend: { name: "its band", group: "band", inLegend },
      hover: "none",
    }),
    rule({ from: [x[0]!, 0], to: [x.at(-1)!, 0] }),
    line({
      x,
      y: points.map(({ mean }) => rounded(mean)),
      color: PLAIN,
      width: 2,
      legend: { name: "curve", group: "curve", inLegend },
      hover: {
        template: markup`${path} %{x:.3~g}<br>%{customdata}`,
        each: points.map(({ mean, low, high }) => markup`${signed(mean, 4)} (${signed(low, 4)} to ${signed(high, 4)})`),
      },
    }),
    dots({
      x: trained.map(({ value }) => value),
      y: trained.map(({ mean }) => rounded(mean)),
      color: trained.map(({ value }) => (value === modelValue ? INK : PLAIN)),
      size: 7,
      legend: { name: "trained", group: "trained", inLegend },
      hover: markup`${path} %{x}, trained<br>%{y:+.5f}`,
    }),
    ...bestMark(response, inLegend),
  ];
  return {
    title: `${taskName(task)}, ${domain === null ? ALL_ROWS : report.domainNames[domain]!}`,
    marks,
    xaxis: xAxis(path, log ? { type: "log", ...logTicks(response) } : { nticks: 6 }),
    yaxis: yAxis(`${metricName(task)} − the model's`, { tickformat: ".2~g", nticks: 4, range }),
  };
}

/** Values that may be the best, at the height of the best: a diamond with whiskers. Flat curves have none. */
function bestMark({ best, points, path }: StudyResponse, inLegend: boolean): PlotlyTrace[] {
  if (best === null) return [];
  return [
    dots({
      x: [rounded(best.value)],
      y: [rounded(points.find(({ value }) => value === best.value)!.mean)],
      color: INK,
      symbol: "diamond",
      size: 10,
      whiskersX: { low: [best.low], high: [best.high], color: INK, thickness: 3, caps: 5 },
      legend: { name: "may be the best", group: "best", inLegend },
      hover: markup`${path}: best at about %{x:.3~g}<br>${best.low.toPrecision(2)} to ${best.high.toPrecision(2)} may be the best`,
    }),
  ];
}

function logTicks({ trained }: StudyResponse): { tickvals: number[]; ticktext: string[] } {
  const values = trained.map(({ value }) => value);
  return { tickvals: values, ticktext: values.map((value) => String(Number(value.toPrecision(3)))) };
}

function responsesTitle(report: StudyReport): string {
  const overall = report.responses.filter(({ domain }) => domain === null);
  const parts = overall.map((response) => `${inTitle(response.path)}, ${response.tower}: ${bestText(response)}`);
  const first = parts.slice(0, 3);
  if (first.length === 0) return "Curves over numeric settings: none";
  return sentence([
    ...first,
    parts.length > first.length ? `${parts.length - first.length} more below` : null,
    report.domainNames.length > mostDomains ? "domains are in the table" : null,
  ]);
}

export interface CurvePoint {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** In the order of the variant's runs. */
  readonly bySeed: readonly number[];
}

interface Row extends CurvePoint {
  readonly variant: StudyVariant;
  readonly task: StudyTask;
}

export function studyCurvesSheet({ variants, tasks }: StudyReport): Sheet {
  return makeSheet<Row>(
    "Curves by variant: mean over the seeds, lowest and highest seed",
    [
      col.text("variant", ({ variant }) => variant.name),
      col.text("task", ({ task }) => taskName(task)),
      col.count("step", ({ step }) => step),
      col.number("mean", ({ mean }) => mean, 4),
      col.number("lowest", ({ low }) => low, 4),
      col.number("highest", ({ high }) => high, 4),
    ],
    variants.flatMap((variant) =>
      tasks.flatMap((task) => curvePoints(task, variant).map((point) => ({ ...point, variant, task }))),
    ),
  );
}

/** Means over the seeds at the steps at which all of them were evaluated. */
export function curvePoints(task: StudyTask, { runs }: StudyVariant): CurvePoint[] {
  const bySeed = runs.map(
    ({ evaluations }) => new Map(evaluations.map(({ step, evaluation }) => [step, metricAt(task, evaluation.tasks)])),
  );
  const steps = [...(bySeed[0]?.keys() ?? [])];
  return steps.flatMap((step) => {
    const values = bySeed.map((points) => points.get(step) ?? null).filter((value) => value !== null);
    if (values.length < bySeed.length || values.length === 0) return [];
    return [{ step, mean: mean(values), low: Math.min(...values), high: Math.max(...values), bySeed: values }];
  });
}

function metricAt({ tower, metric }: StudyTask, tasks: Evaluation["tasks"]): number | null {
  return tasks.find((task) => task.tower === tower)?.overall[metric] ?? null;
}

const AXES = { width: 240, height: 260 } as const;
const WIDE = { width: 560, height: 220 } as const;

export function studyCurvesChart(report: StudyReport): Chart {
  const variants = report.variants.filter(({ runs }) => runs.length > 0);
  const others = count(Math.max(0, variants.length - 1), "variant");
  const isCut = variants.length - 1 > MOST_COLOURED;
  const axes = isCut ? WIDE : AXES;
  const panels = report.tasks.map((task) => taskPanel(task, variants, axes));
  return chart({
    title: sentence([
      `${planMark(report)}${metricOfAll(report)} while training: ${others} and the model, means over ${seedsText(report)}`,
      "grey: the range of the model's seeds",
      isCut ? "the three that end farthest from the model have names" : null,
    ]),
    rows: panelRows(panels, { across: isCut ? 1 : 2, height: axes.height, empty: "no tasks" }),
    sheet: studyCurvesSheet({ ...report, variants }),
  });
}

function taskPanel(task: StudyTask, variants: readonly StudyVariant[], axes: typeof AXES | typeof WIDE): Panel {
  const [model] = variants;
  const curves = variants.map((variant): OverlaidCurve => {
    const points = curvePoints(task, variant);
    const hover = markup`${variant.name}<br>step %{x:,}: %{y:.4f}`;
    const isMain = variant === model;
    return { name: variant.name, x: points.map(({ step }) => step), y: points.map(({ mean }) => mean), hover, isMain };
  });
  const panel = overlayPanel(taskName(task), metricName(task), curves, axes);
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

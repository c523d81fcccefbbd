/**
 * A study's curves over numeric settings, by task and domain: the difference from the model with its simultaneous band,
 * what was trained, and the best value with its interval.
 */
import type { StudyReport, StudyResponse } from "../../ablation/index.js";
import { ALL_ROWS, bestText, metricName, planMark, studyResponsePointsSheet, taskName } from "../../tables/index.js";
import { signed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { band, dots, line, rule } from "../marks/index.js";
import { chart, type Panel, panelRows, xAxis, yAxis } from "../panels/index.js";
import { INK, inTitle, markup, PLAIN, rounded, sentence } from "../theme/index.js";
import { drawnParts, mostDomains } from "./parts.js";

/** Curves and bands. */
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

/** All panels of a task have one range, so that heights compare. */
export function differencesRange(responses: readonly StudyResponse[]): [number, number] {
  const ends = responses.flatMap(({ points, trained }) => [
    ...points.flatMap(({ low, high }) => [low, high]),
    ...trained.map(({ mean }) => mean),
  ]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.05 * (high - low);
  return [rounded(low - margin), rounded(high + margin)];
}

/** The curve of one setting, task and part of the rows. */
export function responsePanel(
  report: StudyReport,
  response: StudyResponse,
  range: readonly [number, number],
  inLegend: boolean,
): Panel {
  const task = report.tasks.find(({ tower }) => tower === response.tower)!;
  const { points, trained, domain, path, modelValue, log } = response;
  const x = points.map(({ value }) => rounded(value));
  const color = PLAIN;
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
      color,
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
      color: trained.map(({ value }) => (value === modelValue ? INK : color)),
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
  const height = rounded(points.find(({ value }) => value === best.value)!.mean);
  const color = INK;
  return [
    dots({
      x: [rounded(best.value)],
      y: [height],
      color,
      symbol: "diamond",
      size: 10,
      whiskersX: { low: [best.low], high: [best.high], color, thickness: 3, caps: 5 },
      legend: { name: "may be the best", group: "best", inLegend },
      hover: markup`${path}: best at about %{x:.3~g}<br>${best.low.toPrecision(2)} to ${best.high.toPrecision(2)} may be the best`,
    }),
  ];
}

/** Ticks at the trained values, which are usually powers of one number. */
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

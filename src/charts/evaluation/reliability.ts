/** Reliability curves: observed and predicted rates, one panel per task, with the diagonal of perfect calibration. */
import type { CalibrationBin, CalibrationCurve, CalibrationReport, TaskCalibration } from "../../metrics/index.js";
import { ALL_ROWS, calibrationSheet, drawnDomains, namesByDomain, taskName } from "../../tables/index.js";
import { weightedMean } from "../../util/sums.js";
import { count, fixed, percent } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { type LineOptions, line, rule, type Whiskers } from "../marks/index.js";
import { chart, type Panel, panelRows, xAxis, yAxis } from "../panels/index.js";
import { family, GRID, INK, inTitle, markup, rounded, sentence } from "../theme/index.js";

/** Largest number of domains with separate colours; more share one. */
const DOMAINS_APART = 6;
/** A title names the domain that is furthest from its rate, if it is further than this. */
const OFF = 0.05;

/** Observed by predicted rate, bin by bin, for all rows and each domain. */
export function reliabilityChart(report: CalibrationReport): Chart {
  const names = drawnDomains(report.domainNames, report.tasks);
  const panels = report.tasks.map((task, t) => taskPanel(task, names, t));
  const rows = panelRows(panels, { across: 2, height: 230, empty: "no binary task" });
  return chart({ title: reliabilityTitle(report), rows, sheet: calibrationSheet(report) });
}

function taskPanel(task: TaskCalibration, names: readonly string[], index: number): Panel {
  const inLegend = index === 0;
  const domains = family(names, { noun: "domain", apart: DOMAINS_APART, width: 1.5 });
  const curves = names.map((name, d) => {
    const look = domains.member(d, inLegend);
    const curve = task.domains[d] ?? NO_CURVE;
    const intervals = domains.few ? { dots: 5, whiskers: whiskers(curve, look.color) } : {};
    return reliabilityLine(task, name, curve, { ...look, ...intervals });
  });
  const overall = reliabilityLine(task, ALL_ROWS, task.overall, {
    color: INK,
    width: 2.5,
    dots: 6,
    whiskers: whiskers(task.overall, INK),
    legend: { name: ALL_ROWS, group: ALL_ROWS, inLegend },
  });
  const calibrations = [task.overall, ...(domains.few ? task.domains.slice(0, names.length) : [])];
  const top = Math.max(0.01, ...calibrations.flatMap(({ bins }) => bins.map(reach)));
  const end = rounded(Math.min(1, top * 1.06));
  const rates = { range: [0, end], tickformat: ".2~p" };
  return {
    title: task.overall.gap === null ? taskName(task) : `${taskName(task)}: ${task.overall.gap}`,
    marks: [diagonal(end, inLegend), ...curves, overall],
    xaxis: xAxis("predicted rate", { ...rates, nticks: 5 }),
    yaxis: yAxis(index % 2 === 0 ? "observed rate" : "", { ...rates, nticks: 6 }),
  };
}

const NO_CURVE: CalibrationCurve = { rows: 0, bins: [], gap: "no rows" };

/** The range of the axes: long intervals may be cut off, bins are always visible. */
function reach({ predicted, observed, high }: CalibrationBin): number {
  return Math.max(predicted, Math.min(high, observed * 1.5), observed);
}

function reliabilityLine(
  task: TaskCalibration,
  rows: string,
  { bins }: CalibrationCurve,
  look: Omit<LineOptions, "x" | "y" | "hover">,
): PlotlyTrace {
  return line({
    x: bins.map(({ predicted }) => rounded(predicted)),
    y: bins.map(({ observed }) => rounded(observed)),
    ...look,
    hover: {
      template: markup`${taskName(task)}, ${rows}<br>%{customdata}`,
      each: bins.map((bin) => {
        const interval = `${percent(bin.low)} to ${percent(bin.high)}`;
        return markup`predicted ${percent(bin.predicted)}, observed ${percent(bin.observed)} (${interval}), ${count(bin.rows, "row")}`;
      }),
    },
  });
}

function whiskers({ bins }: CalibrationCurve, color: string): Whiskers {
  const [low, high] = [bins.map((bin) => bin.low), bins.map((bin) => bin.high)];
  return { low, high, color, thickness: 1 };
}

function diagonal(end: number, inLegend: boolean): PlotlyTrace {
  const legend = { name: "calibrated", group: "calibrated", inLegend };
  return rule({ from: [0, 0], to: [end, end], color: GRID, width: 2, dash: "solid", legend });
}

/** Mean prediction and observed rate, with the domain that is furthest from its rate, or the error over bins. */
function reliabilityTitle({ tasks, domainNames }: CalibrationReport): string {
  const names = namesByDomain(domainNames, tasks);
  const parts = tasks.map((task) => {
    const { bins, gap } = task.overall;
    if (bins.length === 0) return `${inTitle(taskName(task))} has no curve (${gap ?? "no rows"})`;
    const error = `ECE ${fixed(weightedMean(bins, rowsOf, (bin) => Math.abs(bin.predicted - bin.observed)))}`;
    const rates = `${percent(predictedRate(bins), 1)} predicted, ${percent(observedRate(bins), 1)} observed`;
    return `${inTitle(taskName(task))}: ${rates}, ${furthestDomain(task, names) ?? error}`;
  });
  return parts.length === 0 ? "Reliability: no binary task" : sentence(parts);
}

/** `0.79 × the rate in live`: over all rows, domains above and below their rates cancel. `null`: none is far. */
function furthestDomain({ domains }: TaskCalibration, names: readonly string[]): string | null {
  const ratios = domains.flatMap(({ bins }, d) => {
    const observed = observedRate(bins);
    return observed > 0 ? [{ ratio: predictedRate(bins) / observed, name: names[d]! }] : [];
  });
  if (ratios.length < 2) return null;
  const furthest = ratios.reduce((a, b) => (Math.abs(Math.log(b.ratio)) > Math.abs(Math.log(a.ratio)) ? b : a));
  if (Math.abs(furthest.ratio - 1) < OFF) return null;
  return `${fixed(furthest.ratio, 2)} × the rate in ${inTitle(furthest.name, names)}`;
}

const rowsOf = (bin: CalibrationBin): number => bin.rows;

function predictedRate(bins: readonly CalibrationBin[]): number {
  return weightedMean(bins, rowsOf, (bin) => bin.predicted);
}

function observedRate(bins: readonly CalibrationBin[]): number {
  return weightedMean(bins, rowsOf, (bin) => bin.observed);
}

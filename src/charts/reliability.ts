/** Reliability curves: observed against predicted rates, a panel a task, with the diagonal on which both agree. */
import type { CalibrationCurve, CalibrationReport, TaskCalibration } from "../metrics/calibration/calibration-curve.js";
import type { Cell, Table } from "../tables/index.js";
import type { JsonObject } from "../util/json.js";
import { compose, type Panel } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { rounded } from "./numbers.js";
import { inRows } from "./panel-rows.js";
import { hoverName, nameDomains, taskName } from "./tasks.js";
import { count, fixed, inTitle, label, percent, sentence } from "./text.js";
import { colour, faded, GRID, INK, MAX_COLOURS } from "./theme.js";

/** Domains with a colour each; more share one. */
const DOMAINS_APART = Math.min(6, MAX_COLOURS);

/** Observed by predicted rate, bin by bin, for all rows and each domain. */
export function reliabilityChart(report: CalibrationReport): Chart {
  const domains = Math.max(report.domainNames.length, ...report.tasks.map((task) => task.domains.length));
  const names = nameDomains(report.domainNames, domains);
  const title = reliabilityTitle(report);
  const panels = report.tasks.map((task, t) => taskPanel(task, names, t));
  const rows =
    panels.length === 0 ? [{ height: 60, panels: [nothingPanel("no binary task")] }] : inRows(panels, 2, 230);
  return { title, figure: compose({ title, rows }), table: reliabilityTable(report, names) };
}

function taskPanel(task: TaskCalibration, names: readonly string[], index: number): Panel {
  const few = names.length <= DOMAINS_APART;
  const top = Math.max(0.01, ...[task.overall, ...(few ? task.domains : [])].flatMap((curve) => curve.bins.map(reach)));
  const range = [0, rounded(Math.min(1, top * 1.06))];
  const legend = index === 0;
  const curves = names.map((name, d): PlotlyTrace => {
    const curve = task.domains[d] ?? nothing;
    const look = few ? { color: colour(d, names.length), width: 1.5 } : { color: faded(colour(4, 5), 0.4), width: 1 };
    return {
      ...line(curve, hoverName(taskName(task), name)),
      name: label(few ? name : `each of ${names.length} domains`),
      legendgroup: few ? `domain ${d}` : "domains",
      showlegend: legend && (few || d === 0),
      mode: few ? "lines+markers" : "lines",
      line: look,
      marker: { size: 5, color: look.color },
      ...(few ? { error_y: whiskers(curve, look.color) } : {}),
    };
  });
  const overall: PlotlyTrace = {
    ...line(task.overall, hoverName(taskName(task), "all rows")),
    name: "all rows",
    legendgroup: "all rows",
    showlegend: legend,
    mode: "lines+markers",
    line: { color: INK, width: 2.5 },
    marker: { size: 6, color: INK },
    error_y: whiskers(task.overall, INK),
  };
  return {
    title: task.overall.gap === null ? taskName(task) : `${taskName(task)}: ${task.overall.gap}`,
    traces: [diagonal(range[1] as number, legend), ...curves, overall],
    xaxis: { title: { text: "predicted rate", standoff: 6 }, range, tickformat: ".2~p", nticks: 5 },
    yaxis: { title: { text: index % 2 === 0 ? "observed rate" : "" }, range, tickformat: ".2~p", nticks: 6 },
  };
}

const nothing: CalibrationCurve = { rows: 0, bins: [], gap: "no rows" };

/** How far a bin's marks reach: an interval of few rows may be cut, the bin not. */
function reach({ predicted, observed, high }: CalibrationCurve["bins"][number]): number {
  return Math.max(predicted, Math.min(high, observed * 1.5), observed);
}

function line({ bins }: CalibrationCurve, hover: string): PlotlyTrace {
  return {
    type: "scatter",
    x: bins.length === 0 ? [null] : bins.map(({ predicted }) => rounded(predicted)),
    y: bins.length === 0 ? [null] : bins.map(({ observed }) => rounded(observed)),
    customdata: bins.map(
      ({ rows, predicted, observed, low, high }) =>
        `predicted ${percent(predicted)}, observed ${percent(observed)} (${percent(low)} to ${percent(high)}), ${count(rows, "row")}`,
    ),
    hovertemplate: `${hover}<br>%{customdata}<extra></extra>`,
  };
}

function whiskers({ bins }: CalibrationCurve, color: string): JsonObject {
  return {
    type: "data",
    symmetric: false,
    array: bins.map(({ observed, high }) => rounded(Math.max(0, high - observed))),
    arrayminus: bins.map(({ observed, low }) => rounded(Math.max(0, observed - low))),
    color: faded(color, 0.6),
    thickness: 1,
    width: 0,
  };
}

function diagonal(to: number, legend: boolean): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name: "calibrated",
    legendgroup: "calibrated",
    showlegend: legend,
    x: [0, to],
    y: [0, to],
    line: { color: GRID, width: 2 },
    hoverinfo: "skip",
  };
}

/** How far mean prediction and observed rate part, and where bins part most. */
function reliabilityTitle({ tasks }: CalibrationReport): string {
  const parts = tasks.map((task) => {
    const { bins, gap } = task.overall;
    if (bins.length === 0) return `${inTitle(taskName(task))} has no curve (${gap ?? "no rows"})`;
    const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
    const mean = (of: "predicted" | "observed"): number =>
      bins.reduce((sum, bin) => sum + bin.rows * bin[of], 0) / rows;
    const [predicted, observed] = [mean("predicted"), mean("observed")];
    const error = bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0) / rows;
    const [said, seen] = [predicted, observed].map((rate) => `${fixed(rate * 100, 1)} %`);
    return `${inTitle(taskName(task))}: ${said} predicted, ${seen} observed, ECE ${fixed(error)}`;
  });
  return parts.length === 0 ? "Reliability: no binary task" : sentence(parts);
}

function reliabilityTable({ tasks, level }: CalibrationReport, names: readonly string[]): Table {
  return {
    caption: `Predicted and observed rates by bin, with ${Math.round(level * 100)} % Wilson intervals`,
    columns: [
      { name: "task" },
      { name: "domain" },
      { name: "rows" },
      { name: "from", digits: 4 },
      { name: "to", digits: 4 },
      { name: "predicted", digits: 4 },
      { name: "observed", digits: 4 },
      { name: "low", digits: 4 },
      { name: "high", digits: 4 },
    ],
    rows: tasks.flatMap((task) =>
      [task.overall, ...task.domains].flatMap(({ bins }, d) =>
        bins.map(({ rows, from, to, predicted, observed, low, high }): Cell[] => {
          const domain = d === 0 ? "all rows" : (names[d - 1] as string);
          return [taskName(task), domain, rows, from, to, predicted, observed, low, high];
        }),
      ),
    ),
  };
}

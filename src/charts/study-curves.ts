/** A study's curves: each variant's metric while it trains, mean over seeds, over the range of the model's seeds. */
import type { StudyReport, StudyTask, StudyVariant } from "../ablation/report.js";
import type { Evaluation } from "../metrics/types.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel, type PanelRow } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { metricName, metricOfAll, seedsText, studyTaskName } from "./study-text.js";
import { count, label, plotText } from "./text.js";
import { colour, faded, INK, MAX_COLOURS } from "./theme.js";

const PANELS_A_ROW = 2;

/** One point of a curve. */
interface CurvePoint {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Curves by variant. */
export function studyCurvesChart(report: StudyReport): Chart {
  const variants = report.variants.filter(({ runs }) => runs.length > 0);
  const title = `${metricOfAll(report)} while training: ${count(variants.length - 1, "variant")} and the model, means over ${seedsText(report)}; grey: the range of the model's seeds`;
  const panels = report.tasks.map((task, at) => curvesPanel(task, variants, at === 0));
  const rows: PanelRow[] = [];
  for (let at = 0; at < panels.length; at += PANELS_A_ROW) {
    const own = panels.slice(at, at + PANELS_A_ROW);
    const empty = panels.length > PANELS_A_ROW ? { widths: Array<number>(PANELS_A_ROW).fill(1) } : {};
    rows.push({ height: 260, panels: own, ...empty });
  }
  return { title, figure: compose({ title, rows }), table: curvesTable(report, variants) };
}

function curvesPanel(task: StudyTask, variants: readonly StudyVariant[], legend: boolean): Panel {
  const [model, ...others] = variants;
  const traces = others.flatMap((variant, at) => curveOf(task, variant, at, others.length, legend));
  return {
    title: studyTaskName(task),
    traces: [...(model === undefined ? [] : modelCurve(task, model, legend)), ...traces],
    xaxis: { title: { text: "step", standoff: 6 }, rangemode: "tozero" },
    yaxis: { title: { text: metricName(task) }, tickformat: ".3~f" },
  };
}

function curveOf(task: StudyTask, variant: StudyVariant, at: number, total: number, legend: boolean): PlotlyTrace[] {
  const points = curvePoints(task, variant);
  const few = total < MAX_COLOURS;
  const shade = colour(at, few ? total : Math.max(total, MAX_COLOURS + 1));
  return [
    {
      ...line(points, plotText(variant.name)),
      legendgroup: few ? `variant ${at}` : "variants",
      name: label(few ? variant.name : `each of ${total} variants`),
      showlegend: legend && (few || at === 0),
      line: { color: shade, width: few ? 1.75 : 1 },
    },
  ];
}

function modelCurve(task: StudyTask, model: StudyVariant, legend: boolean): PlotlyTrace[] {
  const points = curvePoints(task, model);
  return [
    seedRange(points),
    {
      ...line(points, plotText(model.name)),
      legendgroup: "model",
      name: label(model.name),
      showlegend: legend,
      line: { color: INK, width: 3 },
    },
  ];
}

function line(points: readonly CurvePoint[], name: string): PlotlyTrace {
  return {
    type: "scatter",
    mode: points.length <= 30 ? "lines+markers" : "lines",
    marker: { size: 5 },
    x: points.map(({ step }) => step),
    y: points.map(({ mean }) => mean),
    hovertemplate: `${name}<br>step %{x:,}: %{y:.4f}<extra></extra>`,
  };
}

/** From the lowest to the highest seed of the model: what chance alone does. */
function seedRange(points: readonly CurvePoint[]): PlotlyTrace {
  const steps = points.map(({ step }) => step);
  return {
    type: "scatter",
    mode: "lines",
    legendgroup: "model",
    x: [...steps, ...[...steps].reverse()],
    y: [...points.map(({ high }) => high), ...points.map(({ low }) => low).reverse()],
    fill: "toself",
    fillcolor: faded(INK, 0.15),
    line: { width: 0 },
    hoverinfo: "skip",
  };
}

/** Means over the seeds at the steps that all of them were evaluated at. */
function curvePoints(task: StudyTask, { runs }: StudyVariant): CurvePoint[] {
  const bySeed = runs.map(
    ({ evaluations }) => new Map(evaluations.map(({ step, evaluation }) => [step, metricAt(task, evaluation.tasks)])),
  );
  const steps = [...(bySeed[0]?.keys() ?? [])];
  return steps.flatMap((step) => {
    const values = bySeed.map((points) => points.get(step) ?? null).filter((value) => value !== null);
    if (values.length < bySeed.length || values.length === 0) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [{ step, mean, low: Math.min(...values), high: Math.max(...values) }];
  });
}

function metricAt({ tower, metric }: StudyTask, tasks: Evaluation["tasks"]): number | null {
  const overall = tasks.find((task) => task.tower === tower)?.overall;
  return overall?.[metric] ?? null;
}

function curvesTable(report: StudyReport, variants: readonly StudyVariant[]): Table {
  return {
    caption: "Curves by variant: mean over the seeds, lowest and highest seed",
    columns: [
      { name: "variant" },
      { name: "task" },
      { name: "step", digits: 0 },
      { name: "mean", digits: 4 },
      { name: "lowest", digits: 4 },
      { name: "highest", digits: 4 },
    ],
    rows: variants.flatMap((variant) =>
      report.tasks.flatMap((task) =>
        curvePoints(task, variant).map(({ step, mean, low, high }): Cell[] => {
          return [variant.name, studyTaskName(task), step, mean, low, high];
        }),
      ),
    ),
  };
}

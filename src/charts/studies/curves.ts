/**
 * A study's curves: each variant's metric during training, as a mean over seeds, with the range of the model's seeds.
 */
import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/index.js";
import {
  curvePoints,
  metricName,
  metricOfAll,
  planMark,
  seedsText,
  studyCurvesSheet,
  taskName,
} from "../../tables/index.js";
import { count } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { band, type LineOptions, line } from "../marks/index.js";
import { chart, type Panel, panelRows, stepAxis, yAxis } from "../panels/index.js";
import { INK, type Markup, markup } from "../theme/index.js";
import { variantLook } from "./look.js";

/** Curves by variant. */
export function studyCurvesChart(report: StudyReport): Chart {
  const variants = report.variants.filter(({ runs }) => runs.length > 0);
  const panels = report.tasks.map((task, t) => taskPanel(task, variants, t === 0));
  const others = count(Math.max(0, variants.length - 1), "variant");
  return chart({
    title: `${planMark(report)}${metricOfAll(report)} while training: ${others} and the model, means over ${seedsText(report)}; grey: the range of the model's seeds`,
    rows: panelRows(panels, { across: 2, height: 260, empty: "no tasks" }),
    sheet: studyCurvesSheet({ ...report, variants }),
  });
}

function taskPanel(task: StudyTask, variants: readonly StudyVariant[], inLegend: boolean): Panel {
  const look = variantLook(variants);
  const curves = variants.map((variant, v) => {
    const style = v === 0 ? { color: INK, width: 3 } : { color: look.color(v), width: look.few ? 1.75 : 1 };
    return curve(task, variant, { ...style, legend: look.legend(v, inLegend) });
  });
  const [model] = variants;
  return {
    title: taskName(task),
    marks: [...(model === undefined ? [] : seedRange(task, model)), ...curves],
    xaxis: stepAxis(),
    yaxis: yAxis(metricName(task), { tickformat: ".3~f" }),
  };
}

function curve(
  task: StudyTask,
  variant: StudyVariant,
  style: Pick<LineOptions, "color" | "width" | "legend">,
): PlotlyTrace {
  const points = curvePoints(task, variant);
  const hover: Markup = markup`${variant.name}<br>step %{x:,}: %{y:.4f}`;
  return line({ x: points.map(({ step }) => step), y: points.map(({ mean }) => mean), dots: 5, ...style, hover });
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

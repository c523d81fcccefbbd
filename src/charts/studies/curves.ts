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
import { band, MOST_COLOURED, type OverlaidCurve, overlay } from "../marks/index.js";
import { chart, type Panel, panelRows, stepAxis, yAxis } from "../panels/index.js";
import { markup, sentence } from "../theme/index.js";

/** Pixels of a panel's axes, with two side by side, and alone in its row. */
const AXES = { width: 240, height: 260 } as const;
const WIDE = { width: 560, height: 220 } as const;

/** Curves by variant: with more than six in grey, and only those that end farthest from the model have names. */
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
  const { marks, steps } = overlay(curves, axes);
  return {
    title: taskName(task),
    marks: [...(model === undefined ? [] : seedRange(task, model)), ...marks],
    xaxis: { ...stepAxis(), ...steps },
    yaxis: yAxis(metricName(task), { tickformat: ".3~f" }),
  };
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

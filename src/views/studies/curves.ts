/** A study's curves: each variant's metric during training, over its seeds. */

import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { mean } from "../../util/sums.js";
import { count } from "../../util/text/format.js";
import { band } from "../marks/lines.js";
import { MOST_COLOURED, type OverlaidCurve, overlay } from "../marks/overlay.js";
import { metricName, metricOfAll, planMark, seedsText, taskName } from "../names.js";
import { panelRows, stepAxis, yAxis } from "../panels/axes.js";
import { chart, type Panel } from "../panels/compose.js";
import { markup, sentence } from "../theme.js";
import { type Chart, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";

/** One point of a curve. */
export interface CurvePoint {
  readonly step: number;
  /** Over the seeds. */
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

/** One row per variant, task and step. */
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

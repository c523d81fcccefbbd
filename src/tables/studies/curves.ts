/** A study's curves: each variant's metric during training, over its seeds. */

import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { mean } from "../../util/sums.js";
import { taskName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

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
      { key: "variant", heading: "variant", kind: "text", value: ({ variant }) => variant.name },
      { key: "task", heading: "task", kind: "text", value: ({ task }) => taskName(task) },
      { key: "step", heading: "step", kind: "count", value: ({ step }) => step },
      { key: "mean", heading: "mean", kind: "number", digits: 4, value: ({ mean }) => mean },
      { key: "lowest", heading: "lowest", kind: "number", digits: 4, value: ({ low }) => low },
      { key: "highest", heading: "highest", kind: "number", digits: 4, value: ({ high }) => high },
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

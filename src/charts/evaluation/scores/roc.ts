/** ROC curves: a panel per task, domains as lines, with each AUC and its interval in the key. */
import type { Evaluation } from "../../../metrics/index.js";
import { curvePointsSheet, domainNames, intervalUnit, taskName } from "../../../tables/index.js";
import { ends, fixed, percent } from "../../../util/text/format.js";
import type { Chart } from "../../figure.js";
import { rule } from "../../marks/index.js";
import { chart } from "../../panels/index.js";
import { finite, GRID, inTitle, markup, sentence } from "../../theme/index.js";
import { lowestAuc } from "../lowest.js";
import { type CurveCell, type CurveTask, curveTasks } from "./cells.js";
import { type CurveKind, curveRows } from "./curve-panels.js";

/** The share of negatives at which titles state the recall. */
const FALSE_POSITIVES = 0.1;

/** Recall by false positive rate of every threshold. The evaluation must have curves. */
export function rocChart(evaluation: Evaluation): Chart {
  const tasks = curveTasks(evaluation);
  return chart({
    title: rocTitle(evaluation, tasks),
    rows: curveRows(tasks, rocKind(evaluation)),
    legendBelow: true,
    sheet: curvePointsSheet(evaluation, "roc"),
  });
}

function rocKind({ intervalMethod }: Evaluation): CurveKind {
  return {
    points: rocPoints,
    point: ({ curve }, place) => (place === 0 ? "no row" : `score ≥ ${threshold(curve.points[place - 1]!.threshold)}`),
    hover: markup`%{y:.1%} of positives, %{x:.1%} of negatives`,
    x: "false positive rate",
    y: "recall",
    compare: () => [rule({ from: [0, 0], to: [1, 1], color: GRID, width: 2, dash: "solid" })],
    value: ({ metrics }) => ({ value: finite(metrics?.auc), ...metrics?.intervals?.auc }),
    valueName: intervalUnit("AUC", intervalMethod),
    format: (value) => `${fixed(value.value)}${ends(value)}`,
  };
}

/** From the origin: false positive rate and recall. */
function rocPoints({ curve: { points, positives, rows } }: CurveCell): readonly (readonly [number, number])[] {
  return [
    [0, 0],
    ...points.map(
      (point) => [(point.rows - point.positives) / (rows - positives), point.positives / positives] as const,
    ),
  ];
}

/** A probability as text, also a small one. */
export function threshold(score: number): string {
  return score >= 0.001 ? fixed(score, 4) : score.toExponential(1).replace("-", "−");
}

function rocTitle(evaluation: Evaluation, tasks: readonly CurveTask[]): string {
  if (tasks.length === 0) return "ROC: no binary task";
  const names = domainNames(evaluation);
  const parts = tasks.map(({ all, task, curves, domains }) => {
    const name = inTitle(taskName(curves));
    if (all.curve.gap !== null) return `${name} has no curve (${all.curve.gap})`;
    const lowest = domains.length === 0 ? "" : lowestAuc(task, names);
    const recall = percent(recallAt(rocPoints(all)));
    const auc = `${fixed(all.metrics?.auc)}${ends(all.metrics?.intervals?.auc)}`;
    return `${name} ${auc}${lowest}, ${recall} of positives rank above ${percent(1 - FALSE_POSITIVES)} of negatives`;
  });
  return sentence([`AUC of ${parts[0]!}`, ...parts.slice(1)]);
}

/** The recall at {@link FALSE_POSITIVES}, on the line between its neighbours. */
function recallAt(points: readonly (readonly [number, number])[]): number {
  const place = points.findIndex(([x]) => x > FALSE_POSITIVES);
  if (place < 1) return points.at(-1)![1];
  const [[x, y], [nextX, nextY]] = [points[place - 1]!, points[place]!];
  return y + ((FALSE_POSITIVES - x) / (nextX - x)) * (nextY - y);
}

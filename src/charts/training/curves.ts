/** The common part of the training and run charts: losses, and each task's AUC with one colour per domain. */
import { type AucReference, evaluationSheet, makeSheet, type Sheet, taskName } from "../../tables/index.js";
import type { EvaluationPoint, History } from "../../train/index.js";
import { fixed, grouped } from "../../util/text/format.js";
import { emptyPanel, type PanelRow, panelRows } from "../panels/index.js";
import { aucPanels } from "./learning-curves.js";
import { lossPanel } from "./losses.js";

/** Losses, then AUC by task: side by side if there are one or two tasks. */
export function curvesRows(history: History, references?: readonly AucReference[]): PanelRow[] {
  const tasks = aucPanels(history, references);
  const panels = [lossPanel(history), ...(tasks.length === 0 ? [emptyPanel("not evaluated yet", "AUC")] : tasks)];
  return panelRows(panels, { across: panels.length === 3 ? 3 : 2, height: 230, empty: "no tasks" });
}

/** The evaluation of the kept weights: at the best step, else the last. */
export function keptEvaluation({ evaluations, bestStep }: History): EvaluationPoint | undefined {
  return evaluations.find((point) => point.step === bestStep) ?? evaluations.at(-1);
}

/** The numbers of the kept evaluation. */
export function keptSheet(history: History, references?: readonly AucReference[]): Sheet {
  const keptPoint = keptEvaluation(history);
  if (keptPoint === undefined) {
    const columns = ["task", "AUC"].map((heading) => ({ heading, kind: "text" as const, value: () => null }));
    return makeSheet("Not evaluated yet", columns, []);
  }
  const caption = `Evaluation at step ${grouped(keptPoint.step)} by task and domain`;
  return { ...evaluationSheet(keptPoint.evaluation, references), caption };
}

/** `AUC at step 480: ctr 0.712, cvr 0.655`. */
export function aucTitle({ step, evaluation }: EvaluationPoint, note = ""): string {
  const tasks = evaluation.tasks.map((task) => `${taskName(task)} ${fixed(task.overall.auc)}`);
  return `AUC at step ${grouped(step)}${note}: ${tasks.join(", ")}`;
}

/** A finished run as one figure: losses and AUC over steps, and below them AUC by task and domain. */
import type { AucReference } from "../../tables/index.js";
import type { EvaluationPoint, History } from "../../train/index.js";
import { count, grouped } from "../../util/text/format.js";
import { aucBarsPanel } from "../evaluation/index.js";
import type { Chart } from "../figure.js";
import { chart, type PanelRow } from "../panels/index.js";
import { sentence } from "../theme/index.js";
import { aucTitle, curvesRow, keptEvaluation, keptSheet } from "./curves.js";
import { lossTitle } from "./losses.js";

/** The curves, and the kept weights' AUC by task and domain beside `references`. */
export function runChart(history: History, references?: readonly AucReference[]): Chart {
  const keptPoint = keptEvaluation(history);
  return chart({
    title: sentence([lossTitle(history), keptPoint === undefined ? null : aucTitle(keptPoint, keptNote(history))]),
    rows: [curvesRow(history), ...(keptPoint === undefined ? [] : [barsRow(keptPoint, references)])],
    sheet: keptSheet(history, references),
  });
}

/** The tasks' colours are in the legend of the curves above. */
function barsRow({ step, evaluation }: EvaluationPoint, references: readonly AucReference[] | undefined): PanelRow {
  const title = `AUC by task and domain at step ${grouped(step)} (${count(evaluation.rows, "row")})`;
  return { height: 220, panels: [{ ...aucBarsPanel(evaluation, references, "references"), title }] };
}

/** Added if the kept weights are not the last ones. */
function keptNote({ bestStep, evaluations }: History): string {
  return bestStep === null || bestStep === evaluations.at(-1)?.step ? "" : " (weights kept)";
}

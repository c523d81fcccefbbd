/** A finished run as one figure: losses and AUC over steps, and below them AUC by domain. */
import { type AucReference, drawnDomains } from "../../tables/index.js";
import type { EvaluationPoint, History } from "../../train/index.js";
import { aucRows } from "../evaluation/index.js";
import type { Chart } from "../figure.js";
import { chart, type PanelRow } from "../panels/index.js";
import { sentence } from "../theme/index.js";
import { aucTitle, curvesRows, keptEvaluation, keptSheet } from "./curves.js";
import { lossTitle } from "./losses.js";

/** Largest number of domains below the curves; `run.evaluate()` draws all. */
const MOST_DOMAINS = 12;

/** The curves, and the kept weights' AUC by task and domain beside `references`. */
export function runChart(history: History, references?: readonly AucReference[]): Chart {
  const keptPoint = keptEvaluation(history);
  return chart({
    title: sentence([lossTitle(history), keptPoint === undefined ? null : aucTitle(keptPoint, keptNote(history))]),
    rows: [...curvesRows(history), ...(keptPoint === undefined ? [] : domainRows(keptPoint, references))],
    sheet: keptSheet(history, references),
  });
}

/** AUC by domain of the kept weights. A run without domains has it in the title. */
function domainRows({ evaluation }: EvaluationPoint, references: readonly AucReference[] | undefined): PanelRow[] {
  const hasDomains = drawnDomains(evaluation.domainNames, evaluation.tasks).length > 0;
  return hasDomains || references?.length ? aucRows(evaluation, references, { across: 1, most: MOST_DOMAINS }) : [];
}

/** Added if the kept weights are not the last ones. */
function keptNote({ bestStep, evaluations }: History): string {
  return bestStep === null || bestStep === evaluations.at(-1)?.step ? "" : " (weights kept)";
}

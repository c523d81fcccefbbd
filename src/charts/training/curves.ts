/** The common part of the training and run charts: losses on the left, AUC on the right, one colour per task. */
import {
  ALL_ROWS,
  type AucReference,
  domainNames,
  evaluationSheet,
  makeSheet,
  type Sheet,
  taskName,
} from "../../tables/index.js";
import type { EvaluationPoint, History } from "../../train/index.js";
import { count, fixed, grouped } from "../../util/text/format.js";
import type { PlotlyTrace } from "../figure.js";
import { line, lineKey } from "../marks/index.js";
import { emptyPanel, type Panel, type PanelRow, stepAxis } from "../panels/index.js";
import { colour, DASHES, faded, INK, type Markup, markup } from "../theme/index.js";
import { aucSeries } from "./learning-curves.js";
import { lossPanel } from "./losses.js";

/** Losses and AUC side by side. */
export function curvesRow(history: History): PanelRow {
  const tasks = history.evaluations.at(-1)?.evaluation.tasks ?? [];
  const towers = tasks.map(({ tower }) => tower);
  return { height: 250, panels: [lossPanel(history, towers), aucPanel(history)] };
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

function aucPanel({ evaluations }: History): Panel {
  const last = evaluations.at(-1)?.evaluation;
  if (last === undefined) return emptyPanel("not evaluated yet", "AUC");
  const names = domainNames(last);
  const few = names.length <= DASHES.length;
  const x = evaluations.map(({ step }) => step);
  const hover = (task: string, rows: string): Markup => markup`${task}, ${rows}<br>step %{x:,}: AUC %{y:.4f}`;
  const lines = last.tasks.flatMap((task, t) => {
    const shade = colour(t, last.tasks.length);
    const name = taskName(task);
    const ofDomain = (domain: string, d: number): PlotlyTrace =>
      line({
        x,
        y: aucSeries(evaluations, task.tower, d),
        color: faded(shade, few ? 0.85 : 0.4),
        width: few ? 1.5 : 0.75,
        dash: few ? DASHES[d] : undefined,
        legend: { name: `${name}, ${domain}`, group: task.tower, inLegend: false },
        hover: hover(name, domain),
      });
    const overall = line({
      x,
      y: aucSeries(evaluations, task.tower),
      color: shade,
      width: 3,
      dots: 5,
      legend: { name, group: task.tower },
      hover: hover(name, ALL_ROWS),
    });
    return [...names.map(ofDomain), overall];
  });
  return {
    title: "AUC on the hold-out",
    marks: [...lines, ...domainKeys(names, few)],
    xaxis: stepAxis(),
    yaxis: { tickformat: ".3~f" },
    left: 48,
  };
}

/** The legend of a dash or a thin line, in any colour. */
function domainKeys(names: readonly string[], few: boolean): PlotlyTrace[] {
  if (few) return names.map((name, d) => lineKey({ name }, { color: INK, width: 1.5, dash: DASHES[d] }));
  const name = `each of ${count(names.length, "domain")}`;
  return [lineKey({ name, letters: 60 }, { color: INK, width: 0.75 })];
}

/** A metric on the validation rows during training: one panel per task, one line per domain, with all rows on top. */
import type { LearningCurves, TaskLearningCurves } from "../../metrics/index.js";
import {
  ALL_ROWS,
  type AucReference,
  capital,
  drawnDomains,
  findReference,
  learningCurvesSheet,
  metricText,
  taskName,
} from "../../tables/index.js";
import type { EvaluationPoint, History } from "../../train/index.js";
import { fixed, grouped } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { type LineOptions, line, rule } from "../marks/index.js";
import { chart, type Panel, panelRows, stepAxis, yAxis } from "../panels/index.js";
import { BETTER, family, INK, markup, sentence, tidy, WORSE } from "../theme/index.js";

/** One metric at every evaluation. Undefined values (one class only) are gaps. */
export function learningCurvesChart(curves: LearningCurves, references?: readonly AucReference[]): Chart {
  const panels = taskPanels(curves, references);
  const rows = panelRows(panels, { across: 3, height: 260, empty: "not evaluated yet" });
  return chart({ title: curvesTitle(curves), rows, sheet: learningCurvesSheet(curves) });
}

/** AUC of a training by task and domain; see {@link learningCurvesChart}. */
export function aucCurvesChart(history: History, references?: readonly AucReference[]): Chart {
  return learningCurvesChart(aucCurves(history), references);
}

/** A panel of AUC per task, for figures with others. */
export function aucPanels(history: History, references?: readonly AucReference[]): Panel[] {
  return taskPanels(aucCurves(history), references, "AUC of ");
}

function aucCurves({ evaluations, bestStep }: History): LearningCurves {
  const last = evaluations.at(-1)?.evaluation;
  const tasks = (last?.tasks ?? []).map(({ tower, label, within, domains }) => ({
    tower,
    label,
    within,
    overall: aucSeries(evaluations, tower),
    domains: domains.map((_, domain) => aucSeries(evaluations, tower, domain)),
  }));
  const steps = evaluations.map(({ step }) => step);
  const epochs = evaluations.map(({ epoch }) => epoch);
  const domainNames = last?.domainNames ?? [];
  return { metric: "auc", domainNames, steps, epochs, bestStep, tasks };
}

/** AUC of a task at every evaluation, over all rows or those of a domain. */
function aucSeries(evaluations: readonly EvaluationPoint[], tower: string, domain?: number): (number | null)[] {
  return evaluations.map(({ evaluation }) => {
    const task = evaluation.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.auc ?? null;
  });
}

/** @param prefix of the panels' titles, in figures of other numbers too */
function taskPanels(curves: LearningCurves, references: readonly AucReference[] | undefined, prefix = ""): Panel[] {
  return curves.tasks.map((task, t) => {
    const panel = taskPanel(curves, task, t, findReference(references, task.tower));
    return prefix === ""
      ? panel
      : { ...panel, title: `${prefix}${taskName(task)}`, yaxis: { tickformat: ".3~f" }, left: 48 };
  });
}

function taskPanel(
  curves: LearningCurves,
  task: TaskLearningCurves,
  index: number,
  reference: AucReference | undefined,
): Panel {
  const first = index === 0;
  const { name } = metricText(curves.metric);
  const names = drawnDomains(curves.domainNames, curves.tasks);
  const domains = family(names, { noun: "domain" });
  const best = curves.metric === "auc" ? (reference?.overall ?? null) : null;
  const all = { name: ALL_ROWS, group: ALL_ROWS, inLegend: first };
  return {
    title: taskName(task),
    marks: [
      ...names.map((domain, d) => curve(curves, task, domain, task.domains[d] ?? [], domains.member(d, first))),
      curve(curves, task, ALL_ROWS, task.overall, { color: INK, width: 3, legend: all }),
      ...(domains.few ? [] : extremes(curves, task, names, first)),
      ...(best === null ? [] : [bestLine(curves.steps, best, first)]),
    ],
    xaxis: stepAxis(3),
    yaxis: yAxis(index % 3 === 0 ? name : "", { tickformat: ".3~f" }),
  };
}

function curve(
  { steps, metric }: LearningCurves,
  task: TaskLearningCurves,
  rows: string,
  values: readonly (number | null)[],
  look: Pick<LineOptions, "color" | "width" | "dash" | "legend">,
): PlotlyTrace {
  const hover = markup`${taskName(task)}, ${rows}<br>step %{x:,}: ${metricText(metric).name} %{y:.4f}`;
  return line({ x: steps, y: values, dots: look.width > 1 ? 5 : undefined, ...look, hover });
}

/** Of many domains the highest and the lowest at the end, in the legend by name in the first panel. */
function extremes(
  curves: LearningCurves,
  task: TaskLearningCurves,
  names: readonly string[],
  inLegend: boolean,
): PlotlyTrace[] {
  const ends = names.flatMap((name, d) => {
    const value = tidy(task.domains[d]?.at(-1));
    return value === null ? [] : [{ name, value, domain: d }];
  });
  const sorted = ends.sort((a, b) => b.value - a.value);
  const [highest, lowest] = [sorted[0], sorted.at(-1)];
  if (highest === undefined || lowest === undefined || highest === lowest) return [];
  const [high, low] = metricText(curves.metric).more === "worse" ? [WORSE, BETTER] : [BETTER, WORSE];
  return [
    { ...highest, place: "highest", color: high, dash: "dash" },
    { ...lowest, place: "lowest", color: low, dash: "dot" },
  ].map(({ name, domain, place, color, dash }) =>
    curve(curves, task, name, task.domains[domain] ?? [], {
      color,
      width: 2.5,
      dash,
      legend: { name: `${place} domain`, group: place, inLegend },
    }),
  );
}

/** The best achievable value, as a dotted line. */
function bestLine(steps: readonly number[], level: number, inLegend: boolean): PlotlyTrace {
  return rule({
    from: [Math.min(0, ...steps), level],
    to: [Math.max(...steps), level],
    width: 1.5,
    legend: { name: "best achievable", group: "reference", inLegend },
    hover: markup`best achievable (all rows): %{y:.4f}`,
  });
}

/** The last values, and the task whose domains differ most. */
function curvesTitle({ metric, steps, tasks }: LearningCurves): string {
  const name = capital(metricText(metric).name);
  const step = steps.at(-1);
  if (step === undefined) return `${name}: not evaluated yet`;
  const values = tasks.map((task) => `${taskName(task)} ${fixed(task.overall.at(-1))}`);
  const spreads = tasks.flatMap((task) => {
    const levels = task.domains.flatMap((domain) => tidy(domain.at(-1)) ?? []);
    return levels.length < 2 ? [] : [{ task, low: Math.min(...levels), high: Math.max(...levels) }];
  });
  const [widest] = spreads.sort((a, b) => b.high - b.low - (a.high - a.low));
  return sentence([
    `${name} at step ${grouped(step)}: ${values.join(", ")}`,
    widest === undefined
      ? null
      : `${taskName(widest.task)} by domain from ${fixed(widest.low)} to ${fixed(widest.high)}`,
  ]);
}

import type { LearningCurves, TaskLearningCurves } from "../metrics/learning-curves.js";
import type { EvaluationPoint, History } from "../train/loop/recorder.js";
import { count, fixed, grouped, snakeCase } from "../util/text.js";
import { panelRows, stepAxis } from "./axes.js";
import { chart, type Panel } from "./compose.js";
import { type LineOptions, line, rule } from "./lines.js";
import {
  ALL_ROWS,
  type AucReference,
  capital,
  domainColumns,
  drawnDomains,
  findReference,
  metricText,
  namesByDomain,
  taskColumns,
  taskName,
} from "./names.js";
import { type OverlaidCurve, overlayPanel } from "./overlay.js";
import { BETTER, family, INK, MAX_COLOURS, markup, sentence, tidy, WORSE } from "./theme.js";
import { type Chart, col, makeSheet, type PlotlyTrace, type Sheet } from "./view.js";

interface Row {
  readonly step: number;
  readonly epoch: number | undefined;
  readonly task: TaskLearningCurves;
  readonly domain: number;
  readonly value: number | null | undefined;
}

export function learningCurvesSheet({ steps, epochs, tasks, metric, domainNames }: LearningCurves): Sheet {
  const { name } = metricText(metric);
  return makeSheet<Row>(
    `${capital(name)} by task and domain at ${count(steps.length, "evaluation")}`,
    [
      col.count("step", ({ step }) => step),
      col.number("epoch", ({ epoch }) => epoch, 3),
      ...taskColumns<Row>(),
      ...domainColumns<Row>(namesByDomain(domainNames, tasks)),
      col.number([snakeCase(metric), name], ({ value }) => value, 4),
    ],
    steps.flatMap((step, at) =>
      tasks.flatMap((task) =>
        [task.overall, ...task.domains].map((values, index) => {
          return { step, epoch: epochs[at], task, domain: index - 1, value: values[at] };
        }),
      ),
    ),
  );
}

const AXES = { width: 240, height: 260 } as const;

export function learningCurvesChart(curves: LearningCurves, references?: readonly AucReference[]): Chart {
  const panels = curves.tasks.map((task) => namedPanel(curves, task, findReference(references, task.tower)));
  const rows = panelRows(panels, { across: 2, height: AXES.height, empty: "not evaluated yet" });
  return chart({ title: curvesTitle(curves), rows, sheet: learningCurvesSheet(curves) });
}

export function aucCurvesChart(history: History, references?: readonly AucReference[]): Chart {
  return learningCurvesChart(aucCurves(history), references);
}

function namedPanel(curves: LearningCurves, task: TaskLearningCurves, reference: AucReference | undefined): Panel {
  const { name: metric } = metricText(curves.metric);
  const best = curves.metric === "auc" ? (reference?.overall ?? null) : null;
  const one = (name: string, values: readonly (number | null)[], isMain: boolean): OverlaidCurve => {
    const hover = markup`${taskName(task)}, ${name}<br>step %{x:,}: ${metric} %{y:.4f}`;
    return { name, x: curves.steps, y: values, hover, isMain };
  };
  const domains = drawnDomains(curves.domainNames, curves.tasks).map((name, d) =>
    one(name, task.domains[d] ?? [], false),
  );
  const level = best === null ? undefined : { name: "best achievable", y: best };
  const all = one(ALL_ROWS, task.overall, true);
  return overlayPanel(taskName(task), metric, [...domains, all], { ...AXES, coloured: MAX_COLOURS, level });
}

/** A panel of AUC per task, for figures with others, whose legend names the domains. */
export function aucPanels(history: History, references?: readonly AucReference[]): Panel[] {
  const curves = aucCurves(history);
  return curves.tasks.map((task, t) => taskPanel(curves, task, t, findReference(references, task.tower)));
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

function aucSeries(evaluations: readonly EvaluationPoint[], tower: string, domain?: number): (number | null)[] {
  return evaluations.map(({ evaluation }) => {
    const task = evaluation.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.auc ?? null;
  });
}

function taskPanel(
  curves: LearningCurves,
  task: TaskLearningCurves,
  index: number,
  reference: AucReference | undefined,
): Panel {
  const first = index === 0;
  const names = drawnDomains(curves.domainNames, curves.tasks);
  const domains = family(names, { noun: "domain" });
  const best = curves.metric === "auc" ? (reference?.overall ?? null) : null;
  const all = { name: ALL_ROWS, group: ALL_ROWS, inLegend: first };
  return {
    title: `AUC of ${taskName(task)}`,
    marks: [
      ...names.map((domain, d) => curve(curves, task, domain, task.domains[d] ?? [], domains.member(d, first))),
      curve(curves, task, ALL_ROWS, task.overall, { color: INK, width: 3, legend: all }),
      ...(domains.few ? [] : extremes(curves, task, names, first)),
      ...(best === null ? [] : [bestLine(curves.steps, best, first)]),
    ],
    xaxis: stepAxis(3),
    yaxis: { tickformat: ".3~f" },
    left: 48,
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

function bestLine(steps: readonly number[], level: number, inLegend: boolean): PlotlyTrace {
  const legend = { name: "best achievable", group: "reference", inLegend };
  const [from, to] = [[Math.min(0, ...steps), level] as const, [Math.max(...steps), level] as const];
  return rule({ from, to, width: 1.5, legend, hover: markup`best achievable (all rows): %{y:.4f}` });
}

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
  const range = widest && `${taskName(widest.task)} by domain from ${fixed(widest.low)} to ${fixed(widest.high)}`;
  return sentence([`${name} at step ${grouped(step)}: ${values.join(", ")}`, range ?? null]);
}

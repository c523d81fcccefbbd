/** A metric of the validation rows over training: a panel a task, a line a domain, all rows on top. */
import type { LearningCurves, TaskLearningCurves } from "../metrics/learning-curves.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { capital, metricText } from "./metric-names.js";
import { finite, tidy } from "./numbers.js";
import { inRows } from "./panel-rows.js";
import { type AucReference, hoverName, nameDomains, referenceOf, taskName } from "./tasks.js";
import { count, fixed, label, sentence } from "./text.js";
import { colour, faded, INK, MAX_COLOURS } from "./theme.js";

/** One metric at every evaluation. Where it is not defined (one class only) its line has a gap. */
export function learningCurvesChart(curves: LearningCurves, references?: readonly AucReference[]): Chart {
  const title = curvesTitle(curves);
  const names = curveDomains(curves);
  const panels = curves.tasks.map((task, t) => taskPanel(curves, task, names, t, referenceOf(references, task.tower)));
  const why = "not evaluated yet";
  const rows = panels.length === 0 ? [{ height: 60, panels: [nothingPanel(why)] }] : inRows(panels, 3, 260);
  return { title, figure: compose({ title, rows }), table: curvesTable(curves, names) };
}

function taskPanel(
  curves: LearningCurves,
  task: TaskLearningCurves,
  names: readonly string[],
  index: number,
  reference: AucReference | undefined,
): Panel {
  const first = index === 0;
  const { name } = metricText(curves.metric);
  const best = curves.metric === "auc" ? (reference?.overall ?? null) : null;
  return {
    title: taskName(task),
    traces: [
      ...names.map((domain, d) => domainLine(curves, task, domain, d, names.length, first)),
      {
        ...line(curves, task.overall, hoverName(taskName(task), "all rows")),
        name: "all rows",
        legendgroup: "all rows",
        showlegend: first,
        line: { color: INK, width: 3 },
      },
      ...(best === null ? [] : [referenceLine(curves.steps, best, first)]),
    ],
    xaxis: { title: { text: "step", standoff: 6 }, rangemode: "tozero", nticks: 4 },
    yaxis: { title: { text: index % 3 === 0 ? name : "" }, tickformat: ".3~f" },
  };
}

function domainLine(
  curves: LearningCurves,
  task: TaskLearningCurves,
  domain: string,
  index: number,
  domains: number,
  first: boolean,
): PlotlyTrace {
  const few = domains <= MAX_COLOURS;
  return {
    ...line(curves, task.domains[index] ?? [], hoverName(taskName(task), domain)),
    name: label(few ? domain : `each of ${domains} domains`),
    legendgroup: few ? `domain ${index}` : "domains",
    showlegend: first && (few || index === 0),
    line: few ? { color: colour(index, domains), width: 1.75 } : { color: faded(colour(4, 5), 0.45), width: 1 },
  };
}

function line({ steps, metric }: LearningCurves, values: readonly (number | null)[], hover: string): PlotlyTrace {
  return {
    type: "scatter",
    mode: steps.length <= 30 ? "lines+markers" : "lines",
    marker: { size: 5 },
    x: steps,
    y: values.map(finite),
    connectgaps: false,
    hovertemplate: `${hover}<br>step %{x:,}: ${metricText(metric).name} %{y:.4f}<extra></extra>`,
  };
}

/** The best that is possible, as a dotted level. */
function referenceLine(steps: readonly number[], level: number, first: boolean): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name: "best achievable",
    legendgroup: "reference",
    showlegend: first,
    x: [Math.min(0, ...steps), Math.max(...steps)],
    y: [level, level],
    line: { color: INK, width: 1.5, dash: "dot" },
    hovertemplate: "best achievable (all rows): %{y:.4f}<extra></extra>",
  };
}

/** The last values, and of several domains the task whose domains part most. */
function curvesTitle(curves: LearningCurves): string {
  const { metric, steps, tasks } = curves;
  const name = capital(metricText(metric).name);
  const step = steps.at(-1);
  if (step === undefined) return `${name}: not evaluated yet`;
  const values = tasks.map((task) => `${taskName(task)} ${fixed(task.overall.at(-1))}`);
  const spread = tasks.flatMap((task) => {
    const known = task.domains.flatMap((domain) => tidy(domain.at(-1)) ?? []);
    if (known.length < 2) return [];
    return [{ task, low: Math.min(...known), high: Math.max(...known) }];
  });
  const [first] = spread;
  const widest = spread.reduce((a, b) => (b.high - b.low > a.high - a.low ? b : a), first as NonNullable<typeof first>);
  return sentence([
    `${name} at step ${step.toLocaleString("en-US")}: ${values.join(", ")}`,
    first === undefined
      ? null
      : `${taskName(widest.task)} by domain from ${fixed(widest.low)} to ${fixed(widest.high)}`,
  ]);
}

function curveDomains({ domainNames, tasks }: LearningCurves): string[] {
  return nameDomains(domainNames, Math.max(domainNames.length, ...tasks.map((task) => task.domains.length)));
}

function curvesTable(curves: LearningCurves, names: readonly string[]): Table {
  const { steps, epochs, tasks, metric } = curves;
  const { name } = metricText(metric);
  const of = (task: TaskLearningCurves, domain: string, values: readonly (number | null)[], e: number): Cell[] => {
    return [steps[e] as number, epochs[e] ?? null, taskName(task), domain, values[e] ?? null];
  };
  return {
    caption: `${capital(name)} by task and domain at ${count(steps.length, "evaluation")}`,
    columns: [
      { name: "step" },
      { name: "epoch", digits: 3 },
      { name: "task" },
      { name: "domain" },
      { name, digits: 4 },
    ],
    rows: steps.flatMap((_, e) =>
      tasks.flatMap((task) => [
        of(task, "all rows", task.overall, e),
        ...task.domains.map((values, d) => of(task, names[d] as string, values, e)),
      ]),
    ),
  };
}

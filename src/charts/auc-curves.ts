/** AUC by task and domain over training: one panel a task, one line a domain. */
import type { TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import type { EvaluationPoint, History } from "../train/history.js";
import { compose, type Panel } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { inRows } from "./panel-rows.js";
import type { Cell, Table } from "./table.js";
import { type AucReference, domainNames, hoverName, referenceOf, taskName } from "./tasks.js";
import { count, fixed, label } from "./text.js";
import { colour, faded, INK, MAX_COLOURS } from "./theme.js";

/** AUC by task and domain over steps. An AUC that is not defined (one class only) is a gap in its line. */
export function aucCurvesChart(history: History, references?: readonly AucReference[]): Chart {
  const last = history.evaluations.at(-1);
  const title = last === undefined ? "AUC: not evaluated yet" : aucTitle(last);
  const panels = taskPanels(history, references);
  return { title, figure: compose({ title, rows: inRows(panels, 3, 260) }), table: aucCurvesTable(history) };
}

/** What an evaluation says: `AUC at step 480: ctr 0.712, cvr 0.655`. */
export function aucTitle({ step, evaluation }: EvaluationPoint, note = ""): string {
  const tasks = evaluation.tasks.map((task) => `${taskName(task)} ${fixed(task.overall.auc)}`);
  return `AUC at step ${step.toLocaleString("en-US")}${note}: ${tasks.join(", ")}`;
}

/** AUC of `task` at every evaluation, over the rows that `pick` chooses. */
export function aucSeries(
  evaluations: readonly EvaluationPoint[],
  tower: string,
  pick: (task: TaskEvaluation) => TaskMetrics | undefined,
): (number | null)[] {
  return evaluations.map(({ evaluation }) => {
    const task = evaluation.tasks.find((candidate) => candidate.tower === tower);
    return task === undefined ? null : (pick(task)?.auc ?? null);
  });
}

function taskPanels(history: History, references: readonly AucReference[] | undefined): Panel[] {
  const last = history.evaluations.at(-1)?.evaluation;
  if (last === undefined) return [{ ...nothingPanel("not evaluated yet"), title: "AUC" }];
  const names = domainNames(last);
  return last.tasks.map((task, t) => {
    const reference = referenceOf(references, task.tower);
    return {
      title: taskName(task),
      traces: [
        ...names.map((name, domain) => domainLine(history.evaluations, task, domain, name, names.length, t === 0)),
        overallLine(history.evaluations, task, t === 0),
        ...(reference?.overall == null ? [] : [referenceLine(history.evaluations, reference.overall, t === 0)]),
      ],
      xaxis: { title: { text: "step", standoff: 6 }, rangemode: "tozero" },
      yaxis: { title: { text: t % 3 === 0 ? "AUC" : "" }, tickformat: ".3~f" },
    };
  });
}

function domainLine(
  evaluations: readonly EvaluationPoint[],
  task: TaskEvaluation,
  domain: number,
  name: string,
  domains: number,
  first: boolean,
): PlotlyTrace {
  const few = domains <= MAX_COLOURS;
  return {
    ...line(
      evaluations,
      aucSeries(evaluations, task.tower, (at) => at.domains[domain]),
      hoverName(taskName(task), name),
    ),
    name: label(few ? name : `each of ${domains} domains`),
    legendgroup: few ? `domain ${domain}` : "domains",
    showlegend: first && (few || domain === 0),
    line: few ? { color: colour(domain, domains), width: 1.75 } : { color: faded(colour(4, 5), 0.45), width: 1 },
  };
}

function overallLine(evaluations: readonly EvaluationPoint[], task: TaskEvaluation, first: boolean): PlotlyTrace {
  return {
    ...line(
      evaluations,
      aucSeries(evaluations, task.tower, (at) => at.overall),
      hoverName(taskName(task), "all rows"),
    ),
    name: "all rows",
    legendgroup: "all rows",
    showlegend: first,
    line: { color: INK, width: 3 },
  };
}

/** The best that is possible, as a dotted level. */
export function referenceLine(evaluations: readonly EvaluationPoint[], level: number, first: boolean): PlotlyTrace {
  const steps = evaluations.map((point) => point.step);
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

/** A line over evaluations; markers while there are few. */
export function line(
  evaluations: readonly EvaluationPoint[],
  values: readonly (number | null)[],
  hover: string,
): PlotlyTrace {
  return {
    type: "scatter",
    mode: evaluations.length <= 30 ? "lines+markers" : "lines",
    marker: { size: 5 },
    x: evaluations.map((point) => point.step),
    y: values,
    connectgaps: false,
    hovertemplate: `${hover}<br>step %{x:,}: AUC %{y:.4f}<extra></extra>`,
  };
}

function aucCurvesTable(history: History): Table {
  return {
    caption: `AUC by task and domain at ${count(history.evaluations.length, "evaluation")}`,
    columns: [{ name: "step" }, { name: "task" }, { name: "domain" }, { name: "rows" }, { name: "AUC", digits: 4 }],
    rows: history.evaluations.flatMap(({ step, evaluation }) => {
      const names = domainNames(evaluation);
      return evaluation.tasks.flatMap((task) => [
        [step, taskName(task), "all rows", task.overall.rows, task.overall.auc] as Cell[],
        ...task.domains.map((metrics, d): Cell[] => [
          step,
          taskName(task),
          names[d] as string,
          metrics.rows,
          metrics.auc,
        ]),
      ]);
    }),
  };
}

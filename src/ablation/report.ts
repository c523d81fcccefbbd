/**
 * Turns a study's runs into comparisons of every variant with the model, by task and domain, corrected for their
 * number.
 */

import { comparedTask } from "./compared-task.js";
import type { Variant } from "./design/design.js";
import type { Dropped } from "./design/halving.js";
import { variantSize } from "./design/variant-size.js";
import { studyShapes } from "./responses/study-responses.js";
import type { FinishedRun } from "./runs/study-run.js";
import type { Confidence } from "./statistics/interval.js";
import { isBetterHigher, metricOf } from "./statistics/run-score.js";
import type { StudyMetric } from "./statistics/study-metrics.js";
import type { StudyReport, StudyRun, StudyTask, StudyVariant } from "./study-report.js";

/** The smallest difference that matters: one number, or one by metric. */
export type Matters = number | Readonly<Partial<Record<StudyMetric, number>>>;

/** The inputs of a report. */
export interface ReportParts {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly runs: readonly FinishedRun[];
  readonly dropped?: ReadonlyMap<string, Dropped>;
  readonly metric?: StudyMetric | undefined;
  /** The smallest difference that matters, for all metrics or by metric. */
  readonly matters?: Matters | undefined;
  readonly level: number;
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}

/** Share of the error probability 1 − level that is assigned to comparisons by domain. */
const domainShare = 0.2;

/** Computes the report. Needs a run of the model. */
export function studyReport(parts: ReportParts): StudyReport {
  const runs = [...parts.runs].sort((a, b) => a.seed - b.seed);
  const of = (variant: Variant): FinishedRun[] => runs.filter((run) => run.variant === variant);
  const [first] = of(parts.model);
  if (first === undefined) throw new Error("a study's report needs a run of the model");
  const { domainNames, evaluationRows, user } = first.result;
  const tasks = tasksOf(first, parts.metric, parts.matters);
  const confidence = confidenceOf(parts.level, parts.variants.length, tasks.length, domainNames.length);
  const models = [parts.model, ...parts.variants];
  const taskCells = tasks.map((task) => comparedTask(task, models.map(of), confidence));
  return {
    plan: null,
    tasks,
    domainNames,
    variants: models.map(
      (variant, at): StudyVariant => ({
        name: variant.name,
        settings: variant.settings,
        ...variantSize(variant.spec),
        runs: of(variant).map(shownRun),
        tasks: taskCells.map((variants) => variants[at]!),
        dropped: parts.dropped?.get(variant.name) ?? null,
      }),
    ),
    ...studyShapes({ ...parts, tasks, domains: domainNames.length, confidence }),
    seeds: [...new Set(runs.map(({ seed }) => seed))],
    evaluationRows,
    user,
    level: parts.level,
    confidence,
    interrupted: parts.interrupted,
    notes: [...parts.notes, ...metricNotes(tasks, parts.metric)],
  };
}

/** Notes on tasks that lack the requested metric. */
function metricNotes(tasks: readonly StudyTask[], preferredMetric: StudyMetric | undefined): string[] {
  const others = preferredMetric === undefined ? [] : tasks.filter(({ metric }) => metric !== preferredMetric);
  return others.map(({ tower, metric }) => {
    const why = preferredMetric === "groupedAuc" ? '; it needs a user column: { user: "user_id" }' : "";
    return `task ${tower} has no ${preferredMetric} and is compared by ${metric}${why}`;
  });
}

function confidenceOf(level: number, variants: number, tasks: number, domains: number): StudyReport["confidence"] {
  const share = domains === 0 ? 0 : domainShare;
  const confidence = (error: number, groups: number): Confidence => ({
    level: 1 - error,
    comparisons: variants * groups,
    groups,
  });
  return {
    overall: confidence((1 - level) * (1 - share), tasks),
    domains: confidence((1 - level) * share, tasks * Math.max(1, domains)),
  };
}

function tasksOf(
  { result }: FinishedRun,
  preferredMetric: StudyMetric | undefined,
  matters: Matters | undefined,
): StudyTask[] {
  return result.tasks.map(({ tower, overall }) => {
    const metric = metricOf(overall, preferredMetric);
    return {
      tower,
      within: result.within[tower] ?? null,
      metric,
      higherIsBetter: isBetterHigher(metric),
      matters: (typeof matters === "object" ? matters[metric] : matters) ?? null,
    };
  });
}

function shownRun({ seed, kept, result }: FinishedRun): StudyRun {
  const { seconds, history, gates } = result;
  return { seed, kept, seconds, evaluations: history.evaluations, bestStep: history.bestStep, gates };
}

/**
 * Turns a study's runs into comparisons of every variant with the model, by task and domain, corrected for their
 * number.
 */

import type { GatesReport } from "../gates/index.js";
import type { EvaluationPoint } from "../train/index.js";
import { mean } from "../util/sums.js";
import type { Variant } from "./design/design.js";
import type { Dropped } from "./design/halving.js";
import type { FinishedRun } from "./runs/study-run.js";
import type { Confidence } from "./statistics/interval.js";
import type { DrawnMetric, DrawnMetrics } from "./statistics/metric-draws.js";
import { isBetterHigher, metricOf } from "./statistics/run-score.js";
import type { StudyMetric } from "./statistics/study-metrics.js";
import { compared, type VariantDifference } from "./statistics/verdict.js";

/** A task of the study, and its metric. */
export interface StudyTask {
  /** Name of the task's tower. */
  readonly tower: string;
  /** Label whose positive rows the metric is over; `null`: all rows. */
  readonly within: string | null;
  /** The metric of this task. */
  readonly metric: StudyMetric;
  /** Whether larger values are better (AUC) or smaller ones (losses and errors). */
  readonly higherIsBetter: boolean;
}

/** A variant's metric on the rows of a task and a domain. */
export interface StudyCell {
  /** [seeds of the variant]; `null` if undefined. */
  readonly bySeed: readonly (number | null)[];
  /** Mean over the seeds; `null` if undefined for any. */
  readonly mean: number | null;
  /** Difference from the model over the common seeds; `null` for the model itself, or if undefined. */
  readonly difference: VariantDifference | null;
}

/** A variant's metric by task. */
export interface VariantTask {
  /** Name of the task's tower. */
  readonly tower: string;
  /** On all evaluation rows, or those in the task's space. */
  readonly overall: StudyCell;
  /** One per domain, in order. */
  readonly domains: readonly StudyCell[];
}

/** A run in the report of a study. */
export interface StudyRun {
  /** The seed of its initial weights and batches. */
  readonly seed: number;
  /** Whether it was cached. */
  readonly kept: boolean;
  /** Seconds that training took. */
  readonly seconds: number;
  /** Metrics during training, in the order of steps: the curves. */
  readonly evaluations: readonly EvaluationPoint[];
  /** `null` if not requested. */
  readonly gates: GatesReport | null;
}

/** One of the study's models. */
export interface StudyVariant {
  /** The name for `study.difference(…)`, such as `epnet.gamma 4`; the model itself is `model`. */
  readonly name: string;
  /** Differences from the model by path, as text. */
  readonly settings: Readonly<Record<string, string>>;
  /** One per trained seed, in the order of seeds. */
  readonly runs: readonly StudyRun[];
  /** In the order of the study's tasks. */
  readonly tasks: readonly VariantTask[];
  /** `null`: trained to the end. */
  readonly dropped: Dropped | null;
}

/** The results of a study. */
export interface StudyReport {
  /** In the order of the model's towers. */
  readonly tasks: readonly StudyTask[];
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** The model itself, then its variants. */
  readonly variants: readonly StudyVariant[];
  /** Seeds, in the order in which they were used. */
  readonly seeds: readonly number[];
  /** Number of rows that every run was evaluated on. */
  readonly evaluationRows: number;
  /** The unit of the bootstrap: an id feature, or `null` for rows. */
  readonly user: string | null;
  /** Joint coverage of all intervals of the study. */
  readonly level: number;
  /** The level and number of comparisons over all rows, and by domain. */
  readonly confidence: { readonly overall: Confidence; readonly domains: Confidence };
  /** Whether an interrupt ended it early; then only finished runs are compared. */
  readonly interrupted: boolean;
  /** Notes, such as what was left out. */
  readonly notes: readonly string[];
}

/** The inputs of a report. */
export interface ReportParts {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly runs: readonly FinishedRun[];
  readonly dropped?: ReadonlyMap<string, Dropped>;
  readonly metric?: StudyMetric | undefined;
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
  const tasks = tasksOf(first, parts.metric);
  const confidence = confidenceOf(parts.level, parts.variants.length * tasks.length, domainNames.length);
  const model = of(parts.model);
  return {
    tasks,
    domainNames,
    variants: [parts.model, ...parts.variants].map((variant): StudyVariant => {
      const runs = of(variant);
      return {
        name: variant.name,
        settings: variant.settings,
        runs: runs.map(shownRun),
        tasks: tasks.map((task) => variantTask(task, runs, variant === parts.model ? null : model, confidence)),
        dropped: parts.dropped?.get(variant.name) ?? null,
      };
    }),
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

function confidenceOf(level: number, comparisons: number, domains: number): StudyReport["confidence"] {
  const share = domains === 0 ? 0 : domainShare;
  return {
    overall: { level: 1 - (1 - level) * (1 - share), comparisons },
    domains: { level: 1 - (1 - level) * share, comparisons: comparisons * Math.max(1, domains) },
  };
}

function tasksOf({ result }: FinishedRun, preferredMetric: StudyMetric | undefined): StudyTask[] {
  return result.tasks.map(({ tower, overall }) => {
    const metric = metricOf(overall, preferredMetric);
    return { tower, within: result.within[tower] ?? null, metric, higherIsBetter: isBetterHigher(metric) };
  });
}

function shownRun({ seed, kept, result }: FinishedRun): StudyRun {
  const { seconds, history, gates } = result;
  return { seed, kept, seconds, evaluations: history.evaluations, gates };
}

function variantTask(
  task: StudyTask,
  runs: readonly FinishedRun[],
  model: readonly FinishedRun[] | null,
  confidence: StudyReport["confidence"],
): VariantTask {
  const drawnOf = ({ result }: FinishedRun) => result.tasks.find(({ tower }) => tower === task.tower);
  const cell = (part: (run: FinishedRun) => DrawnMetrics | undefined, sure: Confidence): StudyCell => {
    const metric = (run: FinishedRun): DrawnMetric | undefined => part(run)?.[task.metric];
    const bySeed = runs.map((run) => metric(run)?.value ?? null);
    const defined = bySeed.filter((value) => value !== null);
    return {
      bySeed,
      mean: defined.length < bySeed.length || defined.length === 0 ? null : mean(defined),
      difference: model && differenceOf(runs, model, metric, sure, task.higherIsBetter),
    };
  };
  const domains = runs[0]?.result.domainNames ?? [];
  return {
    tower: task.tower,
    overall: cell((run) => drawnOf(run)?.overall, confidence.overall),
    domains: domains.map((_, domain) => cell((run) => drawnOf(run)?.domains[domain], confidence.domains)),
  };
}

/** Over the common seeds; `null` if there are none, or the metric is undefined. */
function differenceOf(
  runs: readonly FinishedRun[],
  model: readonly FinishedRun[],
  metric: (run: FinishedRun) => DrawnMetric | undefined,
  confidence: Confidence,
  higherIsBetter: boolean,
): VariantDifference | null {
  const pairs = runs.flatMap((run) => {
    const other = model.find(({ seed }) => seed === run.seed);
    return other === undefined ? [] : [[metric(run), metric(other)] as const];
  });
  const values: number[] = [];
  const draws: number[][] = [];
  for (const [variant, base] of pairs) {
    if (variant?.value == null || base?.value == null) return null;
    values.push(variant.value - base.value);
    draws.push(Array.from(variant.draws, (value, draw) => value - base.draws[draw]!));
  }
  return values.length === 0 ? null : compared({ values, draws }, confidence, higherIsBetter);
}

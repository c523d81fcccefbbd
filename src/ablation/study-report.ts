import type { GatesReport } from "../gates/index.js";
import type { EvaluationPoint } from "../train/index.js";
import type { Dropped } from "./design/halving.js";
import type { StudyLook } from "./looks/study-look.js";
import type { StudyResponse } from "./responses/response.js";
import type { StudySurface } from "./responses/surface.js";
import type { Confidence } from "./statistics/interval.js";
import type { StudyMetric } from "./statistics/study-metrics.js";
import type { VariantDifference } from "./statistics/verdict.js";

/** A task of the study, and its metric. */
export interface StudyTask {
  readonly tower: string;
  /** Label whose positive rows the metric is over; `null`: all rows. */
  readonly within: string | null;
  readonly metric: StudyMetric;
  /** Whether larger values are better (AUC) or smaller ones (losses and errors). */
  readonly higherIsBetter: boolean;
  readonly matters: number | null;
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
  readonly tower: string;
  /** On all evaluation rows, or those in the task's space. */
  readonly overall: StudyCell;
  readonly domains: readonly StudyCell[];
}

/** A run in the report of a study. */
export interface StudyRun {
  readonly seed: number;
  readonly kept: boolean;
  readonly seconds: number;
  readonly evaluations: readonly EvaluationPoint[];
  /** The step whose weights early stopping kept; `null`: the last. */
  readonly bestStep: number | null;
  readonly gates: GatesReport | null;
}

/** One of the study's models. */
export interface StudyVariant {
  /** The name for `study.difference(…)`, such as `epnet.gamma 4`; the model itself is `model`. */
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Parameters without embeddings; of `singleDomain()`, those of all its models. */
  readonly denseParameters: number;
  /** Operations of the matrix products of a training step, per row; custom layers are not counted. */
  readonly trainingFlopsPerRow: number;
  readonly runs: readonly StudyRun[];
  readonly tasks: readonly VariantTask[];
  /** `null`: trained to the end. */
  readonly dropped: Dropped | null;
}

export interface PlanExploration {
  readonly time: string;
  readonly variants: readonly string[];
}

export interface PlanReport {
  readonly question: string;
  /** When the plan was written, before the first run: an ISO time, UTC. */
  readonly registered: string;
  readonly folder: string;
  readonly domains: boolean;
  readonly runsBefore: number;
  readonly explorations: readonly PlanExploration[];
  /** Whether these variants were looked at afterwards: none of them was in the plan. */
  readonly exploratory: boolean;
}

/** The results of a study. */
export interface StudyReport {
  /** The plan, if the study was registered before its first run. */
  readonly plan: PlanReport | null;
  readonly tasks: readonly StudyTask[];
  readonly domainNames: readonly string[];
  readonly variants: readonly StudyVariant[];
  /** Curves over numeric settings with three values or more, by task and domain. */
  readonly responses: readonly StudyResponse[];
  /** Surfaces over pairs of numeric settings that were varied together, by task and domain. */
  readonly surfaces: readonly StudySurface[];
  /** Looks at the runs, in order: one at the end, unless settled variants were stopped early. */
  readonly looks: readonly StudyLook[];
  readonly seeds: readonly number[];
  readonly evaluationRows: number;
  /** The unit of the bootstrap: an id feature, or `null` for rows. */
  readonly user: string | null;
  readonly level: number;
  readonly confidence: { readonly overall: Confidence; readonly domains: Confidence };
  /** Whether an interrupt ended it early; then only finished runs are compared. */
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}

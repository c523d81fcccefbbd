/** What a report shows, and whose. */

import type { StudyReport } from "../../ablation/index.js";
import type { EngineName } from "../../engine/index.js";
import type { GatesPoint } from "../../gates/index.js";
import type { SectionName } from "../../report/index.js";
import type { ModelSpec } from "../../spec/index.js";
import type { History } from "../../train/index.js";
import type { Dataset, DatasetSource } from "../data/index.js";
import type { CalibrationResult, CounterfactualResult, EvaluationResult, GatesResult } from "../results/index.js";

/** What a report shows, beside the rows that it evaluates. */
export interface ReportOptions {
  /** Where the page goes. */
  readonly path: string;
  /** Training rows: compared with the others, described, and used to identify rare ids. */
  readonly training?: DatasetSource;
  /** Column that says whose row each is; see `EvaluationOptions.user`. */
  readonly user?: string | null;
  /** A study of the model's variants, for a section of its own. */
  readonly study?: ReportedStudy;
  /** Default: all. */
  readonly sections?: readonly SectionName[];
  /** Default: what the model is made of. */
  readonly title?: string;
  /** Rows sampled for gates and counterfactuals. Default: 10,000. */
  readonly rows?: number;
  /** `false`: no pictures for paper and for readers without scripts, which take 0.2 s a chart. Default: true. */
  readonly pictures?: boolean;
  /** `true`: write over any file. Default: only over a report. */
  readonly overwrite?: boolean;
  /** Aborted: the call throws, and no page is written. In a notebook an interrupt does this. */
  readonly signal?: AbortSignal;
}

/** How a study's page is written. */
export type StudyReportOptions = Pick<ReportOptions, "path" | "title" | "pictures" | "overwrite">;

/** A study, such as `model.ablate()` returns. */
export interface ReportedStudy {
  /** The numbers as plain data. */
  readonly facts: StudyReport;
}

/** What a report asks of a run. */
export interface ReportedRun {
  readonly spec: ModelSpec;
  readonly history: History;
  readonly interrupted: boolean;
  readonly notes: readonly string[];
  readonly gatesHistory: readonly GatesPoint[];
  readonly validation: Dataset | null;
  readonly evaluation: EvaluationResult | null;
  evaluate(
    data: Dataset,
    options: { readonly intervals: boolean; readonly user?: string | null },
  ): Promise<EvaluationResult>;
  calibration(data: Dataset): Promise<CalibrationResult>;
  gates(data: Dataset, options: SampledRows & { readonly training?: DatasetSource }): Promise<GatesResult>;
  counterfactual(
    data: Dataset,
    options: SampledRows & { readonly user?: string | null },
  ): Promise<CounterfactualResult>;
  engineName(): Promise<EngineName>;
}

/** How many rows are sampled, and what aborts the work. */
export interface SampledRows {
  readonly rows?: number;
  readonly signal?: AbortSignal;
}

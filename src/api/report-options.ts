/** The options of reports, of a run and of a study. */

import type { EngineName } from "../core/engine/engine.js";
import type { Finding } from "../core/errors/finding.js";
import type { ModelSpec } from "../core/spec/model.js";
import type { History } from "../core/train/loop/recorder.js";
import type { SignalOptions } from "../core/util/interrupt.js";
import type { WorthFacts } from "../lab/ablation/worth.js";
import type { AuditOptions } from "../lab/gates/audit.js";
import type { GatesPoint } from "../lab/gates/types.js";
import type { SectionName } from "../lab/report/sections.js";
import type { ComparisonResult, CounterfactualResult } from "./counterfactual.js";
import type { Dataset, DatasetSource } from "./data/dataset.js";
import type { CalibrationResult, EvaluationResult } from "./evaluation.js";
import type { AuditResult, GatesResult } from "./gates.js";
import type { ReferenceColumns } from "./names.js";
import type {
  CompareOptions,
  EvaluationOptions,
  ReportedStudy,
  RunCounterfactualOptions,
  RunGatesOptions,
  UserOptions,
} from "./run/options.js";

/** Options of a report, besides its evaluation rows. `U`: columns, and features that read one. */
export interface ReportOptions<U extends string = string, R = ReferenceColumns> extends SignalOptions {
  readonly path: string;
  /** Training rows: compared with the evaluation rows, described, and used to identify rare ids. */
  readonly training?: DatasetSource;
  /** Column with the user of each row; see `EvaluationOptions.user`. */
  readonly user?: U | null;
  /** A model to compare with: a run, runs as for `run.compare`, or score columns by task, such as `{ ctr: "p_production" }`. */
  readonly baseline?: BaselineRun | readonly BaselineRun[] | R;
  /** The baseline's name on the page. Default: `the baseline`, or the names of the score columns. */
  readonly baselineName?: string;
  readonly study?: ReportedStudy;
  /** What the model is worth, from `run.worth(test)`: the first picture of the page. */
  readonly worth?: ReportedWorth;
  /** Default: all. */
  readonly sections?: readonly SectionName[];
  readonly title?: string;
  /** Rows sampled for gates and counterfactuals. Default: 10,000. */
  readonly rows?: number;
  /** `true`: overwrite any file. Default: only an existing report. */
  readonly overwrite?: boolean;
}

/** What a model is worth, such as `run.worth()` returns. */
export interface ReportedWorth {
  readonly facts: WorthFacts;
}

/** Options of a study's page. */
export type StudyReportOptions = Pick<ReportOptions, "path" | "title" | "overwrite">;

/** A run to compare with, such as `loadRun()` returns. */
export interface BaselineRun {
  readonly spec: ModelSpec;
  readonly history: History;
}

export interface ReportedRun {
  readonly spec: ModelSpec;
  readonly history: History;
  readonly interrupted: boolean;
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  readonly gatesHistory: readonly GatesPoint[];
  readonly validation: Dataset | null;
  readonly evaluation: EvaluationResult | null;
  evaluate(data: Dataset, options: EvaluationOptions): Promise<EvaluationResult>;
  audit(data: Dataset, options: AuditOptions): Promise<AuditResult>;
  compare(
    data: Dataset,
    options: CompareOptions & { readonly with: BaselineRun | readonly BaselineRun[] | ReferenceColumns },
  ): Promise<ComparisonResult>;
  calibration(data: Dataset, options: UserOptions): Promise<CalibrationResult>;
  gates(data: Dataset, options: RunGatesOptions): Promise<GatesResult>;
  counterfactual(data: Dataset, options: RunCounterfactualOptions): Promise<CounterfactualResult>;
  engineName(): Promise<EngineName>;
}

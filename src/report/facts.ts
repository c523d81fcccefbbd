/** The input of a report: results of a run as plain data. */
import type { StudyReport } from "../ablation/index.js";
import type { CounterfactualReport, GatesPoint, GatesReport } from "../gates/index.js";
import type { CalibrationReport, Comparison, Evaluation } from "../metrics/index.js";
import type { ModelSpec } from "../spec/index.js";
import type { History } from "../train/index.js";
import type { AucReference, Chart, Table } from "../views/index.js";

export interface ReportData {
  /** Its use in the run: `evaluation rows`, `training rows`. */
  readonly use: string;
  readonly source: string;
  readonly rows: number;
  /** Hash of the encoded rows; `null`: not computed, since they are not in memory. */
  readonly sha256: string | null;
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}

/** The software, seeds and machine that made the run and its report. */
export interface ReportOrigin {
  /** By package, pepnet and Node first. */
  readonly versions: Readonly<Record<string, string>>;
  /** Each use of randomness, with its seed. */
  readonly seeds: readonly { readonly use: string; readonly seed: number }[];
  readonly engine: string;
  readonly machine: string;
  /** ISO 8601. */
  readonly written: string;
}

/** Everything that a report can show. `null` and empty parts are left out. */
export interface ReportFacts {
  readonly title: string;
  readonly spec: ModelSpec;
  readonly model: { readonly table: Table; readonly notes: readonly string[] };
  /** TorchEasyRec's config, or the reason why there is none. */
  readonly config: { readonly text: string } | { readonly refused: string } | null;
  readonly data: readonly ReportData[];
  readonly history: History;
  readonly interrupted: boolean;
  readonly notes: readonly string[];
  /** On the evaluation rows, with intervals. */
  readonly evaluation: Evaluation | null;
  readonly references: readonly AucReference[];
  /** On the evaluation rows, by the number of training rows of their users; `null`: users or training rows unknown. */
  readonly coldUsers: Evaluation | null;
  /** The same metrics on training rows. */
  readonly training: Evaluation | null;
  /** The run less a baseline, on the evaluation rows. */
  readonly comparison: Comparison | null;
  readonly calibration: CalibrationReport | null;
  readonly gates: GatesReport | null;
  readonly gatesHistory: readonly GatesPoint[];
  readonly counterfactuals: CounterfactualReport | null;
  readonly study: StudyReport | null;
  readonly origin: ReportOrigin;
}

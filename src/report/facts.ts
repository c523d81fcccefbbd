/** What a report is made of: results of a run as plain data, gathered by who has the run. */
import type { StudyReport } from "../ablation/report.js";
import type { AucReference, Chart, Table } from "../charts/index.js";
import type { CounterfactualReport } from "../gates/counterfactual/counterfactual.js";
import type { GatesPoint, GatesReport } from "../gates/types.js";
import type { CalibrationReport } from "../metrics/calibration/calibration-curve.js";
import type { Evaluation } from "../metrics/types.js";
import type { ModelSpec } from "../spec/index.js";
import type { History } from "../train/loop/history.js";

/** A data set of the run. */
export interface ReportData {
  /** What it was for: `evaluation rows`, `training rows`. */
  readonly use: string;
  /** Where it comes from. */
  readonly source: string;
  readonly rows: number;
  /** Of the rows as the model reads them; `null`: not computed, they are not in memory. */
  readonly sha256: string | null;
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}

/** With what the run and its report were made. */
export interface ReportOrigin {
  /** By package, pepnet and Node first. */
  readonly versions: Readonly<Record<string, string>>;
  /** What was drawn from which seed. */
  readonly seeds: readonly { readonly use: string; readonly seed: number }[];
  readonly engine: string;
  readonly machine: string;
  /** ISO 8601. */
  readonly written: string;
}

/** Everything that a report can show; `null` and empty lists: left out, or not there. */
export interface ReportFacts {
  readonly title: string;
  readonly spec: ModelSpec;
  readonly model: { readonly table: Table; readonly notes: readonly string[] };
  /** TorchEasyRec's config, or why there is none. */
  readonly config: { readonly text: string } | { readonly refused: string } | null;
  readonly data: readonly ReportData[];
  readonly history: History;
  readonly interrupted: boolean;
  /** What training said. */
  readonly notes: readonly string[];
  /** On the evaluation rows, with intervals. */
  readonly evaluation: Evaluation | null;
  readonly references: readonly AucReference[];
  /** The same metrics on training rows. */
  readonly training: Evaluation | null;
  readonly calibration: CalibrationReport | null;
  readonly gates: GatesReport | null;
  readonly gatesHistory: readonly GatesPoint[];
  readonly counterfactuals: CounterfactualReport | null;
  /** Variants of the model against it. */
  readonly study: StudyReport | null;
  readonly origin: ReportOrigin;
}

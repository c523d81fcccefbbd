/** The options of a run's methods. */

import type { RowGroupOptions } from "../../core/data/summary/row-groups.js";
import type { Table } from "../../core/data/table/table.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { DataError, SpecError } from "../../core/errors/index.js";
import type { CalibrationOptions } from "../../core/metrics/calibration-curve.js";
import type { ModelSpec, TowerSpec } from "../../core/spec/model.js";
import { type OptionNames, unknownName } from "../../core/spec/validate/checks.js";
import type { LogisticRegression } from "../../core/train/logistic-regression.js";
import type { IntervalOptions } from "../../core/train/measure/task-rows.js";
import type { UserMetrics } from "../../core/train/measure/user-metrics.js";
import type { Recalibration } from "../../core/train/recalibrate.js";
import type { RecordedRows } from "../../core/train/saved/run.js";
import type { SignalOptions } from "../../core/util/interrupt.js";
import type { StudyReport } from "../../lab/ablation/study.js";
import type { CounterfactualOptions } from "../../lab/gates/counterfactual.js";
import type { ImportanceOptions } from "../../lab/gates/importance.js";
import type { Intervention } from "../../lab/gates/interventions.js";
import type { GatesOptions } from "../../lab/gates/report.js";
import type { SampleOptions } from "../../lab/gates/sample.js";
import type { ColumnsOf, DatasetSource } from "../data/dataset.js";
import type { OtherRows } from "../data/verbs.js";
import type { ReferenceColumns, RunNames } from "../names.js";
import type { RunEngine } from "../training/engines.js";

/** The user column, for intervals that draw whole users. `U`: columns, and features that read one. */
export interface UserOptions<U extends string = string> {
  /**
   * Column with the user of each row, or an id feature that reads it: intervals draw whole users. Default: the column
   * with this role, else the key of the model's first `grouped_auc`. Without one, or with `null`, rows are resampled. It is
   * never guessed.
   */
  readonly user?: U | null;
}

/** Options of an evaluation. `By`: what rows are grouped by; `U`: columns, and features that read one. */
export interface EvaluationOptions<
  By = string | RowsByColumn | undefined,
  U extends string = string,
  R = ReferenceColumns,
> extends UserOptions<U>,
    SignalOptions {
  readonly intervals?: boolean | IntervalOptions;
  /**
   * Metrics by the values of any column of the data instead of by domain: the 20 most frequent values, with the others
   * pooled; numbers with more values are cut into ten bins with equal numbers of rows, unless the model reads the
   * column as ids. Or by calendar time (`as: "times"`, the default for the column with the role of the time), or by the
   * number of training rows with the same value (`training`).
   */
  readonly by?: By;
  readonly references?: R;
  /** Your own metrics by name, without intervals. */
  readonly metrics?: UserMetrics;
}

/** A column, and how to bin it. `C`: columns. */
export interface RowsByColumn<C extends string = string> extends RowGroupOptions {
  /** Default: the column with the role of the time (`as: "times"`) or of the user (`training`). */
  readonly column?: C;
  /** Groups by the number of these training rows with the value, 0, 1–4, 5–19 …: how well new users are served. */
  readonly training?: DatasetSource;
  /** Each group by domain as well. Default: false, over all domains. */
  readonly perDomain?: boolean;
}

/** Options of calibration curves: bins, level, and the users of intervals. */
export interface RunCalibrationOptions<U extends string = string>
  extends CalibrationOptions,
    UserOptions<U>,
    SignalOptions {}

/** Options of a recalibration: its lines, and the users that stay together and that intervals are over. */
export interface RunRecalibrationOptions<U extends string = string> extends UserOptions<U>, SignalOptions {
  /** Default: `domain`, if each domain has separate towers. */
  readonly by?: Recalibration["by"];
}

/** Options of a comparison. `T`: towers; `U`: columns, and features that read one. */
export interface CompareOptions<T extends string = string, U extends string = string>
  extends IntervalOptions,
    UserOptions<U>,
    SignalOptions {
  readonly tasks?: readonly T[];
  readonly names?: readonly [string, string];
}

/** Options of gate statistics: number of rows, what to compute, and the users of intervals. */
export interface RunGatesOptions<U extends string = string>
  extends Omit<GatesOptions, "untrained" | "users" | "details">,
    UserOptions<U> {
  /** `false`: without the slow parts. Default: true. */
  readonly details?: boolean;
}

/** Options of counterfactuals: the changes, and the intervals. `N`: names; `U`: columns, and features that read one. */
export interface RunCounterfactualOptions<N extends RunNames = RunNames, U extends string = string>
  extends Omit<CounterfactualOptions, "users">,
    UserOptions<U> {
  /** Default (or `null`): another domain for every row, with and without its towers; EPNet off; PPNet off. */
  readonly changes?: readonly Intervention<N["tower"], N["domain"] | number, N["feature"]>[] | null;
}

/** Options of importances: the question, the groups of fields, and the intervals. `F`: features. */
export interface RunImportanceOptions<F extends string = string, U extends string = string>
  extends Omit<ImportanceOptions<F>, "users">,
    UserOptions<U> {}

/** Options of conflicts: the rows, 16,384 by default, and the users of intervals. */
export interface RunConflictsOptions<U extends string = string>
  extends Omit<CounterfactualOptions, "users">,
    UserOptions<U> {}

/** Options of an explanation: the row, and the rows to compare with. */
export interface RunExplainOptions extends SampleOptions {
  readonly row: number;
}

/** The rows of a call; the validation rows if omitted. */
export type OptionalRows = DatasetSource | null | undefined;

/** Names of users in a call: columns of its rows, and features that read one. Conditional, so that errors list them. */
export type UserName<Rows, N extends RunNames> = Rows extends unknown
  ? ColumnsOf<Rows, N["column"]> | N["feature"]
  : never;

/** A study, such as `model.ablate()` returns. */
export interface ReportedStudy {
  readonly facts: StudyReport;
}

/** Options of a dial: the rows that it evaluates at each move, and a study to compare with. */
export interface DialOptions<U extends string = string> extends SampleOptions, UserOptions<U> {
  /** Models that were trained at several gammas: their curves are drawn beside the dial. Default: none. */
  readonly study?: ReportedStudy;
}

/** The error for a call without a required option. @param example the option in code */
export function missingOption(method: string, option: string, example: string): SpecError {
  return new SpecError({
    path: `run.${method}: ${option}`,
    message: `${option} is required`,
    expected: `run.${method}(data, ${example})`,
    fix: `name the rows first, or null for the validation rows: run.${method}(null, ${example})`,
  });
}

export interface TowerScores {
  readonly tower: TowerSpec;
  /** [rows]; NaN if the column has no value. */
  readonly values: Float32Array;
}

/** Reads the columns. Throws a DataError for an unknown tower or column, or one without numbers. */
export async function towerScores(
  spec: ModelSpec,
  table: Table,
  columns: ReferenceColumns,
): Promise<readonly TowerScores[]> {
  const named = Object.entries(columns).flatMap(([name, column]) =>
    column === undefined ? [] : [[name, column] as const],
  );
  const read = await table.read([...new Set(named.map(([, column]) => column))]);
  return named.map(([name, column]) => {
    const tower = spec.towers.find((candidate) => candidate.name === name);
    if (tower === undefined) {
      const names = spec.towers.map((candidate) => candidate.name);
      throw new DataError(unknownName(`reference.${name}`, "tower", name, names));
    }
    const scores = read.get(column);
    if (scores?.kind !== "number") {
      throw new DataError({
        path: `reference.${name}: column "${column}"`,
        message: "a reference needs numbers",
        received: `a column of ${scores?.kind}`,
        expected: "one score per row",
      });
    }
    const { valid } = scores;
    const values = new Float32Array(scores.values);
    if (valid !== null) for (let row = 0; row < values.length; row++) if (valid[row] === 0) values[row] = Number.NaN;
    return { tower, values };
  });
}

export interface Subject {
  readonly spec: ModelSpec;
  readonly engine: RunEngine;
  /** The logistic regression that evaluations compare with; `null`: none. */
  readonly floor: LogisticRegression | null;
  /** The rows that it was trained on, if they are known. */
  readonly training: { readonly table: Table | null; readonly recorded: RecordedRows | null };
}

export interface Readable {
  readonly spec: ModelSpec;
  readonly engine: { use<T>(work: (engine: ReadingEngine) => Promise<T>): Promise<T> };
}

export const exportOptions: OptionNames<ExportOptions> = { priors: true };

/** Options of `run.export`. */
export interface ExportOptions {
  /**
   * The state of priors (`log.priorsState()`, or a Parquet file of it), from which predictions of the exported model
   * add these columns to rows that lack them. Default: none; rows then need the columns of priors.
   */
  readonly priors?: OtherRows;
}

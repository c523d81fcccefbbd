/** The options of a run's calls. JavaScript, and options that were built earlier, are not checked by the compiler. */
import { DataError } from "../../core/errors/index.js";
import { checkOptions, type OptionNames } from "../../core/spec/validate/checks.js";
import type { SignalOptions } from "../../core/util/interrupt.js";
import type { AuditOptions } from "../../lab/gates/audit.js";
import type { ReportOptions } from "../report-options.js";
import type { WritePredictionsOptions } from "../stream.js";
import type { WorthOptions } from "../study/worth.js";
import type {
  CompareOptions,
  DialOptions,
  EvaluationOptions,
  RunCalibrationOptions,
  RunConflictsOptions,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunGatesOptions,
  RunImportanceOptions,
  RunRecalibrationOptions,
} from "./options.js";

interface OptionsOf {
  readonly predict: SignalOptions;
  readonly writePredictions: WritePredictionsOptions;
  readonly evaluate: EvaluationOptions;
  readonly calibration: RunCalibrationOptions;
  readonly recalibrate: RunRecalibrationOptions;
  readonly compare: CompareOptions;
  readonly gates: RunGatesOptions;
  readonly counterfactual: RunCounterfactualOptions;
  readonly importance: RunImportanceOptions;
  readonly audit: AuditOptions;
  readonly conflicts: RunConflictsOptions;
  readonly explain: RunExplainOptions;
  readonly dial: DialOptions;
  readonly report: ReportOptions;
  readonly worth: WorthOptions;
}

export type RunCall = keyof OptionsOf;

const calls: { readonly [Call in RunCall]: OptionNames<OptionsOf[Call]> } = {
  predict: { signal: true },
  writePredictions: { path: true, reserve: true, everyDomain: true, signal: true },
  evaluate: { intervals: true, by: true, references: true, metrics: true, user: true, signal: true },
  calibration: { bins: true, level: true, user: true, signal: true },
  recalibrate: { by: true, user: true, signal: true },
  compare: { tasks: true, names: true, draws: true, seed: true, level: true, user: true, signal: true },
  gates: { details: true, signal: true, rows: true, seed: true, user: true },
  counterfactual: { changes: true, signal: true, rows: true, seed: true, user: true },
  importance: {
    signal: true,
    matters: true,
    rows: true,
    seed: true,
    of: true,
    groups: true,
    permutations: true,
    user: true,
  },
  audit: { rows: true, seed: true, signal: true },
  conflicts: { signal: true, rows: true, seed: true, user: true },
  explain: { row: true, rows: true, seed: true, signal: true },
  dial: { study: true, rows: true, seed: true, signal: true, user: true },
  report: {
    path: true,
    training: true,
    user: true,
    baseline: true,
    baselineName: true,
    study: true,
    worth: true,
    sections: true,
    title: true,
    rows: true,
    overwrite: true,
    signal: true,
  },
  worth: {
    train: true,
    seeds: true,
    earlyStopping: true,
    tasks: true,
    metric: true,
    matters: true,
    level: true,
    draws: true,
    cache: true,
    engine: true,
    threads: true,
    parallel: true,
    onRun: true,
    quiet: true,
    user: true,
    signal: true,
  },
};

/** Throws a DataError with every option that the call does not have, and a suggestion for each. */
export function checkRunCall(call: RunCall, options: object): void {
  checkOptions(`run.${call}`, options, Object.keys(calls[call]), DataError);
}

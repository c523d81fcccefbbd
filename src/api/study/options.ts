import type { HalvingOptions, Matters, StudyMetric } from "../../ablation/index.js";
import type { EngineName } from "../../engine/index.js";
import type { EarlyStopping } from "../../train/index.js";
import type { DatasetSource } from "../data/index.js";
import type { UserOptions } from "../run/index.js";
import type { WrittenVariants } from "./variants.js";

/** The rows that gates are measured on. */
export interface GateRows {
  readonly rows: number;
}

/** Seeds until a variant is settled: different from the model, or equivalent to it. */
export interface SeedLimit {
  readonly atMost: number;
}

/** Options of a study. `T`: the model's towers. */
export interface AblationOptions<T extends string = string> extends UserOptions {
  /** Rows to evaluate every variant on. Default: a random 10% of the data, held out once for all variants. */
  readonly validation?: DatasetSource;
  /**
   * Number of seeds, or a list of seeds, for every variant. `{ atMost: 20 }`: looks at the runs after 3, 5, 8 … seeds
   * and stops the variants that are settled. Default: `{ atMost: 8 }`; with a `budget`, the number that fits; with
   * `halving`, 5. Two or three seeds can show only large differences.
   */
  readonly seeds?: number | readonly number[] | SeedLimit;
  /**
   * `grid`: every combination of the settings' values. `one-at-a-time`: each value alone. `halving`: a grid whose best
   * third continues with three times the steps, until few are left. Default: `grid`. Lists of variants are used
   * unchanged.
   */
  readonly design?: "grid" | "one-at-a-time" | "halving";
  readonly halving?: HalvingOptions;
  /**
   * Time limit for planning: `"90s"`, `"10m"`, `"1.5h"` or seconds. Variants that are settled stop, and the others get
   * their time. Notes list what was left out.
   */
  readonly budget?: string | number;
  /**
   * Towers of the tasks to compare; intervals are corrected for these tasks alone, and looks stop when they are settled.
   * Default: all. Runs measure every task, so asking about others later trains nothing.
   */
  readonly tasks?: readonly T[];
  /** The metric to compare, for tasks that have it. Default: AUC; log loss or squared error for other tasks. */
  readonly metric?: StudyMetric;
  /**
   * The smallest difference that matters to you, such as `0.002`, or one by metric: `{ auc: 0.002, logLoss: 0.001 }`.
   * Verdicts are then better, worse, equivalent (smaller than this, either way) or undecided.
   */
  readonly matters?: Matters;
  /** Joint coverage of all intervals of the study. Default: 0.95. */
  readonly level?: number;
  /** Bootstrap draws of the validation rows. Default: 200. */
  readonly draws?: number;
  /**
   * Stop each run when its validation AUC stops improving. `true`: patience 2. Uses the same rows as the evaluation.
   * Default: only if the model sets neither epochs nor steps.
   */
  readonly earlyStopping?: boolean | EarlyStopping;
  /** Points of the curves. Default: about four per run. */
  readonly evaluationsPerEpoch?: number;
  /** Measure the gates of each run on this number of rows. Default: true (1,000 rows). */
  readonly gates?: boolean | GateRows;
  /** Keep finished runs on disk, and reuse them. Default: true. */
  readonly cache?: boolean;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads per run. Default: 1, which has the highest throughput; another number changes the last bits of results. */
  readonly threads?: number;
  /** Concurrent runs; results do not depend on it. Default: one per core. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  readonly onRun?: (run: StudyProgress) => void;
  readonly quiet?: boolean;
}

/** A finished run, and the study's progress. */
export interface StudyProgress {
  readonly variant: string;
  readonly seed: number;
  readonly kept: boolean;
  /** Number of finished runs; with halving, of this round. */
  readonly done: number;
  /** Number of planned runs; with halving, of this round. */
  readonly planned: number;
}

export interface StudyRequest extends AblationOptions {
  readonly variants: WrittenVariants;
}

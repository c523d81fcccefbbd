/** How a study is made, and how far it is. */
import type { HalvingOptions, StudyMetric } from "../../ablation/index.js";
import type { EngineName } from "../../engine/index.js";
import type { EarlyStopping } from "../../train/index.js";
import type { DatasetSource } from "../data/index.js";
import type { UserOptions } from "../run/index.js";
import type { WrittenVariants } from "./variants.js";

/** How a study is made. */
export interface AblationOptions extends UserOptions {
  /** Rows that every variant is measured on. Default: a random tenth of the data, held out once for all variants. */
  readonly validation?: DatasetSource;
  /** How many (1, 2, …), or which. Default: 5; with a `budget`, as many as fit. Two or three can show large differences only. */
  readonly seeds?: number | readonly number[];
  /**
   * `grid`: every combination of the settings' values. `one-at-a-time`: each value alone. `halving`: a grid whose better
   * third trains on, three times as long, until few are left. Default: `grid`. A list of variants is taken as it is.
   */
  readonly design?: "grid" | "one-at-a-time" | "halving";
  /** Of `halving`. */
  readonly halving?: HalvingOptions;
  /** Time to plan the study for: `"90s"`, `"10m"`, `"1.5h"` or seconds. Notes list what there was no time for. */
  readonly budget?: string | number;
  /** What variants are compared by, if a task has it. Default: AUC; log loss or squared error of other tasks. */
  readonly metric?: StudyMetric;
  /** Probability that all of the study's intervals cover together. Default: 0.95. */
  readonly level?: number;
  /** Bootstrap draws of the validation rows. Default: 200. */
  readonly draws?: number;
  /** Stop each run when its validation AUC gets no better. `true`: patience 2. Chosen on the rows that are measured. */
  readonly earlyStopping?: boolean | EarlyStopping;
  /** Points of the curves. Default: about four in the run. */
  readonly evaluationsPerEpoch?: number;
  /** Measure the gates of each run, on this number of rows. Default: true (1,000 rows). */
  readonly gates?: boolean | { readonly rows: number };
  /** Keep finished runs on disk, and reuse them. Default: true. */
  readonly cache?: boolean;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Of each run. Default: 1, which trains most in a given time; another number changes results in their last bits. */
  readonly threads?: number;
  /** Runs at once; results do not depend on it. Default: one per core. */
  readonly parallel?: number;
  /** Aborts the study, which compares the finished runs. In a notebook an interrupt does this. */
  readonly signal?: AbortSignal;
  /** Called when a run is done. */
  readonly onRun?: (run: StudyProgress) => void;
  /** No live table. */
  readonly quiet?: boolean;
}

/** A run that is done, and how far the study is. */
export interface StudyProgress {
  /** The variant's name. */
  readonly variant: string;
  /** The run's seed. */
  readonly seed: number;
  /** It was reused from disk. */
  readonly kept: boolean;
  /** Runs done, of those planned: of this round, if a study halves. */
  readonly done: number;
  /** Runs planned: of this round, if a study halves. */
  readonly planned: number;
}

/** A study as it is asked for: its variants, and how they are trained and compared. */
export interface StudyRequest extends AblationOptions {
  /** Lists of values by a setting's path, and functions by name; or a list of variants. */
  readonly variants: WrittenVariants;
}

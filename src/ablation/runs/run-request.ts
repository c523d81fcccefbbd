/** What a run of a study is asked for. */
import type { EncodedRows } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import type { ModelSpec } from "../../spec/index.js";
import type { EarlyStopping, Progress, UserColumn } from "../../train/index.js";

/** Settings that all runs of a study share. */
export interface RunSettings {
  readonly evaluationsPerEpoch?: number | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Bootstrap draws of the evaluation rows. */
  readonly draws: number;
  /** Number of rows for gate statistics; 0: none. */
  readonly gateRows: number;
}

/** The rows of a study, encoded for one variant. */
export interface StudyRows {
  readonly train: EncodedRows;
  readonly validation: EncodedRows;
  /**
   * Rows for curves during training: a sample if there are many validation rows. With early stopping, the half that
   * chooses; `validation` is the other half.
   */
  readonly curves: EncodedRows;
  /** The user of each validation row; `null`: rows are drawn. */
  readonly users: UserColumn | null;
}

/** A requested run. */
export interface RunRequest {
  /** With its seed. */
  readonly spec: ModelSpec;
  readonly rows: StudyRows;
  readonly settings: RunSettings;
  readonly openEngine: () => Promise<Engine>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

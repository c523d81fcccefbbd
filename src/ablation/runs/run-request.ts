import type { EncodedRows } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import type { ModelSpec } from "../../spec/index.js";
import type { EarlyStopping, Progress, UserColumn } from "../../train/index.js";

export interface RunSettings {
  readonly evaluationsPerEpoch?: number | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  readonly draws: number;
  readonly gateRows: number;
}

export interface StudyRows {
  readonly train: EncodedRows;
  readonly validation: EncodedRows;
  /** With early stopping, the half that chooses; `validation` is the other half. */
  readonly curves: EncodedRows;
  readonly users: UserColumn | null;
}

export interface RunRequest {
  readonly spec: ModelSpec;
  readonly rows: StudyRows;
  readonly settings: RunSettings;
  readonly openEngine: () => Promise<Engine>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of an estimate. */
import type { EngineName } from "../../../engine/index.js";

/** Options of an estimate. */
export interface EstimateOptions {
  /** Rows of the training data. Default: those of the data. */
  readonly rows?: number;
  /** Overrides the model's epochs. */
  readonly epochs?: number;
  /** Seconds of steps to measure. Default: 5. */
  readonly seconds?: number;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores). */
  readonly threads?: number;
  /** Aborts the measurement, which then throws. */
  readonly signal?: AbortSignal;
}

/** What an estimate is of, and how it is measured. */
import type { EngineName } from "../../../engine/index.js";

/** What an estimate is of, and how it is measured. */
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
  /** Aborts the measuring, which then throws. */
  readonly signal?: AbortSignal;
}

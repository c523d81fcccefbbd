/** On which rows a run is looked at, and how. */
import type { CounterfactualOptions, FieldRankingOptions, GatesOptions, SampleOptions } from "../gates/index.js";
import type { DatasetSource } from "./dataset.js";

/** Which rows gate statistics are over, and how much is asked of them. */
export interface RunGatesOptions extends Omit<GatesOptions, "training"> {
  /** The training rows, to set rarely seen users and items apart. */
  readonly training?: DatasetSource;
}

/** On which rows, and how. */
export interface RunCounterfactualOptions extends CounterfactualOptions {
  /** Default: the validation rows. */
  readonly data?: DatasetSource;
}

/** On which rows, and what is asked of each field. */
export interface RunFieldRankingOptions extends FieldRankingOptions {
  /** Default: the validation rows. */
  readonly data?: DatasetSource;
}

/** Of which rows, and what the row is compared with. */
export interface RunExplainOptions extends SampleOptions {
  /** Default: the validation rows. */
  readonly data?: DatasetSource;
}

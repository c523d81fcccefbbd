/** A model with its weights, on which rows are examined. */
import type { ModelSpec } from "../../spec/index.js";
import type { LogisticRegression } from "../../train/index.js";
import type { RunEngine } from "../training/index.js";

/** A model, its weights and its engine, for methods that read rows. */
export interface Subject {
  readonly spec: ModelSpec;
  readonly engine: RunEngine;
  /** The logistic regression that evaluations compare with; `null`: none. */
  readonly floor: LogisticRegression | null;
}

import type { ReadingEngine } from "../../engine/index.js";
import type { ModelSpec } from "../../spec/index.js";
import type { LogisticRegression } from "../../train/index.js";
import type { RunEngine } from "../training/index.js";

export interface Subject {
  readonly spec: ModelSpec;
  readonly engine: RunEngine;
  /** The logistic regression that evaluations compare with; `null`: none. */
  readonly floor: LogisticRegression | null;
}

export interface Readable {
  readonly spec: ModelSpec;
  readonly engine: { use<T>(work: (engine: ReadingEngine) => Promise<T>): Promise<T> };
}

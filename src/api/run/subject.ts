/** A model with its weights, on which rows are examined. */
import type { ModelSpec } from "../../spec/index.js";
import type { RunEngine } from "../training/index.js";

/** What examines rows. */
export interface Subject {
  readonly spec: ModelSpec;
  readonly engine: RunEngine;
}

/** How a run is examined, beside the rows. */
import { SpecError } from "../../errors/index.js";
import type { CounterfactualOptions, GatesOptions, Intervention, SampleOptions } from "../../gates/index.js";
import type { DatasetSource } from "../data/dataset.js";

/** How many rows gate statistics are over, and what is computed. */
export interface RunGatesOptions extends Omit<GatesOptions, "training"> {
  /** The training rows, to compare rarely seen users and items with the others. */
  readonly training?: DatasetSource;
}

/** What is changed, and how intervals are made. */
export interface RunCounterfactualOptions extends CounterfactualOptions {
  /** Default (or `null`): another domain for every row, EPNet off, PPNet off. */
  readonly changes?: readonly Intervention[] | null;
}

/** Which row is explained, and what it is compared with. */
export interface RunExplainOptions extends SampleOptions {
  /** Its number in the data, from 0. */
  readonly row: number;
}

/** The error for a call that lacks an option it cannot do without. @param example the option as it is written */
export function missingOption(method: string, option: string, example: string): SpecError {
  return new SpecError({
    path: `run.${method}: ${option}`,
    message: `${option} is required`,
    expected: `run.${method}(data, ${example})`,
    fix: `name the rows first, or null for the validation rows: run.${method}(null, ${example})`,
  });
}

/** How a run is examined, beside the rows. */
import type { RowGroupOptions } from "../../data/index.js";
import { SpecError } from "../../errors/index.js";
import type {
  CounterfactualOptions,
  FieldRankingOptions,
  GatesOptions,
  Intervention,
  SampleOptions,
} from "../../gates/index.js";
import type { IntervalOptions } from "../../train/index.js";
import type { DatasetSource } from "../data/index.js";
import type { ReferenceColumns } from "./score-columns.js";

/** How whole users are found, for intervals that draw them. */
export interface UserOptions {
  /**
   * Column that says whose row each is, or an id feature, whose column is read: intervals draw whole users. Default: the
   * key of the model's first `grouped_auc`. Without one, or with `null`, rows are drawn. It is never guessed.
   */
  readonly user?: string | null;
}

/** How an evaluation measures. */
export interface EvaluationOptions extends UserOptions {
  /** AUC by sorting, or streamed in bounded memory within a stated bound. Default: exact up to 50 million rows. */
  readonly auc?: "exact" | "streaming";
  /** Bootstrap intervals of every metric, and how. Default: up to 100,000 rows. */
  readonly intervals?: boolean | IntervalOptions;
  /**
   * Metrics by the values of any column of the data instead of by domain: the 20 most frequent, the others pooled; ten
   * bins of equally many rows for numbers with more values, unless the model reads the column as ids.
   */
  readonly by?: string | RowsByColumn;
  /**
   * Scores that the rows bring along, a column per task, whose AUCs are shown beside the model's: the true probabilities
   * of generated data, or a production model's predictions.
   */
  readonly references?: ReferenceColumns;
}

/** By which column, and how it is cut. */
export interface RowsByColumn extends RowGroupOptions {
  /** The column whose values, or bins of values, replace the domains. */
  readonly column: string;
}

/** How runs are compared. */
export interface CompareOptions extends IntervalOptions, UserOptions {
  /** The tasks to compare. Default: all, which both must have. */
  readonly tasks?: readonly string[];
  /** What the models are called. Default: `this run` and `the other`. */
  readonly names?: readonly [string, string];
}

/** How many rows gate statistics are over, and what is computed. */
export interface RunGatesOptions extends Omit<GatesOptions, "training"> {
  /** The training rows, to compare rarely seen users and items with the others. */
  readonly training?: DatasetSource;
}

/** What is changed, and how intervals are made. */
export interface RunCounterfactualOptions extends Omit<CounterfactualOptions, "users">, UserOptions {
  /** Default (or `null`): another domain for every row, EPNet off, PPNet off. */
  readonly changes?: readonly Intervention[] | null;
}

/** What is asked of each field, and how intervals are made. */
export interface RunFieldRankingOptions extends Omit<FieldRankingOptions, "users">, UserOptions {}

/** Which row is explained, and what it is compared with. */
export interface RunExplainOptions extends SampleOptions {
  /** Its number in the data, from 0. */
  readonly row: number;
}

/** The error for a call that lacks an option that it needs. @param example the option as it is written */
export function missingOption(method: string, option: string, example: string): SpecError {
  return new SpecError({
    path: `run.${method}: ${option}`,
    message: `${option} is required`,
    expected: `run.${method}(data, ${example})`,
    fix: `name the rows first, or null for the validation rows: run.${method}(null, ${example})`,
  });
}

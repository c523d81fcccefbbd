/** One metric by task and domain, with totals: the numbers of a heat map or a table. */
import type { Interval } from "./bootstrap.js";
import type { MetricName } from "./types.js";

/** One metric on the rows of a task and a domain. */
export interface MatrixCell extends Interval {
  readonly rows: number;
  /** Rows with a positive label (binary tasks). */
  readonly positives: number;
  /** Why there is no value, such as "no rows" or "no positive row"; `null` where there is one. */
  readonly gap: string | null;
}

/** One metric by task and domain. */
export interface MetricMatrix {
  readonly metric: MetricName;
  /** The tasks' names, `cvr (within clk)` where they have a space, and `all tasks` (their mean) where there are several. */
  readonly tasks: readonly string[];
  /** `all rows`, then the domains. */
  readonly domains: readonly string[];
  /** [tasks, domains] */
  readonly cells: readonly (readonly MatrixCell[])[];
}

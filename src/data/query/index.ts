/** Steps on tables that DuckDB runs lazily: filters, derived columns, groups, joins, queries. */

export {
  assertColumns,
  columnKey,
  deriveFrame,
  type SortKey,
  selectFrame,
  sortFrame,
  summariseFrame,
  whereFrame,
} from "./frame.js";
export {
  type ChainResult,
  type HistoryOptions,
  historyStep,
  runChain,
  type SqlStep,
  type Step,
  type TableStep,
} from "./history.js";
export { concatStep, type JoinOptions, joinStep } from "./join.js";
export { type NegativesOptions, negativesStep } from "./negatives.js";
export { computeStep, filterStep } from "./row-functions.js";
export { queryTables } from "./sql.js";

/** Steps on tables that DuckDB runs lazily: filters, derived columns, groups, joins, queries. */

export { priorsStep } from "../priors/priors.js";
export { withPriorsStep } from "../priors/with-priors.js";
export { columnInRole } from "../table/role-checks.js";
export { meanFrame, pivotStep, valueCountsStep } from "./counts.js";
export type { SortKey } from "./frame.js";
export { assertColumns, columnKey, deriveFrame, selectFrame, sortFrame, summariseFrame, whereFrame } from "./frame.js";
export type { ChainResult, HistoryOptions, SqlStep, Step, TableStep } from "./history.js";
export { historyStep, runChain, sqlStep, tableStep } from "./history.js";
export { concatStep, type JoinOptions, joinStep } from "./join.js";
export { type NegativesOptions, negativesStep } from "./negatives.js";
export { computeStep, filterStep } from "./row-functions.js";
export { queryTables } from "./sql.js";
export { type TimePartsOptions, timePartsStep, withTimeParts } from "./time-parts.js";

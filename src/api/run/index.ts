/** What a run is: a trained model, and what it answers about rows. */

export { runFromWeights, type WeightsOptions } from "./from-weights.js";
export type {
  CompareOptions,
  EvaluationOptions,
  RowsByColumn,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunFieldRankingOptions,
  RunGatesOptions,
  UserOptions,
} from "./options.js";
export { type RunChartName, type RunParts, RunRecord } from "./record.js";
export { Run, type RunCompareOptions } from "./run.js";
export type { ReferenceColumns } from "./score-columns.js";

export {
  Dial,
  type DialGammas,
  type DialGrid,
  type DialPart,
  type DialReportOptions,
  type DialSetting,
  type MovedRowsOptions,
} from "./dial/index.js";
export type {
  CompareOptions,
  DialOptions,
  EvaluationOptions,
  RowsByColumn,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunFieldRankingOptions,
  RunGatesOptions,
  UserOptions,
} from "./options.js";
export { type RunChartName, type RunParts, RunRecord } from "./record.js";
export { Run, type RunCompareOptions, runFromWeights, type WeightsOptions } from "./run.js";
export type { ReferenceColumns } from "./score-columns.js";

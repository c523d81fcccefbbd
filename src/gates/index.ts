/** Statistics of gates by module × layer × task × domain. */
export * from "./counterfactual/counterfactual.js";
export type * from "./counterfactual/effects.js";
export * from "./counterfactual/interventions.js";
export * from "./explain.js";
export * from "./fields/field-ranking.js";
export type { ExplainedPosition, PositionWeight } from "./positions.js";
export { type GatesOptions, gatesReport } from "./report.js";
export type { SampleOptions } from "./rows/sample.js";
export { histogramBins } from "./statistics/statistics.js";
export * from "./types.js";

/** What the gates do: statistics by module × layer × task × domain. */
export * from "./counterfactual.js";
export type * from "./effects.js";
export * from "./explain.js";
export * from "./field-ranking.js";
export * from "./interventions.js";
export { type GatesOptions, gatesReport } from "./report.js";
export type { SampleOptions } from "./sample.js";
export { histogramBins } from "./statistics.js";
export * from "./types.js";

/** Columns of gate results. */

export {
  DISTANCES,
  type DistanceName,
  distancesSheet,
  gateDifferencesSheet,
  gatesWithDistances,
  placeName,
} from "./between/index.js";
export { coldGatesSheet } from "./cold.js";
export { dialSheet, type MovedRow, type MovedRows, movedRowsSheet } from "./dial.js";
export { embeddingsSheet } from "./embeddings.js";
export { fieldDomains, fieldGatesSheet } from "./fields.js";
export { gateGapsSheet } from "./gaps.js";
export { gradientPathsSheet, gradientsSheet } from "./gradients.js";
export { histogramsSheet } from "./histograms.js";
export { gateHistorySheet } from "./history.js";
export { gateStatisticsSheet, siteColumns } from "./statistics.js";
export { domainVarianceSheet, explainedVarianceSheet } from "./variance.js";

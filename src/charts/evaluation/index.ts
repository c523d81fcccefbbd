/** Charts of metrics, and of two models on the same rows. */

export { aucByDomainChart, aucRows } from "./auc-by-domain.js";
export { differencesChart } from "./differences.js";
export { drillDownChart } from "./drill-down.js";
export { coldRowsChart, overTimeChart } from "./groups/index.js";
export { metricMatrixChart } from "./metric-matrix.js";
export { reliabilityChart } from "./reliability.js";
export { domainScoresChart, liftChart, precisionChart, rocChart, scoresChart } from "./scores/index.js";
export { seesawChart } from "./seesaw.js";

/** Charts of gates: an overview, and one chart per question. */

export { gateDifferencesChart } from "./differences.js";
export { domainDistancesChart } from "./distances.js";
export { domainVarianceChart } from "./domain-variance.js";
export { embeddingMapChart } from "./embedding-map.js";
export { explainedVarianceChart } from "./explained-variance.js";
export { fieldGatesChart } from "./fields.js";
export { gateHistogramsChart } from "./histograms.js";
export { gateHistoryChart } from "./history.js";
export { gatesChart } from "./overview.js";
export { gateQuantilesChart } from "./quantiles.js";
export { gateSaturationChart } from "./saturation.js";

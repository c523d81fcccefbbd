/** Drift between two samples: distances of distributions, differences of rates. */
export { type BinnedSamples, type Drift, drifts } from "./drift.js";
export { jensenShannon, populationStability } from "./histograms.js";
export { type CountedRows, type RateDrift, rateDrifts } from "./rates.js";

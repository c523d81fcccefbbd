/** Columns of comparisons between domains' gates. */

export { gateDifferencesSheet, placeName } from "./differences.js";
export { DISTANCES, type DistanceName, distancesSheet, gatesWithDistances } from "./distances.js";

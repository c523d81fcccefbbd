/** Columns of the effects of domains, gates and fields. */

export {
  BETWEEN,
  changeVerdict,
  counterfactualsSheet,
  effectDomains,
  isBeyondNoise,
  mainChange,
  WITHIN,
} from "./counterfactuals.js";
export { explainedTasksSheet, explanationSheet } from "./explanation.js";
export { fieldRankingSheet, WHOLE_CHANGE } from "./field-ranking.js";
export { type PositionValues, positionsSheet } from "./positions.js";

/** Columns of what changes of domains, gates and fields do. */

export { changeVerdict, counterfactualsSheet, effectDomains } from "./counterfactuals.js";
export { explainedTasksSheet, explanationSheet } from "./explanation.js";
export { fieldRankingSheet, WHOLE_CHANGE } from "./field-ranking.js";

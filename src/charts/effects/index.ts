/** Charts of the effects of domains, gates and fields. */

export { counterfactualsChart } from "./counterfactuals.js";
export { fieldRankingChart } from "./field-ranking.js";
export { movedRowsChart } from "./moved-rows.js";
export { positionsChart } from "./positions.js";

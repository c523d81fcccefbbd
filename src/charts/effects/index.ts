/** Charts of what changes of domains, gates and fields do. */

export { counterfactualsChart } from "./counterfactuals.js";
export { fieldRankingChart } from "./field-ranking.js";

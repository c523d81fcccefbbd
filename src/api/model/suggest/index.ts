/** A first model for the columns of a data set. */
export { type SuggestedColumn, SuggestedModel } from "./result.js";
export { type SuggestOptions, suggestModel } from "./suggest-model.js";

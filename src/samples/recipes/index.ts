/** Facts about public data sets. Loads nothing that opens or encodes data. */
export { movielens100k, movielensDomains, movielensSizes } from "./movielens.js";

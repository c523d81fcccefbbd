/** Facts about public data sets. Does not load the code that opens or encodes data. */
export { movielens100k, movielensDomains, movielensSizes } from "./movielens.js";

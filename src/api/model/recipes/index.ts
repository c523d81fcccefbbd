/** Public data sets, made ready to train on. */

export { writeTaobaoLike } from "./generate.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./prepare.js";

/** Prepares public data sets for training. */

export { writeTaobaoLike } from "./generate.js";
export { PreparedDataset, prepareMovielens, prepareTaobao } from "./prepare.js";
export { tryEngine } from "./try-engine.js";
export { tryPicture } from "./try-picture.js";

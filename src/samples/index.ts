/** Sample data: generated logs with known truth, recipes for public data sets, random encoded rows. */
export { encodedLike } from "./encoded-like.js";
export type { OracleAuc } from "./generate/oracle.js";
export type { DomainEffects, TaobaoOptions } from "./generate/settings.js";
export * from "./generate/taobao.js";
export * from "./recipes/movielens.js";
export * from "./recipes/movielens-large.js";
export * from "./recipes/prepared.js";
export { writePrepared } from "./recipes/prepared-folder.js";
export { taobaoDomains, taobaoFromFiles } from "./recipes/taobao.js";
export type { TaobaoRecipeOptions } from "./recipes/taobao-options.js";

/**
 * Writes and rewrites Parquet files.
 */
export { writeParquet } from "./parquet.js";
export { rewriteParquet } from "./rewrite-parquet.js";

/**
 * Writes and rewrites Parquet files.
 */
export { rewriteParquet, writeParquet } from "../parquet.js";

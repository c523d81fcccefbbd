/** Parquet files, written and rewritten. */
export { writeParquet } from "./parquet.js";
export { rewriteParquet } from "./rewrite-parquet.js";

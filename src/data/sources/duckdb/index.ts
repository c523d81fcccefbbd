/** DuckDB, for rooms that write SQL of their own. */

export { type DuckDBConnection, fileList, literal, openDatabase, placeLiteral } from "./duckdb.js";

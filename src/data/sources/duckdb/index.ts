/**
 * DuckDB, for rooms that write SQL.
 */

export { type DuckDBConnection, fileList, literal, openDatabase, placeLiteral } from "./duckdb.js";

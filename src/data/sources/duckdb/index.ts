/**
 * DuckDB, for rooms that write SQL.
 */

export { type DuckDBConnection, fileList, identifier, literal, openDatabase, placeLiteral } from "./duckdb.js";

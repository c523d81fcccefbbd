/** DuckDB and files, for rooms that write SQL of their own. Not part of the room's index, which must stay free of DuckDB's types. */

export { type DuckDBConnection, fileList, literal, openDatabase, placeLiteral } from "./duckdb.js";
export { isFile, readFirst } from "./paths/regular.js";

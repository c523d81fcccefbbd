/** A table and its columns. */
export type { NumberColumn, TextColumn } from "./column.js";
export { Table } from "./table.js";

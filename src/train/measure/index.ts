/** Which rows a task is measured on. */
export { rowsByDomain, rowsInside } from "./task-rows.js";

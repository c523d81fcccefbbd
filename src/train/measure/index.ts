/** Metrics of predictions, and the rows of each task. */
export { rowsByDomain, rowsInside } from "./task-rows.js";

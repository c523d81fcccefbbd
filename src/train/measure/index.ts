export { rowsByDomain, rowsInside } from "./task-rows.js";

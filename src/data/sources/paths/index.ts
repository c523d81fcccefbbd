/** Paths that a user gives: local, regular files. */
export { isFile, readFirst } from "./regular.js";

/**
 * Checks of paths that a user passes: they must be local, regular files.
 */
export { isFile, readFirst } from "../paths.js";

/** The columns of results, loaded when a result is first read: importing the package should stay cheap. */
import type * as Tables from "../../tables/index.js";

/** `src/tables`. */
export function tables(): typeof Tables {
  return require("../../tables/index.js");
}

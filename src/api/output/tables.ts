/** The columns of results, loaded when a result is first read: importing the package should stay cheap. */
import type * as Tables from "../../views/index.js";

/** `src/views`. */
export function tables(): typeof Tables {
  return require("../../views/index.js");
}

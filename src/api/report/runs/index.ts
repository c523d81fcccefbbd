/** An index of saved runs. */

export { RunIndex, runs } from "./runs.js";

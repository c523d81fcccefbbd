/** The TF.js functions of the tracer. */
export { loadTfjs } from "./load-tfjs.js";

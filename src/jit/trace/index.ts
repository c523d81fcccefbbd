/** TF.js, as the tracer needs it. */
export { loadTfjs } from "./load-tfjs.js";

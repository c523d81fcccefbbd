export { loadTfjs } from "./load-tfjs.js";

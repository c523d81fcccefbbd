/** The summary of a model: its modules with parameters and FLOPs, and notes. */

export { modelBundle, modelNotes, modelSheet } from "./summary.js";

/** A model at a glance: its modules with parameters and FLOPs, and what is worth a note. */

export { modelBundle, modelNotes, modelSheet } from "./summary.js";

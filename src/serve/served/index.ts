/** Exported models, read back. Loads neither TF.js nor a training engine. */
export * from "./encoders.js";
export { type OpenModel, openModel } from "./served-model.js";

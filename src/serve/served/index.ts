/** Exported models, read back. Loads neither TF.js nor a training engine. */
export type * from "../format/index.js";
export { makeEncoders } from "./encoders.js";
export { encodingSpec } from "./encoding-spec.js";
export { type OpenModel, openModel } from "./served-model.js";

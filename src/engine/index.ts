/** Engines: compiled on onnxruntime, or eager on a TF.js backend. TF.js and onnxruntime load when an engine is made. */
export { createEngine } from "./create-engine.js";
export type * from "./engine.js";

/**
 * Engines: compiled on onnxruntime, or eager on a TF.js backend. TF.js and onnxruntime are loaded with the first
 * engine.
 */
export { createEngine } from "./create-engine.js";
export { defaultEngine } from "./default-engine.js";
export type * from "./engine.js";
export { type ReadingEngine, scaledEngine, scaledSpec } from "./scaled-engine.js";

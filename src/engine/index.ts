/** Loads TF.js and onnxruntime with the first engine only. */
export { createEngine } from "./create-engine.js";
export { defaultEngine } from "./default-engine.js";
export type * from "./engine.js";
export { type ReadingEngine, scaledEngine, scaledSpec } from "./scaled-engine.js";

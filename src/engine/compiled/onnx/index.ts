export { loadOnnxruntime } from "./onnxruntime.js";
export { sessionOptions } from "./session-options.js";

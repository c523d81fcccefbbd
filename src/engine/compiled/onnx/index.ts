/** Loads onnxruntime and opens its sessions. */
export { loadOnnxruntime } from "./onnxruntime.js";
export { sessionOptions } from "./session-options.js";

/** onnxruntime: loading it, and how its sessions are opened. */
export { loadOnnxruntime } from "./onnxruntime.js";
export { sessionOptions } from "./session-options.js";

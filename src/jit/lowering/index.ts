/** The ONNX format of lowered programs. Loads no TF.js. */
export { type OnnxOperator, onnxOperators, onnxTypes } from "./onnx.js";

/** The compiled engine: programs of a model, compiled to ONNX. */
export { compilePlan } from "./compile/compile-plan.js";

/** Programs of a model, compiled to ONNX. */
export { compilePlan } from "./compile/compile-plan.js";

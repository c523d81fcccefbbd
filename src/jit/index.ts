/** Compiles TF.js programs to ONNX. Does not depend on the model. */
export {
  type Compiled,
  compile,
  compiling,
  type InputDeclaration,
  lowerProgram,
  type SizesDeclaration,
  type TensorProgram,
} from "./compile.js";
export { graphText } from "./graph/text.js";
export {
  type OnnxGraph,
  type OnnxNode,
  type OnnxOperator,
  type OnnxTensor,
  type OnnxValue,
  writeOnnx,
} from "./lowering/onnx.js";
export { tracedKernels } from "./trace/kernels.js";

/** Operations with the same name in TF.js and in the graph. */

/** Elementwise, same shape. */
export const unaryKernels: readonly string[] = [
  "Abs",
  "Ceil",
  "Elu",
  "Erf",
  "Exp",
  "Expm1",
  "Floor",
  "Log",
  "Log1p",
  "LogicalNot",
  "Neg",
  "Reciprocal",
  "Relu",
  "Relu6",
  "Round",
  "Rsqrt",
  "Selu",
  "Sigmoid",
  "Sign",
  "Softplus",
  "Sqrt",
  "Square",
  "Sin",
  "Cos",
  "Tanh",
];

/** Elementwise over broadcast shapes. */
export const binaryKernels: readonly string[] = [
  "Add",
  "Sub",
  "Multiply",
  "RealDiv",
  "Maximum",
  "Minimum",
  "Pow",
  "SquaredDifference",
];

/** Elementwise over broadcast shapes, with a bool result. */
export const comparisonKernels: readonly string[] = [
  "Equal",
  "NotEqual",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
  "LogicalAnd",
  "LogicalOr",
];

/** Over axes. */
export const reductionKernels: readonly string[] = ["Sum", "Mean", "Max", "Min", "Prod"];

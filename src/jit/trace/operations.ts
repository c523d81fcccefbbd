/** Operations that TF.js and the graph call by one name. */

/** Element by element, same shape. */
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

/** Element by element over broadcast shapes. */
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

/** Element by element over broadcast shapes, giving bool. */
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

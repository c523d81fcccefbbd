/** How each TF.js kernel is written in ONNX's operators. */
import { type Dim, type Node, sameDim } from "./graph.js";
import { type Context, type Emitter, type Lowered, type OnnxOperator, onnxType } from "./onnx.js";
import { Refusal } from "./refusal.js";
import { lanes } from "./variants.js";

type Lowering = (node: Node, context: Context) => Lowered;

const first = (node: Node): Node => node.inputs[0]!;
const second = (node: Node): Node => node.inputs[1]!;

const unary =
  (op: OnnxOperator): Lowering =>
  (node, { emitter, operand }) => {
    const x = operand(first(node));
    const made = (name: string) => emitter.emit(op, [name]);
    return { name: node.attributes.padded ? padded(x, made, emitter) : made(x.name), shape: x.shape };
  };

/**
 * Pads an array with more numbers than onnxruntime computes at once, since it computes the last ones in another way.
 */
function padded({ name, shape }: Lowered, make: (name: string) => string, emitter: Emitter): string {
  const more = emitter.constant("float32", [lanes], new Float32Array(lanes).fill(1));
  const flat = emitter.emit("Reshape", [name, emitter.integers([-1])]);
  const longer = make(emitter.emit("Concat", [flat, more], { axis: 0 }));
  const result = emitter.emit("Slice", [longer, emitter.integers([0]), emitter.integers([-lanes])]);
  return emitter.emit("Reshape", [result, emitter.dims(shape)], { allowzero: 1 });
}

const binary =
  (op: OnnxOperator): Lowering =>
  (node, { emitter, operand }) => {
    const [a, b] = node.inputs.map(operand) as [Lowered, Lowered];
    return { name: emitter.emit(op, [a.name, b.name]), shape: broadcast(a.shape, b.shape) };
  };

const composed =
  (make: (context: Context, x: string, node: Node) => string): Lowering =>
  (node, context) => {
    const x = context.operand(first(node));
    return { name: make(context, x.name, node), shape: x.shape };
  };

/** A result in the node's full shape. */
const whole =
  (make: (node: Node, context: Context) => string): Lowering =>
  (node, context) => ({ name: make(node, context), shape: node.shape });

const reduction = (op: OnnxOperator): Lowering =>
  whole((node, { emitter, full }) => {
    const axes = node.attributes.axes as readonly number[];
    const keepdims = node.attributes.keepDims ? 1 : 0;
    const x = full(first(node));
    // In opset 17, ReduceSum has its axes as an input, the others as an attribute.
    if (op === "ReduceSum") return emitter.emit(op, [x, emitter.integers(axes)], { keepdims });
    return emitter.emit(op, [x], { axes, keepdims });
  });

const product = whole((node, context) => {
  if (node.shape.length === 2) return gemm(node, context, null);
  const [a, b] = node.inputs.map((input, i) => {
    const name = context.full(input);
    if (!node.attributes[i === 0 ? "transposeA" : "transposeB"]) return name;
    const rank = input.shape.length;
    const perm = input.shape.map((_, axis) => (axis < rank - 2 ? axis : axis === rank - 2 ? rank - 1 : rank - 2));
    return context.emitter.emit("Transpose", [name], { perm });
  }) as [string, string];
  const { emitter } = context;
  const result = emitter.emit("MatMul", [a, b]);
  const rows = first(node).shape.at(node.attributes.transposeA ? -2 : -1)!;
  if (typeof rows === "number") return result;
  // Without rows to add up, onnxruntime does not write the products after the first.
  const some = emitter.isPositive(rows);
  return some === null ? result : emitter.emit("Where", [some, result, emitter.scalar(0)]);
});

function gemm(node: Node, { emitter, full }: Context, bias: string | null): string {
  const inputs = [full(first(node)), full(second(node)), ...(bias === null ? [] : [bias])];
  return emitter.emit("Gemm", inputs, {
    transA: node.attributes.transposeA ? 1 : 0,
    transB: node.attributes.transposeB ? 1 : 0,
  });
}

const add: Lowering = (node, context) => {
  const matrices = context.biases.get(node);
  if (matrices === undefined) return binary("Add")(node, context);
  return { name: gemm(matrices, context, context.operand(second(node)).name), shape: node.shape };
};

const reshape: Lowering = (node, { emitter, operand, full }) => {
  const x = operand(first(node));
  if (x.shape.every((dim) => dim === 1)) {
    // A single number broadcasts to any shape.
    return x.shape.length === 0 ? x : { name: emitter.emit("Reshape", [x.name, emitter.integers([])]), shape: [] };
  }
  const unknown = node.shape.filter((dim) => typeof dim === "object").length;
  const target =
    unknown === 1
      ? emitter.integers(node.shape.map((dim) => (typeof dim === "number" ? dim : -1)))
      : emitter.dims(node.shape);
  // With several row counts, 0 may be a count, and does not mean the input's axis.
  const name = emitter.emit("Reshape", [full(first(node)), target], unknown > 1 ? { allowzero: 1 } : undefined);
  return { name, shape: node.shape };
};

const splitV: Lowering = (node, { emitter, full, parts }) => {
  const sizes = node.attributes.sizes as readonly Dim[];
  const inputs = [full(first(node)), emitter.dims(sizes)];
  parts.set(node, emitter.emitMany("Split", inputs, sizes.length, { axis: node.attributes.axis as number }));
  return { name: "", shape: node.shape };
};

const slice = whole((node, { emitter, full }) => {
  const begin = node.attributes.begin as readonly number[];
  const size = node.attributes.size as readonly Dim[];
  const axes = begin
    .map((_, axis) => axis)
    .filter((axis) => begin[axis] !== 0 || !sameDim(size[axis], first(node).shape[axis]));
  const from = axes.map((axis) => begin[axis]!);
  const to = axes.map((axis): Dim => {
    const dim = size[axis]!;
    if (typeof dim === "number") return begin[axis]! + dim;
    if (begin[axis] !== 0)
      throw new Refusal("Slice", "a slice to the last row does not start at the first row", node.place);
    return dim;
  });
  const inputs = [full(first(node)), emitter.integers(from), emitter.dims(to), emitter.integers(axes)];
  return emitter.emit("Slice", inputs);
});

const segmentSum = whole((node, { emitter, full }) => {
  const zeros = emitter.emit("Expand", [emitter.scalar(0), emitter.dims(node.shape)]);
  const column = emitter.emit("Reshape", [full(second(node)), emitter.integers([-1, 1])]);
  const ids = emitter.emit("Cast", [column], { to: onnxType("int64") });
  return emitter.emit("ScatterND", [zeros, ids, full(first(node))], { reduction: "add" });
});

const steep = { alpha: { float: 3.4e38 }, beta: { float: 0 } };

const step: Lowering = (node, { emitter, operand }) => {
  const x = operand(first(node));
  const alpha = node.attributes.alpha as number;
  // Clips to 0 … 1 in one pass; Greater and Cast would need two. The result is 1 for every normal number above 0.
  if (alpha === 0) return { name: emitter.emit("HardSigmoid", [x.name], steep), shape: x.shape };
  const positive = emitter.emit("Greater", [x.name, emitter.scalar(0)]);
  return { name: emitter.emit("Where", [positive, emitter.scalar(1), emitter.scalar(alpha)]), shape: x.shape };
};

const select: Lowering = (node, { emitter, operand }) => {
  const [condition, yes, no] = node.inputs.map(operand) as [Lowered, Lowered, Lowered];
  const shape = broadcast(condition.shape, broadcast(yes.shape, no.shape));
  return { name: emitter.emit("Where", [condition.name, yes.name, no.name]), shape };
};

/** Elementwise kernels with the name of their ONNX operator. */
const sameNames = [
  ...(["Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "Log", "Neg", "Reciprocal", "Relu"] as const),
  ...(["Round", "Selu", "Sigmoid", "Sign", "Sin", "Softplus", "Sqrt", "Tanh"] as const),
];

export const lowerings: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(sameNames.map((op) => [op, unary(op)])),
  Add: add,
  BatchMatMul: product,
  Cast: composed(({ emitter }, x, node) => emitter.emit("Cast", [x], { to: onnxType(node.dtype) })),
  ClipByValue: composed(({ emitter }, x, { attributes }) =>
    emitter.emit("Clip", [x, emitter.scalar(attributes.min as number), emitter.scalar(attributes.max as number)]),
  ),
  Concat: whole((node, { emitter, full }) =>
    emitter.emit("Concat", node.inputs.map(full), { axis: node.attributes.axis as number }),
  ),
  EluGrad: (node, { emitter, operand }) => {
    const [dy, y] = node.inputs.map(operand) as [Lowered, Lowered];
    const above = emitter.emit("Greater", [y.name, emitter.scalar(0)]);
    const slope = emitter.emit("Where", [above, emitter.scalar(1), emitter.emit("Add", [y.name, emitter.scalar(1)])]);
    return { name: emitter.emit("Mul", [dy.name, slope]), shape: broadcast(dy.shape, y.shape) };
  },
  Equal: binary("Equal"),
  Expm1: composed(({ emitter }, x) => emitter.emit("Sub", [emitter.emit("Exp", [x]), emitter.scalar(1)])),
  GatherV2: whole((node, { emitter, full }) =>
    emitter.emit("Gather", node.inputs.map(full), { axis: node.attributes.axis as number }),
  ),
  Greater: binary("Greater"),
  GreaterEqual: binary("GreaterOrEqual"),
  LeakyRelu: composed(({ emitter }, x, node) =>
    emitter.emit("LeakyRelu", [x], { alpha: { float: node.attributes.alpha as number } }),
  ),
  Less: binary("Less"),
  LessEqual: binary("LessOrEqual"),
  Log1p: composed(({ emitter }, x) => emitter.emit("Log", [emitter.emit("Add", [x, emitter.scalar(1)])])),
  LogicalAnd: binary("And"),
  LogicalNot: unary("Not"),
  LogicalOr: binary("Or"),
  Max: reduction("ReduceMax"),
  Maximum: binary("Max"),
  Mean: reduction("ReduceMean"),
  Min: reduction("ReduceMin"),
  Minimum: binary("Min"),
  Multiply: binary("Mul"),
  NotEqual: (node, context) => {
    const { name, shape } = binary("Equal")(node, context);
    return { name: context.emitter.emit("Not", [name]), shape };
  },
  PadV2: whole((node, { emitter, full }) => {
    const { before, after, value } = node.attributes as Record<"before" | "after", readonly number[]> & {
      value: number;
    };
    const inputs = [full(first(node)), emitter.integers([...before, ...after]), emitter.scalar(value, node.dtype)];
    return emitter.emit("Pad", inputs);
  }),
  Part: whole((node, { parts }) => parts.get(first(node))![node.attributes.part as number]!),
  Pow: binary("Pow"),
  Prod: reduction("ReduceProd"),
  RealDiv: binary("Div"),
  Relu6: composed(({ emitter }, x) => emitter.emit("Clip", [x, emitter.scalar(0), emitter.scalar(6)])),
  Reshape: reshape,
  Rsqrt: composed(({ emitter }, x) => emitter.emit("Reciprocal", [emitter.emit("Sqrt", [x])])),
  Select: select,
  Slice: slice,
  Softmax: whole((node, { emitter, full }) => emitter.emit("Softmax", [full(first(node))], { axis: -1 })),
  SplitV: splitV,
  Square: composed(({ emitter }, x) => emitter.emit("Mul", [x, x])),
  SquaredDifference: (node, context) => {
    const { name, shape } = binary("Sub")(node, context);
    return { name: context.emitter.emit("Mul", [name, name]), shape };
  },
  Step: step,
  Sub: binary("Sub"),
  Sum: reduction("ReduceSum"),
  Tile: whole((node, { emitter, full }) =>
    emitter.emit("Tile", [full(first(node)), emitter.dims(node.attributes.reps as readonly Dim[])]),
  ),
  Transpose: whole((node, { emitter, full }) =>
    emitter.emit("Transpose", [full(first(node))], { perm: node.attributes.perm as readonly number[] }),
  ),
  UnsortedSegmentSum: segmentSum,
};

function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[a.length - rank + axis] ?? 1;
    const y = b[b.length - rank + axis] ?? 1;
    return x === 1 ? y : x;
  });
}

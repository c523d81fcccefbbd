/** The TF.js kernels of the trace: each records an operation with its type and shape. */
import * as tf from "../tfjs/index.js";
import { type Attributes, arrays, type DType } from "./graph.js";
import { alias, record, refusal, toInfo, traceBackendName, valueBehind } from "./trace-backend.js";

/** Elementwise kernels of one input, whose result has its shape. */
export const unaryKernels: readonly string[] = [
  "Exp",
  "Expm1",
  "Log",
  "Log1p",
  "Sqrt",
  "Rsqrt",
  "Square",
  "Reciprocal",
  "Erf",
  "Sin",
  "Cos",
  "Tanh",
  "Abs",
  "Neg",
  "Sign",
  "Ceil",
  "Floor",
  "Round",
  "LogicalNot",
  "Elu",
  "Relu",
  "Relu6",
  "Selu",
  "Sigmoid",
  "Softplus",
];

/** Elementwise kernels of two inputs with broadcasting. */
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

/** Elementwise comparisons with broadcasting, whose result is bool. */
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

/** Reductions over axes. */
export const reductionKernels: readonly string[] = ["Sum", "Mean", "Max", "Min", "Prod"];

type Infos = Readonly<Record<string, tf.TensorInfo>>;
type Kernel = (inputs: Infos, attributes: Attributed) => tf.TensorInfo | tf.TensorInfo[];

const { util, backend_util: backendUtil } = tf;

type Attributed = Readonly<Record<string, unknown>>;
/** A kernel of one input, called `name` by TF.js. */
const ofOne =
  (make: (x: tf.TensorInfo, attributes: Attributed, inputs: Infos) => ReturnType<Kernel>, name = "x"): Kernel =>
  (inputs, attributes) =>
    make(inputs[name]!, attributes, inputs);

/** Records an operation whose result has the type of its first input. */
function result(
  op: string,
  inputs: readonly tf.TensorInfo[],
  shape: readonly number[],
  attributes: Attributes = {},
  dtype = inputs[0]!.dtype as DType,
): tf.TensorInfo {
  return toInfo(record(op, inputs.map(valueBehind), attributes, shape, dtype));
}

const like = (op: string, x: tf.TensorInfo, attributes: Attributes = {}, dtype = x.dtype as DType) =>
  result(op, [x], x.shape, attributes, dtype);

function broadcast(op: string, dtype?: DType): Kernel {
  return ({ a, b }) => result(op, [a!, b!], backendUtil.assertAndGetBroadcastShape(a!.shape, b!.shape), {}, dtype);
}

function reduction(op: string): Kernel {
  return ofOne((x, { axis, reductionIndices, keepDims }) => {
    // Max has another attribute name for its axes than the others.
    const axes = util.parseAxisParam((axis ?? reductionIndices) as number | number[], x.shape);
    const keptShape = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
    const shape = keepDims ? keptShape : x.shape.filter((_, i) => !axes.includes(i));
    return result(op, [x], shape, { axes, keepDims: Boolean(keepDims) });
  });
}

const matMul = ofOne((a, { transposeA, transposeB }, inputs) => {
  const b = inputs["b"]!;
  const rank = a.shape.length;
  if (rank !== b.shape.length) throw refusal("BatchMatMul", "a product of tensors of different rank");
  const inner = [a.shape[transposeA ? rank - 2 : rank - 1], b.shape[transposeB ? rank - 1 : rank - 2]];
  if (inner[0] !== inner[1]) throw new Error(`matMul: ${inner[0]} columns cannot be multiplied by ${inner[1]} rows`);
  const rows = a.shape[transposeA ? rank - 1 : rank - 2]!;
  const columns = b.shape[transposeB ? rank - 2 : rank - 1]!;
  const batch = backendUtil.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const attributes = { transposeA: Boolean(transposeA), transposeB: Boolean(transposeB) };
  return result("BatchMatMul", [a, b], [...batch, rows, columns], attributes);
}, "a");

const reshape = ofOne((x, { shape }) => {
  const target = util.inferFromImplicitShape(shape as number[], util.sizeFromShape(x.shape));
  return util.arraysEqual(target, x.shape) ? alias(x) : result("Reshape", [x], target);
});

const expandDims = ofOne((x, { dim }) => {
  const at = (dim as number) < 0 ? x.shape.length + 1 + (dim as number) : (dim as number);
  return result("Reshape", [x], [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}, "input");

const concat: Kernel = (inputs, { axis }) => {
  const parts = Object.values(inputs);
  const first = parts[0]!;
  const at = util.parseAxisParam(axis as number, first.shape)[0]!;
  const shape = first.shape.map((dim, i) => (i === at ? parts.reduce((sum, p) => sum + p.shape[i]!, 0) : dim));
  return result("Concat", parts, shape, { axis: at });
};

const split = ofOne((x, { numOrSizeSplits, axis }) => {
  const at = util.parseAxisParam(axis as number, x.shape)[0]!;
  const sizes = backendUtil.prepareSplitSize(x as tf.Tensor, numOrSizeSplits as number | number[], at);
  const whole = like("SplitV", x, { axis: at, sizes });
  return sizes.map((size, part) => {
    const shape = x.shape.map((dim, i) => (i === at ? size : dim));
    return result("Part", [whole], shape, { part });
  });
});

const pack: Kernel = (inputs, { axis }) => {
  const parts = Object.values(inputs).map((part) => expandDims({ input: part }, { dim: axis }) as tf.TensorInfo);
  const at = (axis as number) < 0 ? parts[0]!.shape.length + (axis as number) : axis;
  return concat(Object.fromEntries(parts.entries()), { axis: at });
};

const unpack = ofOne((x, { axis }) => {
  const at = util.parseAxisParam(axis as number, x.shape)[0]!;
  const sizes = new Array<number>(x.shape[at]!).fill(1);
  const parts = split({ x }, { numOrSizeSplits: sizes, axis: at }) as tf.TensorInfo[];
  const shape = x.shape.filter((_, i) => i !== at);
  return parts.map((part) => reshape({ x: part }, { shape }) as tf.TensorInfo);
}, "value");

const gather = ofOne((x, { axis, batchDims }, { indices }) => {
  if ((batchDims as number | undefined) ?? 0) throw refusal("GatherV2", "a gather with batch dimensions");
  const at = util.parseAxisParam(axis as number, x.shape)[0]!;
  const shape = [...x.shape.slice(0, at), ...indices!.shape, ...x.shape.slice(at + 1)];
  return result("GatherV2", [x, indices!], shape, { axis: at });
});

const segmentSum = ofOne((x, { numSegments }, { segmentIds }) =>
  result("UnsortedSegmentSum", [x, segmentIds!], [numSegments as number, ...x.shape.slice(1)]),
);

const transpose = ofOne((x, { perm }) => {
  const order = perm as number[];
  if (order.every((from, to) => from === to)) return alias(x);
  const shape = order.map((from) => x.shape[from]!);
  return result("Transpose", [x], shape, { perm: order });
});

const slice = ofOne((x, { begin, size }) => {
  const parts = tf.slice_util.parseSliceParams(x as tf.Tensor, begin as number[], size as number[]);
  const [from, sizes] = parts as [number[], number[]];
  return util.arraysEqual(sizes, x.shape) ? alias(x) : result("Slice", [x], sizes, { begin: from, size: sizes });
});

const pad = ofOne((x, { paddings, constantValue }) => {
  const around = paddings as [number, number][];
  const [before, after] = [around.map(([n]) => n), around.map(([, n]) => n)];
  const shape = x.shape.map((dim, i) => dim + (before[i] ?? 0) + (after[i] ?? 0));
  return result("PadV2", [x], shape, { before, after, value: constantValue as number });
});

const tile = ofOne((x, { reps }) => {
  const times = reps as number[];
  const shape = x.shape.map((dim, i) => dim * times[i]!);
  return result("Tile", [x], shape, { reps: times });
});

const softmax = ofOne((x, { dim }) => {
  const last = x.shape.length - 1;
  if ((dim as number) !== last && (dim as number) !== -1)
    throw refusal("Softmax", "a softmax over another axis than the last");
  return like("Softmax", x);
}, "logits");

const filled = (value: number, shape: readonly number[], dtype: DType): tf.TensorInfo => {
  return toInfo(record("Constant", [], { values: arrays[dtype].of(value) }, shape, dtype));
};

const kernels: Readonly<Record<string, Kernel>> = {
  ...Object.fromEntries(unaryKernels.map((op): [string, Kernel] => [op, ofOne((x) => like(op, x))])),
  ...Object.fromEntries(binaryKernels.map((op): [string, Kernel] => [op, broadcast(op)])),
  ...Object.fromEntries(comparisonKernels.map((op): [string, Kernel] => [op, broadcast(op, "bool")])),
  ...Object.fromEntries(reductionKernels.map((op): [string, Kernel] => [op, reduction(op)])),
  AddN: (inputs) => {
    const values = Object.values(inputs);
    if (values.length === 1) return alias(values[0]!);
    return values.reduce((sum, value) => result("Add", [sum, value], value.shape, {}, value.dtype as DType));
  },
  BatchMatMul: matMul,
  Cast: ofOne((x, { dtype }) => (x.dtype === dtype ? alias(x) : like("Cast", x, {}, dtype as DType))),
  ClipByValue: ofOne((x, { clipValueMin, clipValueMax }) =>
    like("ClipByValue", x, { min: clipValueMin as number, max: clipValueMax as number }),
  ),
  Concat: concat,
  EluGrad: ({ dy, y }) => result("EluGrad", [dy!, y!], dy!.shape, {}, "float32"),
  ExpandDims: expandDims,
  Fill: (_, { shape, value, dtype }) =>
    filled(value as number, shape as number[], (dtype as DType | undefined) ?? "float32"),
  GatherV2: gather,
  Identity: ofOne((x) => alias(x)),
  LeakyRelu: ofOne((x, { alpha }) => like("LeakyRelu", x, { alpha: alpha as number })),
  PadV2: pad,
  Pack: pack,
  OnesLike: ofOne((x) => filled(1, x.shape, x.dtype as DType)),
  Reshape: reshape,
  Select: ({ condition, t, e }) => result("Select", [condition!, t!, e!], t!.shape, {}, t!.dtype as DType),
  Slice: slice,
  Softmax: softmax,
  SplitV: split,
  Step: ofOne((x, { alpha }) => like("Step", x, { alpha: (alpha as number | undefined) ?? 0 })),
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
  UnsortedSegmentSum: segmentSum,
  ZerosLike: ofOne((x) => filled(0, x.shape, x.dtype as DType)),
};

export const tracedKernels: readonly string[] = Object.keys(kernels).sort();

let registered = false;

/** Registers the kernels, once; TF.js kernels without a lowering are rejected by name. */
export function registerTraceKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, attrs }) =>
        kernel(inputs as unknown as Infos, (attrs ?? {}) as Readonly<Record<string, unknown>>),
    });
  }
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (Object.hasOwn(kernels, kernelName)) continue;
    const kernelFunc = () => {
      throw refusal(kernelName, `TF.js's kernel ${kernelName} has no lowering to ONNX`);
    };
    tf.registerKernel({ kernelName, backendName: traceBackendName, kernelFunc });
  }
}

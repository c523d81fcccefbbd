/** Writes the part of ONNX's protobuf that lowered programs use (onnx.proto, IR version 8, opset 17). */
import { getOrMake, joinArrays } from "../util/growing.js";
import { sum } from "../util/numbers.js";
import { arrays, type Dim, type DType, dimText, type Node, type SymbolicDim } from "./graph.js";

/** The run-time source of a row count: a dimension of an input, or an entry of an int64 input. */
export type SymbolSource =
  | { readonly kind: "dimension"; readonly input: string; readonly axis: number }
  | { readonly kind: "entry"; readonly input: string; readonly index: number };

export class Emitter implements OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  readonly #shared = new Map<string, string>();
  #count = 0;

  constructor(
    private readonly sources: ReadonlyMap<string, SymbolSource>,
    /** The prefix of generated names. */
    private readonly prefix = "",
  ) {}

  node(output: string, op: OnnxOperator, inputs: readonly string[], attributes: OnnxNode["attributes"] = {}): void {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
  }

  /** @param values are not copied if they are a typed array */
  tensor(name: string, type: OnnxType, shape: readonly number[], values: ArrayLike<number>): void {
    const made = type === "int64" ? BigInt64Array.from(Array.from(values, BigInt)) : null;
    const typed = made ?? (ArrayBuffer.isView(values) ? values : arrays[type as DType].from(values));
    this.constants.push({ name, type, shape, bytes: new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength) });
  }

  emit(op: OnnxOperator, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.emitMany(op, inputs, 1, attributes)[0]!;
  }

  emitMany(
    op: OnnxOperator,
    inputs: readonly string[],
    results: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string[] {
    const outputs = Array.from({ length: results }, () => `${this.prefix}${op}_${this.#count++}`);
    this.nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  constant(type: OnnxType, shape: readonly number[], values: ArrayLike<number>): string {
    const name = `${this.prefix}constant_${this.#count++}`;
    this.tensor(name, type, shape, values);
    return name;
  }

  scalar(value: number, type: OnnxType = "float32"): string {
    return getOrMake(this.#shared, `${type} ${Object.is(value, -0) ? "-0" : value}`, () =>
      this.constant(type, [], [value]),
    );
  }

  integers(values: readonly number[]): string {
    return getOrMake(this.#shared, `[${values.join()}]`, () => this.constant("int64", [values.length], values));
  }

  dims(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === "number")) return this.integers(dims);
    const parts = dims.map((dim) => (typeof dim === "number" ? this.integers([dim]) : this.#symbol(dim)));
    if (parts.length === 1) return parts[0]!;
    return getOrMake(this.#shared, `dims ${dims.map(dimText).join()}`, () => this.emit("Concat", parts, { axis: 0 }));
  }

  /** The name of a flag whether a row count is above 0; `null` if it always is, as for axes of inputs. */
  isPositive(dim: SymbolicDim): string | null {
    if (this.sources.get(dim.symbol)?.kind === "dimension") return null;
    const some = () => this.emit("Greater", [this.#symbol(dim), this.integers([0])]);
    return getOrMake(this.#shared, `${dimText(dim)} > 0`, some);
  }

  #symbol(dim: SymbolicDim): string {
    if (dim.times > 1) {
      const unit = this.#symbol({ symbol: dim.symbol, times: 1 });
      return getOrMake(this.#shared, dimText(dim), () => this.emit("Mul", [unit, this.integers([dim.times])]));
    }
    return getOrMake(this.#shared, dimText(dim), () => {
      const source = this.sources.get(dim.symbol);
      if (source === undefined) throw new Error(`no input determines the row count ${dim.symbol}`);
      if (source.kind === "dimension")
        return this.emit("Shape", [source.input], { start: source.axis, end: source.axis + 1 });
      return this.emit("Slice", [source.input, this.integers([source.index]), this.integers([source.index + 1])]);
    });
  }
}

export interface Lowered {
  readonly name: string;
  readonly shape: readonly Dim[];
}

export interface Context {
  readonly emitter: Emitter;
  /** The value, possibly smaller than the node's shape. */
  operand(node: Node): Lowered;
  /** The value in the node's full shape. */
  full(node: Node): string;
  readonly parts: Map<Node, readonly string[]>;
  readonly biases: ReadonlyMap<Node, Node>;
}

export type OnnxType = DType | "int64";

const typeNumbers: Readonly<Record<OnnxType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export const onnxTypes: ReadonlyMap<number, OnnxType> = new Map(
  Object.entries(typeNumbers).map(([type, number]) => [number, type as OnnxType]),
);

export function onnxType(type: OnnxType): number {
  return typeNumbers[type];
}

export type OnnxAttribute = number | string | { readonly float: number } | readonly number[];

/** Every operator that a graph may have: the compiler rejects others, and a served model is checked against them. */
const operatorGroups = [
  ["Abs", "Cast", "Ceil", "Clip", "Cos", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "Identity"],
  ["LeakyRelu", "Log", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin"],
  ["Softmax", "Softplus", "Sqrt", "Tanh"],
  ["Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min"],
  ["Mul", "Or", "Pow", "Sub", "Where"],
  ["ArgMax", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Gemm", "MatMul"],
  ["Concat", "Expand", "Gather", "GatherElements", "Pad", "Range", "Reshape", "ScatterND"],
  ["Shape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"],
] as const;

export type OnnxOperator = (typeof operatorGroups)[number][number];

export const onnxOperators: readonly OnnxOperator[] = operatorGroups.flat();

export interface OnnxNode {
  readonly op: OnnxOperator;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** An input or output; a text represents a dimension that is known at run time. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const fields = [
    ...graph.nodes.flatMap((node) => message(1, nodeFields(node))),
    ...text(2, "program"),
    ...graph.constants.flatMap((tensor) => message(5, tensorFields(tensor))),
    ...graph.inputs.flatMap((value) => message(11, valueFields(value))),
    ...graph.outputs.flatMap((value) => message(12, valueFields(value))),
  ];
  const model = [...integer(1, 8), ...message(7, fields), ...message(8, [...text(1, ""), ...integer(2, 17)])];
  return joinArrays(model, (length) => new Uint8Array(length));
}

/** Bytes in order, which are joined only at the end, because tables are large. */
type Fields = readonly ArrayLike<number>[];

function nodeFields({ op, inputs, outputs, attributes }: OnnxNode): Fields {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(3, outputs[0] ?? op),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => message(5, [...text(1, name), ...attributeFields(value)])),
  ];
}

function attributeFields(value: OnnxAttribute): Fields {
  if (typeof value === "number") return [...integer(3, value), ...integer(20, 2)];
  if (typeof value === "string") return [...text(4, value), ...integer(20, 3)];
  if (Array.isArray(value)) return [...value.flatMap((item: number) => integer(8, item)), ...integer(20, 7)];
  const { float } = value as { readonly float: number };
  return [varint((2 << 3) | 5), new Uint8Array(Float32Array.of(float).buffer), ...integer(20, 1)];
}

function tensorFields({ name, type, shape, bytes }: OnnxTensor): Fields {
  return [
    ...shape.flatMap((dim) => integer(1, dim)),
    ...integer(2, typeNumbers[type]),
    ...text(8, name),
    ...content(9, bytes),
  ];
}

function valueFields({ name, type, shape }: OnnxValue): Fields {
  const dims = shape.flatMap((dim) => message(1, typeof dim === "number" ? integer(1, dim) : text(2, dim)));
  return [...text(1, name), ...message(2, message(1, [...integer(1, typeNumbers[type]), ...message(2, dims)]))];
}

function integer(field: number, value: number): Fields {
  return [varint(field << 3), varint(value)];
}

function text(field: number, value: string): Fields {
  return content(field, new TextEncoder().encode(value));
}

function content(field: number, bytes: Uint8Array): Fields {
  return [varint((field << 3) | 2), varint(bytes.length), bytes];
}

function message(field: number, fields: Fields): Fields {
  return [varint((field << 3) | 2), varint(sum(fields.map(({ length }) => length))), ...fields];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

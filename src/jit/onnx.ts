import { arrays, type Dim, type DType, dimText, type Node, type SymbolicDim } from "./graph.js";

/** The run-time source of a row count: a dimension of an input, or an entry of an int64 input. */
export type SymbolSource =
  | { readonly kind: "dimension"; readonly input: string; readonly axis: number }
  | { readonly kind: "entry"; readonly input: string; readonly index: number };

/** A graph to which nodes are added. */
export class Emitter implements OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  readonly #shared = new Map<string, string>();
  #count = 0;

  constructor(
    private readonly sources: ReadonlyMap<string, SymbolSource>,
    /** Of the names of nodes and constants that are not given one. */
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
    return this.#once(`${type} ${Object.is(value, -0) ? "-0" : value}`, () => this.constant(type, [], [value]));
  }

  integers(values: readonly number[]): string {
    return this.#once(`[${values.join()}]`, () => this.constant("int64", [values.length], values));
  }

  dims(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === "number")) return this.integers(dims);
    const parts = dims.map((dim) => (typeof dim === "number" ? this.integers([dim]) : this.#symbol(dim)));
    if (parts.length === 1) return parts[0]!;
    return this.#once(`dims ${dims.map(dimText).join()}`, () => this.emit("Concat", parts, { axis: 0 }));
  }

  #symbol(dim: SymbolicDim): string {
    if (dim.times > 1) {
      const unit = this.#symbol({ symbol: dim.symbol, times: 1 });
      return this.#once(dimText(dim), () => this.emit("Mul", [unit, this.integers([dim.times])]));
    }
    return this.#once(dimText(dim), () => {
      const source = this.sources.get(dim.symbol);
      if (source === undefined) throw new Error(`no input determines the row count ${dim.symbol}`);
      if (source.kind === "dimension")
        return this.emit("Shape", [source.input], { start: source.axis, end: source.axis + 1 });
      return this.emit("Slice", [source.input, this.integers([source.index]), this.integers([source.index + 1])]);
    });
  }

  #once(key: string, make: () => string): string {
    const sharedName = this.#shared.get(key);
    if (sharedName !== undefined) return sharedName;
    const name = make();
    this.#shared.set(key, name);
    return name;
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

/** Writes the part of ONNX's protobuf that lowered programs use (onnx.proto, IR version 8, opset 17). */

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
  ["Concat", "Expand", "Gather", "GatherElements", "Pad", "Range", "Reshape", "ScatterElements"],
  ["Shape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"],
] as const;

/** An operator of opset 17. */
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
  const body = new Writer();
  for (const node of graph.nodes) body.message(1, writeNode(node));
  body.text(2, "program");
  for (const tensor of graph.constants) body.message(5, writeTensor(tensor));
  for (const value of graph.inputs) body.message(11, writeValue(value));
  for (const value of graph.outputs) body.message(12, writeValue(value));
  return new Writer().integer(1, 8).message(7, body).message(8, new Writer().text(1, "").integer(2, 17)).bytes();
}

function writeNode({ op, inputs, outputs, attributes }: OnnxNode): Writer {
  const writer = new Writer();
  for (const name of inputs) writer.text(1, name);
  for (const name of outputs) writer.text(2, name);
  writer.text(3, outputs[0] ?? op).text(4, op);
  for (const [name, value] of Object.entries(attributes)) writer.message(5, writeAttribute(name, value));
  return writer;
}

function writeAttribute(name: string, value: OnnxAttribute): Writer {
  const writer = new Writer().text(1, name);
  if (typeof value === "number") return writer.integer(3, value).integer(20, 2);
  if (typeof value === "string") return writer.text(4, value).integer(20, 3);
  if ("float" in value) return writer.float(2, value.float).integer(20, 1);
  for (const item of value) writer.integer(8, item);
  return writer.integer(20, 7);
}

function writeTensor({ name, type, shape, bytes }: OnnxTensor): Writer {
  const writer = new Writer();
  for (const dim of shape) writer.integer(1, dim);
  return writer.integer(2, typeNumbers[type]).text(8, name).raw(9, bytes);
}

function writeValue({ name, type, shape }: OnnxValue): Writer {
  const dims = new Writer();
  for (const dim of shape)
    dims.message(1, typeof dim === "number" ? new Writer().integer(1, dim) : new Writer().text(2, dim));
  const tensor = new Writer().integer(1, typeNumbers[type]).message(2, dims);
  return new Writer().text(1, name).message(2, new Writer().message(1, tensor));
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  #open: number[] = [];
  #length = 0;

  integer(field: number, value: number): this {
    return this.#varint(field << 3).#varint(value);
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#open.push(...new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  text(field: number, value: string): this {
    return this.raw(field, new TextEncoder().encode(value));
  }

  /** The parts of the message are not copied, because tables are large. */
  message(field: number, value: Writer): this {
    value.#close();
    this.#varint((field << 3) | 2).#varint(value.#length);
    this.#close();
    for (const part of value.#parts) this.#parts.push(part);
    this.#length += value.#length;
    return this;
  }

  raw(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2).#varint(value.length);
    this.#close();
    this.#parts.push(value);
    this.#length += value.length;
    return this;
  }

  bytes(): Uint8Array {
    this.#close();
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  #varint(value: number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#open.push(Number(rest & 127n) | 128);
    this.#open.push(Number(rest));
    return this;
  }

  #close(): void {
    if (this.#open.length === 0) return;
    this.#parts.push(Uint8Array.from(this.#open));
    this.#length += this.#open.length;
    this.#open = [];
  }
}

import { type Dim, type DType, dimText, type SymbolicDim } from "../graph/graph.js";
import type { OnnxAttribute, OnnxNode, OnnxOperator, OnnxTensor, OnnxType, OnnxValue } from "./onnx.js";

/** The run-time source of a row count: a dimension of an input, or an entry of an int64 input. */
export type SymbolSource =
  | { readonly kind: "dimension"; readonly input: string; readonly axis: number }
  | { readonly kind: "entry"; readonly input: string; readonly index: number };

export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly #sources: ReadonlyMap<string, SymbolSource>;
  readonly #shared = new Map<string, string>();
  #count = 0;

  constructor(sources: ReadonlyMap<string, SymbolSource>) {
    this.#sources = sources;
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
    const outputs = Array.from({ length: results }, () => `${op}_${this.#count++}`);
    this.nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  constant(type: OnnxType, shape: readonly number[], values: ArrayLike<number>): string {
    const name = `constant_${this.#count++}`;
    const typed = typedArray(type, values);
    this.constants.push({ name, type, shape, bytes: new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength) });
    return name;
  }

  scalar(value: number, type: DType = "float32"): string {
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
      const source = this.#sources.get(dim.symbol);
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

function typedArray(type: OnnxType, values: ArrayLike<number>): Float32Array | Int32Array | Uint8Array | BigInt64Array {
  if (type === "float32") return Float32Array.from(values);
  if (type === "int32") return Int32Array.from(values);
  if (type === "bool") return Uint8Array.from(values);
  return BigInt64Array.from(Array.from(values, BigInt));
}

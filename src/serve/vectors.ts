/** Rows of embedding tables, looked up and pooled: the nodes that features share. */

import type { Weights } from "../engine/engine.js";
import type { OnnxGraph, OnnxNode, OnnxOperator, OnnxTensor, OnnxValue } from "../jit/onnx.js";
import type { Pooling } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { tableSizes } from "../spec/sizes.js";

/** Prefix of all names between inputs and outputs, so that features may have any name. */
export const inner = "pepnet/";

/** Nodes, constants, inputs and outputs, in the order in which they were added. */
export class Parts implements OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];

  node(output: string, op: OnnxOperator, inputs: readonly string[], attributes: OnnxNode["attributes"] = {}): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  floats(name: string, shape: readonly number[], values: Float32Array): string {
    this.constants.push({
      name,
      type: "float32",
      shape,
      bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    });
    return name;
  }

  integers(name: string, shape: readonly number[], values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.constants.push({ name, type: "int64", shape, bytes });
    return name;
  }
}

interface GraphTable {
  /** With a row of zeros at its end. */
  readonly name: string;
  readonly none: string;
}

/** Ids with names for the nodes that look them up. */
export interface LookUp {
  /** The tensor of ids; −1 is no value. */
  readonly ids: string;
  /** The table's unique name in the model. */
  readonly table: string;
  readonly prefix: string;
}

/** Adds look-ups to a graph; each table once. */
export class Vectors {
  readonly #constants = new Map<string, string>();
  readonly #missing = new Set<string>();
  readonly #tables = new Map<string, GraphTable>();
  readonly #parameters: ReadonlyMap<string, string>;

  constructor(
    readonly parts: Parts,
    spec: ModelSpec,
    readonly weights: Weights,
  ) {
    this.#parameters = new Map(tableSizes(spec).map(({ table, parameter }) => [table, parameter]));
  }

  each({ ids, table, prefix }: LookUp): string {
    const { name, none } = this.#table(table);
    const rows = this.parts.node(`${prefix}.ids`, "Where", [this.missing({ ids, prefix }), none, ids]);
    return this.parts.node(`${prefix}.vectors`, "Gather", [name, rows], { axis: 0 });
  }

  /** The sum or mean of ids along an axis. A mean counts ids, not weights. @param weights like `ids`; `null`: none */
  pooled(source: LookUp, axis: number, pooling: Pooling, weights: string | null = null): string {
    const { parts } = this;
    const { ids, prefix } = source;
    const at = (step: string): string => `${prefix}.${step}`;
    let vectors = this.each(source);
    if (weights !== null) {
      const factors = parts.node(at("factors"), "Unsqueeze", [weights, this.axis(-1)]);
      vectors = parts.node(at("weighted"), "Mul", [vectors, factors]);
    }
    const sum = parts.node(at("sum"), "ReduceSum", [vectors, this.axis(axis)], { keepdims: 0 });
    if (pooling === "sum") return sum;
    const present = parts.node(at("present"), "Not", [this.missing({ ids, prefix })]);
    const ones = parts.node(at("ones"), "Cast", [present], { to: 1 });
    const count = parts.node(at("count"), "ReduceSum", [ones, this.axis(axis)], { keepdims: 0 });
    const divisor = parts.node(at("divisor"), "Max", [
      count,
      this.#once("one", (name) => parts.floats(name, [], Float32Array.of(1))),
    ]);
    return parts.node(at("mean"), "Div", [sum, parts.node(at("divisors"), "Unsqueeze", [divisor, this.axis(-1)])]);
  }

  missing({ ids, prefix }: Pick<LookUp, "ids" | "prefix">): string {
    const name = `${prefix}.missing`;
    if (!this.#missing.has(name))
      this.parts.node(name, "Less", [ids, this.#once("zero", (made) => this.parts.integers(made, [], [0]))]);
    this.#missing.add(name);
    return name;
  }

  axis(axis: number): string {
    return this.#once(`axis.${axis}`, (name) => this.parts.integers(name, [1], [axis]));
  }

  /** A constant that many nodes read; onnxruntime warns about those that none reads. */
  #once(name: string, make: (name: string) => string): string {
    const made = this.#constants.get(name) ?? make(inner + name);
    this.#constants.set(name, made);
    return made;
  }

  #table(table: string): GraphTable {
    const before = this.#tables.get(table);
    if (before !== undefined) return before;
    const name = this.#parameters.get(table)!;
    const { shape, data } = this.weights.get(name) as { shape: readonly [number, number]; data: Float32Array };
    const [rows, dim] = shape;
    const longer = new Float32Array((rows + 1) * dim);
    longer.set(data);
    const made = {
      name: this.parts.floats(name, [rows + 1, dim], longer),
      none: this.parts.integers(`${inner}${table}.none`, [], [rows]),
    };
    this.#tables.set(table, made);
    return made;
  }
}

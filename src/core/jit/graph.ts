/** The graph of a traced program: its operations, and shapes with the row counts of one trace or with symbols. */
import type { Place } from "../port/place.js";
import { getOrMake } from "../util/growing.js";

export type DType = "float32" | "int32" | "bool";

/** The result of an operation (including `Input` and `Constant`), in the order of tracing. */
interface Operation<Result, Size, AttributeValue> {
  readonly id: number;
  /** TF.js's kernel name, `Input`, `Constant`, or `Part` (one result of a `SplitV`). */
  readonly op: string;
  readonly inputs: readonly Result[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly shape: readonly Size[];
  readonly dtype: DType;
  readonly place: Place | null;
}

export interface Value extends Operation<Value, number, Attribute> {}

/** Attributes that are dimensions (sizes of a split, begin and size of a slice) are {@link Dim}s. */
export interface Node extends Operation<Node, Dim, Attribute | readonly Dim[]> {}

export type Attributes = Readonly<Record<string, Attribute>>;

export const arrays: {
  readonly float32: Float32ArrayConstructor;
  readonly int32: Int32ArrayConstructor;
  readonly bool: Uint8ArrayConstructor;
} = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

export type Attribute = number | boolean | string | readonly number[] | Float32Array | Int32Array | Uint8Array;

export interface Graph {
  readonly values: readonly Value[];
  readonly outputs: ReadonlyMap<string, Value>;
}

/** A dimension: a number, or a multiple of a row count that is known only at run time. */
export type Dim = number | SymbolicDim;

export interface SymbolicDim {
  readonly symbol: string;
  readonly times: number;
}

export interface SymbolicGraph {
  readonly nodes: readonly Node[];
  readonly outputs: ReadonlyMap<string, Node>;
}

export function dimText(dim: Dim): string {
  if (typeof dim === "number") return String(dim);
  return dim.times === 1 ? dim.symbol : `${dim.times}·${dim.symbol}`;
}

export function sameDim(a: Dim | undefined, b: Dim | undefined): boolean {
  if (typeof a === "object" && typeof b === "object") return a.symbol === b.symbol && a.times === b.times;
  return a === b;
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]));
}

type NodeParts = Pick<Node, "op" | "inputs" | "shape"> & Partial<Pick<Node, "attributes" | "dtype">>;

/** Rewrites a graph's nodes in their order. */
export class Rewriting {
  readonly nodes: Node[] = [];
  readonly #replaced = new Map<Node, Node>();
  readonly #ones = new Map<string, Node>();

  /** @param rewrite the node that replaces another one, whose inputs have been replaced */
  constructor(graph: SymbolicGraph, rewrite: (node: Node, rewriting: Rewriting) => Node) {
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((input) => this.#replaced.get(input)!);
      this.#replaced.set(node, rewrite({ ...node, inputs }, this));
    }
  }

  /** Adds a node after the others. */
  add(parts: NodeParts): Node {
    const node: Node = { place: null, dtype: "float32", attributes: {}, ...parts, id: this.nodes.length };
    this.nodes.push(node);
    return node;
  }

  reshaped(x: Node, shape: readonly Dim[]): Node {
    return sameShape(x.shape, shape) ? x : this.add({ op: "Reshape", inputs: [x], shape, dtype: x.dtype });
  }

  ones(shape: readonly Dim[]): Node {
    return getOrMake(this.#ones, shape.map(dimText).join(), () => this.uniform(1, shape));
  }

  uniform(value: number, shape: readonly Dim[]): Node {
    return this.add({ op: "Constant", inputs: [], shape, attributes: { values: Float32Array.of(value) } });
  }

  graph({ outputs }: SymbolicGraph): SymbolicGraph & { readonly outputs: Map<string, Node> } {
    return {
      nodes: this.nodes,
      outputs: new Map([...outputs].map(([name, node]) => [name, this.#replaced.get(node)!])),
    };
  }
}

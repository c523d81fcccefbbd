import type { Dim, Node } from "../graph/graph.js";
import type { Emitter } from "./emitter.js";

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

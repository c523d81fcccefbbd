/** What the lowering of one operation works with, and what it returns. */
import type { Dim, Node } from "../graph/graph.js";
import type { Emitter } from "./emitter.js";

/** A lowered value: its name, and the shape that it really has, which broadcasts to the node's. */
export interface Lowered {
  readonly name: string;
  readonly shape: readonly Dim[];
}

/** What a lowering works with. */
export interface Context {
  readonly emitter: Emitter;
  /** The value as it is, maybe smaller than the node's shape. */
  operand(node: Node): Lowered;
  /** The value in the node's full shape. */
  full(node: Node): string;
  /** Results of a split. */
  readonly parts: Map<Node, readonly string[]>;
  /** Nodes that the product below is added to as a bias, and nothing else reads. */
  readonly biases: ReadonlyMap<Node, Node>;
}

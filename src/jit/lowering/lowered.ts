import type { Dim, Node } from "../graph/graph.js";
import type { Emitter } from "./emitter.js";

/** A lowered value: its name and its actual shape, which broadcasts to the node's. */
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
  /** Nodes that are read only by an addition to the product as its bias. */
  readonly biases: ReadonlyMap<Node, Node>;
}

/** The parts of an exported graph, and the names in it. */
import type { OnnxGraph, OnnxNode, OnnxOperator, OnnxTensor, OnnxValue } from "../../jit/index.js";

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

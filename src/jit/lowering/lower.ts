/** Uniform constants stay scalars, and results keep their operands' broadcast size until the full shape is needed. */
import { type Dim, dimText, type Node, type SymbolicGraph, sameShape } from "../graph/graph.js";
import { uniformConstant } from "../graph/simplify.js";
import { Refusal } from "../refusal.js";
import { Emitter, type SymbolSource } from "./emitter.js";
import type { Context, Lowered } from "./lowered.js";
import { lowerings } from "./lowerings.js";
import type { OnnxGraph, OnnxValue } from "./onnx.js";

/** @param extraInputs inputs that row counts are read from, declared if they exist */
export function lower(
  graph: SymbolicGraph,
  sources: ReadonlyMap<string, SymbolSource>,
  extraInputs: readonly OnnxValue[],
): OnnxGraph {
  const emitter = new Emitter(sources);
  const lowered = new Map<Node, Lowered>();
  const expanded = new Map<Node, string>();
  const operand = (node: Node) => lowered.get(node)!;
  const full = (node: Node): string => {
    const { name, shape } = operand(node);
    if (sameShape(shape, node.shape)) return name;
    const fullName = expanded.get(node) ?? emitter.emit("Expand", [name, emitter.dims(node.shape)]);
    expanded.set(node, fullName);
    return fullName;
  };
  const biases = biasProducts(graph);
  const context: Context = { emitter, operand, full, parts: new Map(), biases };
  const fused = new Set(biases.values());
  for (const node of graph.nodes) if (!fused.has(node)) lowered.set(node, lowerNode(node, context));
  const outputs = [...graph.outputs].map(([name, node]): OnnxValue => {
    emitter.nodes.push({ op: "Identity", inputs: [full(node)], outputs: [name], attributes: {} });
    return { name, type: node.dtype, shape: node.shape.map(onnxDim) };
  });
  const names = new Set(emitter.inputs.map((input) => input.name));
  const extra = extraInputs.filter(
    (input) => !names.has(input.name) && emitter.nodes.some((n) => n.inputs.includes(input.name)),
  );
  return { nodes: emitter.nodes, constants: emitter.constants, inputs: [...emitter.inputs, ...extra], outputs };
}

function lowerNode(node: Node, context: Context): Lowered {
  const { emitter } = context;
  if (node.op === "Input") {
    const name = node.attributes.name as string;
    emitter.inputs.push({ name, type: node.dtype, shape: node.shape.map(onnxDim) });
    return { name, shape: node.shape };
  }
  if (node.op === "Constant") {
    const uniform = uniformConstant(node);
    if (uniform !== null) return { name: emitter.scalar(uniform, node.dtype), shape: [] };
    const shape = node.shape as readonly number[];
    return { name: emitter.constant(node.dtype, shape, node.attributes.values as Float32Array), shape };
  }
  const lowering = lowerings[node.op];
  if (lowering === undefined)
    throw new Refusal(node.op, `TF.js's kernel ${node.op} has no lowering to ONNX`, node.place);
  return lowering(node, context);
}

/** Products of two matrices that are read only by one addition of a bias [columns]: the addition, and the product. */
function biasProducts(graph: SymbolicGraph): Map<Node, Node> {
  const readers = new Map<Node, number>();
  for (const node of graph.nodes) for (const input of node.inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  for (const node of graph.outputs.values()) readers.set(node, (readers.get(node) ?? 0) + 1);
  const products = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const [product, bias] = node.inputs;
    if (node.op !== "Add" || product?.op !== "BatchMatMul" || product.shape.length !== 2 || bias === undefined)
      continue;
    if (bias.shape.length === 1 && sameShape(product.shape, node.shape) && readers.get(product) === 1)
      products.set(node, product);
  }
  return products;
}

function onnxDim(dim: Dim): number | string {
  return typeof dim === "number" ? dim : dimText(dim);
}

import { dimText, type Node, type SymbolicGraph, sameShape } from "./graph.js";
import { uniformValue } from "./symbolic.js";

export function simplify(graph: SymbolicGraph): SymbolicGraph {
  const merged = merge(graph);
  return dropUnused({ nodes: merged.nodes.map(shareRelu(merged.nodes)), outputs: merged.outputs });
}

/** The common number of all entries of a constant, or `null`. */
export function uniformConstant(node: Node): number | null {
  return node.op === "Constant" ? uniformValue(node.attributes.values as Float32Array) : null;
}

function merge(graph: SymbolicGraph): SymbolicGraph {
  const byKey = new Map<string, Node>();
  const replaced = new Map<Node, Node>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => replaced.get(input)!);
    const candidate: Node = { ...node, inputs };
    const neutral = withoutEffect(candidate);
    if (neutral !== null) {
      replaced.set(node, neutral);
      continue;
    }
    const key = nodeKey(candidate);
    const twin = key === null ? undefined : byKey.get(key);
    if (twin === undefined) {
      nodes.push(candidate);
      if (key !== null) byKey.set(key, candidate);
    }
    replaced.set(node, twin ?? candidate);
  }
  const outputs = new Map([...graph.outputs].map(([name, node]) => [name, replaced.get(node)!]));
  return { nodes, outputs };
}

/** The operand that equals the node: x · 1, x / 1, x + 0, x − 0 of the same shape. */
function withoutEffect(node: Node): Node | null {
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined) return null;
  const neutral =
    node.op === "Multiply" || node.op === "RealDiv" ? 1 : node.op === "Add" || node.op === "Sub" ? 0 : null;
  if (neutral === null) return null;
  if (uniformConstant(b) === neutral && sameShape(a.shape, node.shape)) return a;
  const commutes = node.op === "Multiply" || node.op === "Add";
  return commutes && uniformConstant(a) === neutral && sameShape(b.shape, node.shape) ? b : null;
}

function nodeKey(node: Node): string | null {
  if (node.op === "Input") return null;
  const uniform = uniformConstant(node);
  if (node.op === "Constant" && uniform === null) return null;
  const inputs = node.inputs.map((input) => input.id).join();
  const attributes = node.op === "Constant" ? String(uniform) : JSON.stringify(node.attributes);
  return [node.op, inputs, attributes, node.shape.map(dimText).join(), node.dtype].join("|");
}

/** step(x) = step(relu(x)): if the ReLU exists, its input need not be kept for the gradient. */
function shareRelu(nodes: readonly Node[]): (node: Node) => Node {
  const relu = new Map<Node, Node>();
  for (const node of nodes) if (node.op === "Relu") relu.set(node.inputs[0]!, node);
  return (node) => {
    const after = node.op === "Step" && node.attributes.alpha === 0 ? relu.get(node.inputs[0]!) : undefined;
    // In place, because later nodes reference this node as their input.
    if (after !== undefined && after.id < node.id) (node as { inputs: readonly Node[] }).inputs = [after];
    return node;
  };
}

function dropUnused(graph: SymbolicGraph): SymbolicGraph {
  const used = new Set<Node>();
  const pending = [...graph.outputs.values()];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (used.has(node)) continue;
    used.add(node);
    pending.push(...node.inputs);
  }
  return { nodes: graph.nodes.filter((node) => used.has(node)), outputs: graph.outputs };
}

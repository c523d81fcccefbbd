import type { OnnxGraph, OnnxTensor, OnnxValue } from "../../../src/core/jit/onnx.js";

/** Inputs, operations in execution order, outputs. Constants of one number are inlined. */
export function graphText(graph: OnnxGraph): string {
  const inline = new Map<string, string>();
  const lines = graph.inputs.map((input) => `input ${valueText(input)}`);
  for (const constant of graph.constants) {
    const numbers = tensorNumbers(constant);
    if (constant.shape.length === 0) inline.set(constant.name, String(numbers[0]));
    else if (constant.type === "int64") inline.set(constant.name, `[${numbers.join(", ")}]`);
    else lines.push(`constant ${valueText(constant)} = ${listText(numbers)}`);
  }
  const short = (name: string): string => inline.get(name) ?? name;
  for (const node of graph.nodes) {
    if (isName(node, graph)) continue;
    const attributes = Object.entries(node.attributes).map(([key, value]) => `${key}=${attributeText(value)}`);
    lines.push(`${node.outputs.join(", ")} = ${node.op}(${[...node.inputs.map(short), ...attributes].join(", ")})`);
  }
  for (const output of graph.outputs) {
    const source = graph.nodes.find((node) => node.outputs[0] === output.name)?.inputs[0] ?? "";
    lines.push(`output ${valueText(output)} = ${short(source)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** An output's last node only assigns its name. */
function isName(node: OnnxGraph["nodes"][number], graph: OnnxGraph): boolean {
  return node.op === "Identity" && graph.outputs.some((output) => output.name === node.outputs[0]);
}

function valueText({ name, type, shape }: OnnxValue): string {
  return `${name}: ${type} [${shape.join(", ")}]`;
}

function attributeText(value: OnnxGraph["nodes"][number]["attributes"][string]): string {
  if (typeof value === "object" && "float" in value) return String(value.float);
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}

function tensorNumbers({ type, bytes }: OnnxTensor): number[] {
  const copy = bytes.slice().buffer;
  if (type === "float32") return Array.from(new Float32Array(copy));
  if (type === "int32") return Array.from(new Int32Array(copy));
  if (type === "bool") return Array.from(new Uint8Array(copy));
  return Array.from(new BigInt64Array(copy), Number);
}

function listText(numbers: readonly number[]): string {
  const firstNumbers = numbers.slice(0, 8).join(", ");
  return numbers.length > 8 ? `[${firstNumbers}, … ${numbers.length} numbers]` : `[${firstNumbers}]`;
}

/** The graph of an exported model: embedding tables, then the prediction program with its weights, then named outputs. */
import type { Weights } from "../engine/index.js";
import { SpecError } from "../errors/index.js";
import { lowerProgram, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from "../jit/index.js";
import { everyTowerProgram, groupsOf, type Plan, signatureOf } from "../nn/index.js";
import { embeddingName } from "../nn/plan/index.js";
import { findFeature, groupFeatures, tableName } from "../spec/index.js";
import type { EncodersFile, FeatureEncoder, IdsEncoder, ServedOutput } from "./served/encoders.js";

/** The parts of the graph. */
class Parts {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];

  node(output: string, op: string, inputs: readonly string[], attributes: OnnxNode["attributes"] = {}): string {
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

/** Prefix of all names between inputs and outputs, so that features may have any name. */
const inner = "pepnet/";

/**
 * The graph of a plan.
 *
 *
 * @param weights the weights for predictions
 * @throws SpecError for a feature with the name of an output, EngineError for a layer that cannot be compiled
 */
export function servedGraph(plan: Plan, weights: Weights, encoders: EncodersFile): OnnxGraph {
  const parts = new Parts();
  addInputs(parts, plan, weights, encoders.features);
  addProgram(parts, plan, weights);
  for (const output of encoders.outputs) addOutput(parts, plan, output);
  refuseTwins(parts);
  return parts;
}

/** The features' inputs, and the groups' matrices built from them. */
function addInputs(parts: Parts, plan: Plan, weights: Weights, encoders: readonly FeatureEncoder[]): void {
  const values = new Map<string, string>();
  const axis = {
    values: parts.integers(`${inner}axis.values`, [1], [1]),
    dim: parts.integers(`${inner}axis.dim`, [1], [2]),
  };
  const zero = parts.integers(`${inner}zero`, [], [0]);
  const one = parts.floats(`${inner}one`, [], Float32Array.of(1));
  const tables = new Map<string, { readonly name: string; readonly none: string }>();
  for (const encoder of encoders) {
    const { name } = encoder;
    if (encoder.kind === "values") {
      parts.inputs.push({ name, type: "float32", shape: ["rows", encoder.dim] });
      values.set(name, name);
      continue;
    }
    const feature = findFeature(plan.spec, name)!;
    const table = tableOf(parts, tables, tableName(feature)!, weights);
    values.set(name, addEmbedding(parts, encoder, table, { ...axis, zero, one }));
  }
  for (const group of groupsOf(plan)) {
    const features = groupFeatures(plan.spec, group) ?? [];
    parts.node(
      inner + group,
      "Concat",
      features.map((name) => values.get(name)!),
      { axis: 1 },
    );
  }
}

/** The table with a row of zeros at its end, and that row's index. */
function tableOf(
  parts: Parts,
  tables: Map<string, { readonly name: string; readonly none: string }>,
  table: string,
  weights: Weights,
): { readonly name: string; readonly none: string } {
  const before = tables.get(table);
  if (before !== undefined) return before;
  const name = embeddingName(table);
  const { shape, data } = weights.get(name) as { shape: readonly [number, number]; data: Float32Array };
  const [rows, dim] = shape;
  const longer = new Float32Array((rows + 1) * dim);
  longer.set(data);
  const made = {
    name: parts.floats(name, [rows + 1, dim], longer),
    none: parts.integers(`${inner}${table}.none`, [], [rows]),
  };
  tables.set(table, made);
  return made;
}

/** A feature's vector [rows, dim]: its values' rows of the table, weighted and pooled. */
function addEmbedding(
  parts: Parts,
  { name, weights, pooling }: IdsEncoder,
  table: { readonly name: string; readonly none: string },
  shared: { readonly values: string; readonly dim: string; readonly zero: string; readonly one: string },
): string {
  const at = (step: string): string => `${inner}${name}.${step}`;
  const shape = ["rows", `${name}.values`];
  parts.inputs.push({ name, type: "int64", shape });
  const missing = parts.node(at("missing"), "Less", [name, shared.zero]);
  const ids = parts.node(at("ids"), "Where", [missing, table.none, name]);
  let vectors = parts.node(at("vectors"), "Gather", [table.name, ids], { axis: 0 });
  if (weights !== null) {
    parts.inputs.push({ name: weights, type: "float32", shape });
    const factors = parts.node(at("factors"), "Unsqueeze", [weights, shared.dim]);
    vectors = parts.node(at("weighted"), "Mul", [vectors, factors]);
  }
  const sum = parts.node(at("sum"), "ReduceSum", [vectors, shared.values], { keepdims: 0 });
  if (pooling === "sum") return sum;
  const present = parts.node(at("there"), "Cast", [parts.node(at("present"), "Not", [missing])], { to: 1 });
  const count = parts.node(at("count"), "ReduceSum", [present, shared.values], { keepdims: 1 });
  return parts.node(at("mean"), "Div", [sum, parts.node(at("divisor"), "Max", [count, shared.one])]);
}

/** The program, traced and lowered as for engines, with its weights in the graph. */
function addProgram(parts: Parts, plan: Plan, weights: Weights): void {
  const { inputs, products } = signatureOf(plan, "predict");
  const program = lowerProgram(everyTowerProgram(plan), inputs, [], products);
  const values = programWeights(plan, weights);
  const rename = (name: string): string => (values.has(name) ? name : inner + name);
  for (const { name, shape } of program.inputs) {
    const weight = values.get(name);
    if (weight !== undefined) parts.floats(name, shape as readonly number[], weight);
  }
  for (const constant of program.constants) parts.constants.push({ ...constant, name: rename(constant.name) });
  for (const { op, inputs, outputs, attributes } of program.nodes) {
    parts.nodes.push({ op, inputs: inputs.map(rename), outputs: outputs.map(rename), attributes });
  }
}

function programWeights(plan: Plan, weights: Weights): Map<string, Float32Array> {
  const values = new Map([...weights].map(([name, { data }]) => [name, data]));
  values.set("epnet.gamma", Float32Array.of(plan.spec.epnet.gamma));
  values.set("ppnet.gamma", Float32Array.of(plan.spec.ppnet.gamma));
  return values;
}

function addOutput(parts: Parts, plan: Plan, { name, tower, domain, kind, classes }: ServedOutput): void {
  const task = plan.tasks.find((candidate) => candidate.tower.name === tower)!;
  const index = plan.towers === 1 ? 0 : domain!;
  const logits = `${inner}logits.${task.index}.${index}`;
  const { numClass, losses } = task.tower;
  const step = `${inner}${name}`;
  let values = logits;
  if (kind === "probs" || kind === "probs1") {
    // Regression outputs are not probabilities: they stay unchanged, as in other outputs.
    if (numClass > 1) values = parts.node(`${step}.softmax`, "Softmax", [logits], { axis: -1 });
    else if (!losses.every((loss) => loss.kind === "l2_loss"))
      values = parts.node(`${step}.sigmoid`, "Sigmoid", [logits]);
  }
  if (classes === 1) {
    const column = parts.integers(`${step}.column`, [], [kind === "probs1" ? 1 : 0]);
    parts.node(name, "Gather", [values, column], { axis: 1 });
  } else parts.node(name, "Identity", [values]);
  parts.outputs.push({ name, type: "float32", shape: classes === 1 ? ["rows"] : ["rows", classes] });
}

function refuseTwins({ nodes, constants, inputs }: Parts): void {
  const taken = new Set([...constants.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)]);
  const inputNames = new Set<string>();
  for (const { name } of inputs) {
    if (!taken.has(name) && !inputNames.has(name)) {
      inputNames.add(name);
      continue;
    }
    throw new SpecError({
      path: `features.${name}`,
      message: "duplicate name in the exported model",
      received: name,
      expected: "a name that differs from outputs, weights and other features' weights",
      fix: "rename the feature and read the column by its expression",
    });
  }
}

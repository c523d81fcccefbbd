/** The graph of an exported model: embedding tables, then the prediction program with its weights, then named outputs. */
import type { Weights } from "../../engine/index.js";
import { SpecError } from "../../errors/index.js";
import { lowerProgram, type OnnxGraph } from "../../jit/index.js";
import { everyTowerProgram, groupNames, type Plan, programSignature } from "../../nn/index.js";
import { readViews } from "../../nn/plan/index.js";
import { findFeature, groupFeatures } from "../../spec/index.js";
import type { EncodersFile, FeatureEncoder, ServedOutput } from "../format/encoder-types.js";
import { addInputs, groupVector } from "./features.js";
import { inner, Parts } from "./parts.js";
import { ViewInputs } from "./sequences.js";
import { Vectors } from "./vectors.js";

/**
 * The graph of a plan.
 * @param weights the weights for predictions
 * @throws SpecError for a feature with the name of an output, EngineError for a layer that cannot be compiled
 */
export function servedGraph(plan: Plan, weights: Weights, encoders: EncodersFile): OnnxGraph {
  const parts = new Parts();
  addMatrices(parts, plan, weights, encoders.features);
  addProgram(parts, plan, weights);
  for (const output of encoders.outputs) addOutput(parts, plan, output);
  refuseTwins(parts);
  return parts;
}

/** The features' inputs, and the matrices of groups and sequences built from them. */
function addMatrices(parts: Parts, plan: Plan, weights: Weights, encoders: readonly FeatureEncoder[]): void {
  for (const encoder of encoders) addInputs(parts, encoder);
  const named = new Map(encoders.map((encoder) => [encoder.name, encoder]));
  const vectors = new Vectors(parts, plan.spec, weights);
  const made = new Map<string, string>();
  for (const group of groupNames(plan)) {
    const features = groupFeatures(plan.spec, group) ?? [];
    if (features.length === 0) continue;
    for (const name of features) {
      if (!made.has(name)) made.set(name, groupVector(vectors, named.get(name)!, findFeature(plan.spec, name)!));
    }
    parts.node(
      inner + group,
      "Concat",
      features.map((name) => made.get(name)!),
      { axis: 1 },
    );
  }
  for (const view of readViews(plan)) new ViewInputs(plan, view, vectors, named).add();
}

/** The program, traced and lowered as for engines, with its weights in the graph. */
function addProgram(parts: Parts, plan: Plan, weights: Weights): void {
  const { inputs, products } = programSignature(plan, "predict");
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

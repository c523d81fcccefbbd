/** Exports a run as a folder: one ONNX model with its tables, encoders as JSON, and a README. */
import path from "node:path";
import { saysEncoded } from "../data/encode/plan.js";
import type { Table } from "../data/table/table.js";
import type { Engine, Weights } from "../engine/engine.js";
import { EngineError, SpecError } from "../errors/index.js";
import { lowerProgram } from "../jit/compile.js";
import { Emitter, type OnnxGraph, writeOnnx } from "../jit/onnx.js";
import { programSignature } from "../nn/plan/inputs.js";
import { groupNames, type Plan, planModel, readViews } from "../nn/plan/plan.js";
import { everyTowerProgram } from "../nn/program.js";
import { findFeature } from "../spec/feature/feature.js";
import { groupFeatures } from "../spec/model.js";
import { groupTable } from "../spec/sizes.js";
import { assertReplaceable, writeFolder } from "../train/saved/folder.js";
import { markdownCode, stringLiteral } from "../util/code-text.js";
import { assetText } from "../util/files/package-root.js";
import { getOrMake } from "../util/growing.js";
import { grouped, size } from "../util/text.js";
import {
  type EncodersFile,
  type ExportedModel,
  exportedFiles,
  exportKind,
  type FeatureEncoder,
  type ServedOutput,
  type ServedPort,
  servedPorts,
} from "./encoder-types.js";
import { makeEncoders } from "./encoders.js";
import { servedPriors } from "./priors.js";
import { addViewInputs } from "./sequences.js";
import { inner, Vectors } from "./vectors.js";

/**
 * Writes or replaces an export, atomically. @param state of priors, which the folder then holds
 * @throws CheckpointError for other files, EngineError beyond ONNX's size, DataError for another state
 */
export async function exportModel(engine: Engine, folder: string, state: Table | null = null): Promise<ExportedModel> {
  await assertReplaceable(path.resolve(folder), exportKind);
  const { spec } = engine;
  const weights = await engine.weights();
  assertSmallEnough(weights);
  const plain = makeEncoders(spec, saysEncoded(spec));
  const served = state === null ? null : await servedPriors(state, plain);
  const encoders = served === null ? plain : { ...plain, priors: served.priors };
  const model = writeOnnx(servedGraph(planModel(spec), weights, encoders));
  const files = {
    [exportedFiles.model]: [model],
    [exportedFiles.encoders]: `${JSON.stringify(encoders, null, 1)}\n`,
    [exportedFiles.readme]: readmeText(encoders),
    ...(served === null ? {} : { [exportedFiles.priors]: [served.bytes] }),
  };
  await writeFolder(path.resolve(folder), files, exportKind);
  return { folder, encoders, bytes: model.length };
}

/** Protobuf counts bytes as signed 32-bit integers; some bytes are reserved for the graph. */
const mostBytes = 2 ** 31 - 2 ** 24;

function assertSmallEnough(weights: Weights): void {
  const sizes = [...weights].map(([name, { shape, data }]) => ({ name, shape, bytes: data.byteLength }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= mostBytes) return;
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  const lines = largest.map(
    ({ name, shape, bytes }) => `${name}: ${shape.map(grouped).join(" × ")} × 4 bytes = ${size(bytes)}`,
  );
  throw new EngineError({
    path: "export",
    message: "the weights are larger than an ONNX file can be; nothing was written",
    received: [size(total), ...lines].join("\n    "),
    expected: `at most ${size(mostBytes)}`,
    fix: "hash into fewer rows (.hash(n)) or use smaller embeddings; run.save(folder) writes weights of any size",
  });
}

/** A feature's vector in a group, [rows, width]: its numbers, or its ids' rows of the table, weighted and pooled. */
function groupVector(vectors: Vectors, encoder: FeatureEncoder, table: string | null): string {
  const { name } = encoder;
  if (encoder.kind === "values" || table === null) return name;
  if (encoder.kind === "ids") return vectors.pooled(name, table, 1, encoder.pooling, encoder.weights);
  // In a group, a sequence is a bag of all its ids.
  const ids = vectors.graph.emit("Reshape", [name, vectors.graph.integers([0, -1])]);
  return vectors.pooled(ids, table, 1, encoder.pooling);
}

/** @throws SpecError for a feature with an output's name, EngineError for a layer that cannot be compiled */
function servedGraph(plan: Plan, weights: Weights, encoders: EncodersFile): OnnxGraph {
  const graph = new Emitter(new Map(), `${inner}inputs.`);
  addMatrices(graph, plan, weights, encoders.features);
  addProgram(graph, plan, weights);
  for (const output of encoders.outputs) addOutput(graph, plan, output);
  refuseTwins(graph);
  return graph;
}

/** The features' inputs, and the matrices of groups and sequences built from them. */
function addMatrices(graph: Emitter, plan: Plan, weights: Weights, encoders: readonly FeatureEncoder[]): void {
  for (const encoder of encoders) {
    for (const { name, type, shape } of servedPorts(encoder)) {
      const dims = shape.map((dim) => (dim === "rows" || typeof dim === "number" ? dim : `${encoder.name}.${dim}`));
      graph.inputs.push({ name, type, shape: dims });
    }
  }
  const named = new Map(encoders.map((encoder) => [encoder.name, encoder]));
  const vectors = new Vectors(graph, plan.spec, weights);
  const made = new Map<string, string>();
  for (const group of groupNames(plan)) {
    const features = groupFeatures(plan.spec, group) ?? [];
    if (features.length === 0) continue;
    const inputs = features.map((name) => {
      const table = groupTable(plan.spec, group, findFeature(plan.spec, name)!);
      return getOrMake(made, JSON.stringify([name, table]), () => groupVector(vectors, named.get(name)!, table));
    });
    graph.node(inner + group, "Concat", inputs, { axis: 1 });
  }
  for (const view of readViews(plan)) addViewInputs(plan, view, vectors, named);
}

/** The program, traced and lowered as for engines, with its weights in the graph. */
function addProgram(graph: Emitter, plan: Plan, weights: Weights): void {
  const { inputs, products } = programSignature(plan, "predict");
  const program = lowerProgram(everyTowerProgram(plan), { inputs, products });
  const values = programWeights(plan, weights);
  const rename = (name: string): string => (values.has(name) ? name : inner + name);
  for (const { name, shape } of program.inputs) {
    const weight = values.get(name);
    if (weight !== undefined) graph.tensor(name, "float32", shape as readonly number[], weight);
  }
  for (const constant of program.constants) graph.constants.push({ ...constant, name: rename(constant.name) });
  for (const { op, inputs, outputs, attributes } of program.nodes) {
    graph.nodes.push({ op, inputs: inputs.map(rename), outputs: outputs.map(rename), attributes });
  }
}

function programWeights(plan: Plan, weights: Weights): Map<string, Float32Array> {
  const values = new Map([...weights].map(([name, { data }]) => [name, data]));
  values.set("epnet.gamma", Float32Array.of(plan.spec.epnet.gamma));
  values.set("ppnet.gamma", Float32Array.of(plan.spec.ppnet.gamma));
  return values;
}

function addOutput(graph: Emitter, plan: Plan, { name, tower, domain, kind, classes }: ServedOutput): void {
  const task = plan.tasks.find((candidate) => candidate.tower.name === tower)!;
  const index = plan.towers === 1 ? 0 : domain!;
  const logits = `${inner}logits.${task.index}.${index}`;
  const { numClass, losses } = task.tower;
  let values = logits;
  if (kind === "probs" || kind === "probs1") {
    // Regression outputs are not probabilities: they stay unchanged, as in other outputs.
    if (numClass > 1) values = graph.emit("Softmax", [logits], { axis: -1 });
    else if (!losses.every((loss) => loss.kind === "l2_loss")) values = graph.emit("Sigmoid", [logits]);
  }
  const column = kind === "probs1" ? 1 : 0;
  if (classes > 1) graph.node(name, "Identity", [values]);
  else graph.node(name, "Gather", [values, graph.scalar(column, "int64")], { axis: 1 });
  graph.outputs.push({ name, type: "float32", shape: classes === 1 ? ["rows"] : ["rows", classes] });
}

function refuseTwins({ nodes, constants, inputs }: OnnxGraph): void {
  const taken = new Set([...constants.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)]);
  for (const { name } of inputs) {
    if (taken.size < taken.add(name).size) continue;
    throw new SpecError({
      path: `features.${name}`,
      message: "duplicate name in the exported model",
      received: name,
      expected: "a name that differs from outputs, weights and other features' weights",
      fix: "rename the feature and read the column by its expression",
    });
  }
}

/** The README of an exported model: its inputs and outputs, and how to call it from Python and Node. */
function readmeText(encoders: EncodersFile): string {
  const { features, outputs } = encoders;
  return assetText("core/serve/assets/README.md", {
    inputs: features.flatMap(inputRows).join("\n"),
    outputs: outputs
      .map(({ name, classes }) => `| ${inCell(name)} | [rows${classes === 1 ? "" : `, ${classes}`}] |`)
      .join("\n"),
    sequences: sequenceSentences(features),
    domains: domainSentence(encoders),
    priors: priorsSentence(encoders),
    pythonFeeds: features.flatMap(pythonFeeds).join("\n"),
    nodeFeeds: features.flatMap(nodeFeeds).join("\n"),
    output: stringLiteral(outputs[0]?.name ?? ""),
  });
}

function domainSentence({ domains }: EncodersFile): string {
  if (domains === null) return "";
  return ` Outputs end in the number of the domain (${markdownCode(domains.column)}) whose tower computes them.`;
}

function priorsSentence({ priors }: EncodersFile): string {
  if (priors === undefined) return "";
  const columns = priors.columns.map((name) => markdownCode(name)).join(", ");
  const until = priors.until === null ? "" : ` until ${priors.until}`;
  return `

\`${exportedFiles.priors}\` holds what was known${until}: counts by key, from which \`pepnet\` computes ${columns} of
rows that lack them, all or none. Other programs join it as docs/priors.md describes. Make it again, for example every night.`;
}

function sequenceSentences(features: readonly FeatureEncoder[]): string {
  if (!features.some(({ kind }) => kind === "sequence")) return "";
  return `

Sequences have at least one position; shorter rows are padded with −1 (numbers with 0). \`.length\` is each row's number of
positions.`;
}

function inputRows(feature: FeatureEncoder): string[] {
  const columns = feature.columns.map(inCell).join(" or ");
  const cross = feature.kind === "ids" ? feature.cross?.map(inCell).join(" × ") : undefined;
  const from = [columns, cross].filter(Boolean).join(" or ");
  return servedPorts(feature).map(
    ({ name, type, shape }) => `| ${inCell(name)} | ${type} | [${shape.join(", ")}] | ${from} |`,
  );
}

function inCell(name: string): string {
  return markdownCode(name, "table");
}

/** The shape in the snippets: two rows, one value. */
function snippetShape({ shape }: ServedPort): readonly number[] {
  return shape.map((dim) => (dim === "rows" ? 2 : typeof dim === "number" ? dim : 1));
}

/** −1 for ids, 0 for lengths and numbers, 1 for weights. */
function filler(feature: FeatureEncoder, { name, type }: ServedPort): number {
  if (feature.kind === "ids" && name === feature.weights) return 1;
  return type === "int64" && name === feature.name ? -1 : 0;
}

function pythonFeeds(feature: FeatureEncoder): string[] {
  return servedPorts(feature).map((port) => {
    const shape = snippetShape(port);
    const dims = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
    return `    ${stringLiteral(port.name)}: np.full(${dims}, ${filler(feature, port)}, np.${port.type}),`;
  });
}

function nodeFeeds(feature: FeatureEncoder): string[] {
  return servedPorts(feature).map((port) => {
    const shape = snippetShape(port);
    const count = shape.reduce((product, dim) => product * dim, 1);
    const value = filler(feature, port);
    const array = port.type === "int64" ? "BigInt64Array" : "Float32Array";
    const values = `new ${array}(${count})${value === 0 ? "" : `.fill(${value}${port.type === "int64" ? "n" : ""})`}`;
    return `    ${stringLiteral(port.name)}: new ort.Tensor("${port.type}", ${values}, [${shape.join(", ")}]),`;
  });
}

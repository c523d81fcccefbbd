/**
 * Compiles a TF.js program to ONNX for any row counts: traces it at two sizes, unites and simplifies the traces, and
 * lowers them.
 */
import type { Program, ProgramSignature } from "../tfjs/program.js";
import { getOrMake } from "../util/growing.js";
import { atOnce, type Work } from "../util/turns.js";
import {
  type Attribute,
  type Dim,
  dimText,
  type Graph,
  type Node,
  Rewriting,
  type SymbolicGraph,
  sameShape,
  type Value,
} from "./graph.js";
import { registerTraceKernels } from "./kernels.js";
import { lowerings } from "./lowerings.js";
import {
  type Context,
  Emitter,
  type Lowered,
  type OnnxGraph,
  type OnnxValue,
  type SymbolSource,
  writeOnnx,
} from "./onnx.js";
import { Refusal } from "./refusal.js";
import { traced, traceInput } from "./trace-backend.js";
import { flatSignature, flatten, isOfRows, joinedSignature, joinVariants, steady } from "./variants.js";

/** If the traces differ in a way that no row count explains, the program would silently be wrong for other batches, so this throws. */

interface Sentinel {
  readonly symbol: string;
  readonly first: number;
  readonly second: number;
}

const dimensionAttributes = new Set(["sizes", "size", "reps"]);

/** Combines two traces. @throws EngineError with the operation that uses a row count other than as a dimension. */
function unite(first: Graph, second: Graph, sentinels: readonly Sentinel[]): SymbolicGraph {
  const readDim = dimReader(sentinels);
  const nodes: Node[] = [];
  first.values.forEach((a, i) => {
    const b = second.values[i];
    if (b === undefined) throw makeRefusal(a, controlFlow);
    if (!isSameCall(a, b) || a.dtype !== b.dtype || a.shape.length !== b.shape.length)
      throw makeRefusal(a, controlFlow);
    nodes.push({
      id: a.id,
      op: a.op,
      inputs: a.inputs.map((v) => nodes[v.id]!),
      attributes: uniteAttributes(a, b, readDim),
      shape: a.shape.map((dim, axis) => readDim(dim, b.shape[axis]!, a)),
      dtype: a.dtype,
      place: a.place,
    });
  });
  const extra = second.values[first.values.length];
  if (extra !== undefined) throw makeRefusal(extra, controlFlow);
  for (const [name, value] of first.outputs) {
    if (second.outputs.get(name)?.id !== value.id) throw makeRefusal(value, controlFlow);
  }
  const outputs = new Map([...first.outputs].map(([name, value]) => [name, nodes[value.id]!]));
  return { nodes, outputs };
}

function isSameCall(a: Value, b: Value): boolean {
  return a.op === b.op && a.inputs.length === b.inputs.length && a.inputs.every((v, k) => v.id === b.inputs[k]?.id);
}

/**
 * Asserts that two traces at the same row counts are equal.
 * @throws EngineError with the first operation that differs
 */
function assertRepeats(first: Graph, again: Graph): void {
  for (const [i, a] of first.values.entries()) {
    const b = again.values[i];
    const repeats =
      b !== undefined &&
      isSameCall(a, b) &&
      Object.entries(a.attributes).every(([name, value]) => same(value, b.attributes[name]!));
    if (!repeats) throw makeRefusal(a, "its result changes between calls: it uses JavaScript's randomness or time");
  }
}

const controlFlow = "its control flow depends on the number of rows";
const rowCounts = "compute means over rows from sums, since batches differ in size";

function makeRefusal(value: Value, reason: string, advice = ""): Refusal {
  return new Refusal(value.op === "Constant" ? "a constant" : value.op, reason, value.place, advice);
}

type ReadDim = (a: number, b: number, value: Value) => Dim;

function dimReader(sentinels: readonly Sentinel[]): ReadDim {
  return (a, b, value) => {
    if (a === b) return a;
    for (const { symbol, first, second } of sentinels) {
      const times = a / first;
      if (Number.isInteger(times) && times * second === b) return { symbol, times };
    }
    throw makeRefusal(value, "a dimension is computed from the number of rows in a way that is not a multiple of it");
  };
}

function uniteAttributes(a: Value, b: Value, readDim: ReadDim): Node["attributes"] {
  const united: Record<string, Attribute | readonly Dim[]> = {};
  for (const [name, one] of Object.entries(a.attributes)) {
    const other = b.attributes[name]!;
    if (dimensionAttributes.has(name)) {
      united[name] = (one as readonly number[]).map((dim, i) => readDim(dim, (other as readonly number[])[i]!, a));
    } else if (same(one, other)) united[name] = one;
    else if (a.op === "Constant") {
      const uniform = uniformValue(one as Float32Array);
      if (uniform === null || uniform !== uniformValue(other as Float32Array)) {
        throw makeRefusal(a, "it computes with numbers that depend on the number of rows", rowCounts);
      }
      united[name] = Float32Array.of(uniform);
    } else throw makeRefusal(a, `its ${name} depends on the number of rows`, rowCounts);
  }
  return united;
}

function uniformValue(values: ArrayLike<number>): number | null {
  const first = values[0];
  if (first === undefined) return 0;
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return null;
  return first;
}

function same(a: Attribute, b: Attribute): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  return a.length === b.length && Array.prototype.every.call(a, (value: number, i: number) => value === b[i]);
}

export interface Compiled {
  readonly bytes: Uint8Array;
  /** The names of the inputs and sizes that the program reads; others do not affect its outputs. */
  readonly inputs: readonly string[];
  /** The inputs that all variants of a joined program share, without the axis of variants. */
  readonly shared: readonly string[];
}

/**
 * `steady`: the bits do not depend on other variants. `joined`: many variants at once, whose `ofRows` inputs are
 * shared.
 */
export type Flavour = "plain" | "steady" | "joined";

/**
 * Compiles a program for any row counts, without pauses.
 * @throws EngineError with the operation that cannot be traced or lowered
 */
export function compile(program: Program, signature: ProgramSignature, flavour?: Flavour): Compiled {
  return atOnce(compiling(program, signature, flavour));
}

/** {@link compile} with pauses, but not within a trace, which must not be interrupted. */
export function* compiling(program: Program, signature: ProgramSignature, flavour?: Flavour): Work<Compiled> {
  const graph = yield* lowering(program, signature, flavour);
  yield;
  const inputs = graph.inputs.map((input) => input.name);
  const isShared = isOfRows(signature);
  return { bytes: writeOnnx(graph), inputs, shared: flavour === "joined" ? inputs.filter(isShared) : [] };
}

export function lowerProgram(program: Program, signature: ProgramSignature, flavour?: Flavour): OnnxGraph {
  return atOnce(lowering(program, signature, flavour));
}

function* lowering(program: Program, signature: ProgramSignature, flavour: Flavour = "plain"): Work<OnnxGraph> {
  const { inputs, sizes = [] } = signature;
  const flat = flavour === "plain" ? signature : flatSignature(signature);
  const lowered = flavour === "joined" ? joinedSignature(flat) : flat;
  registerTraceKernels();
  yield;
  const sentinels = chooseSentinels(signature);
  const sources = symbolSources(lowered);
  // An input whose numbers are unused may still determine a row count.
  const extra: OnnxValue[] = [
    ...sizes.map(({ name, symbols }) => ({ name, type: "int64" as const, shape: [symbols.length] })),
    ...lowered.inputs.map(({ name, dtype, shape }) => ({ name, type: dtype, shape })),
  ];
  function* attempt(locate: boolean): Work<OnnxGraph> {
    const trace = (which: "first" | "second"): Graph => {
      const count = (dim: number | string): number =>
        typeof dim === "number" ? dim : sentinels.find(({ symbol }) => symbol === dim)![which];
      return traced(() => {
        const tensors = inputs.map(
          ({ name, dtype, shape }) => [name, traceInput(name, shape.map(count), dtype)] as const,
        );
        return program(new Map(tensors), new Map(sizes.map(({ name, symbols }) => [name, symbols.map(count)])));
      }, locate);
    };
    const first = trace("first");
    yield;
    if (locate) assertRepeats(first, trace("first"));
    const second = trace("second");
    yield;
    const { nodes, outputs } = merge(unite(first, second, sentinels));
    const simple = dropUnused({ nodes: nodes.map(shareRelu(nodes)), outputs });
    yield;
    if (flavour === "plain") return lower(simple, sources, extra);
    const alone = steady(flatten(simple, signature), signature);
    return lower(flavour === "joined" ? joinVariants(alone, isOfRows(signature)) : alone, sources, extra, false);
  }
  try {
    return yield* attempt(false);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    yield* attempt(true); // trace again with the user's lines to find the place
    throw error;
  }
}

/**
 * Chooses row counts for the two traces: small primes, then highly composite numbers, which reveal a dependence on size
 * or divisibility.
 */
function chooseSentinels({ inputs, sizes = [], products = [] }: ProgramSignature): Sentinel[] {
  const [small, large] = [primes(229), primes(211)];
  const sentinels = new Map<string, Sentinel>();
  const add = (symbol: string) => {
    if (!sentinels.has(symbol)) sentinels.set(symbol, { symbol, first: small(), second: 120 * large() });
  };
  for (const { symbols, total } of sizes) {
    for (const symbol of symbols) add(symbol);
    const parts = symbols.map((symbol) => sentinels.get(symbol)!);
    sentinels.set(total, {
      symbol: total,
      first: parts.reduce((sum, part) => sum + part.first, 0),
      second: parts.reduce((sum, part) => sum + part.second, 0),
    });
  }
  const isProduct = (dim: string) => products.some(({ symbol }) => symbol === dim);
  for (const { shape } of inputs) for (const dim of shape) if (typeof dim === "string" && !isProduct(dim)) add(dim);
  for (const { symbol, factors } of products) {
    const [a, b] = factors.map((factor) => sentinels.get(factor)!) as [Sentinel, Sentinel];
    sentinels.set(symbol, { symbol, first: a.first * b.first, second: a.second * b.second });
  }
  return [...sentinels.values()];
}

function primes(from: number): () => number {
  let candidate = from;
  return () => {
    for (; ; candidate++) {
      let divisor = 2;
      while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
      if (divisor * divisor > candidate) return candidate++;
    }
  };
}

function symbolSources({ inputs, sizes = [] }: ProgramSignature): Map<string, SymbolSource> {
  const sources = new Map<string, SymbolSource>();
  for (const { name, symbols } of sizes)
    for (const [index, symbol] of symbols.entries()) sources.set(symbol, { kind: "entry", input: name, index });
  for (const { name, shape } of inputs) {
    shape.forEach((dim, axis) => {
      if (typeof dim === "string" && !sources.has(dim)) sources.set(dim, { kind: "dimension", input: name, axis });
    });
  }
  return sources;
}

/** The common number of all entries of a constant, or `null`. */
function uniformConstant(node: Node): number | null {
  return node.op === "Constant" ? uniformValue(node.attributes.values as Float32Array) : null;
}

function merge(graph: SymbolicGraph): SymbolicGraph {
  const byKey = new Map<string, Node>();
  const rewriting = new Rewriting(graph, (node, to) => {
    const neutral = withoutEffect(node);
    if (neutral !== null) return neutral;
    const key = nodeKey(node);
    return key === null ? to.add(node) : getOrMake(byKey, key, () => to.add(node));
  });
  return rewriting.graph(graph);
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

/** Replaces step(x) by step(relu(x)) if the ReLU exists, so that its input need not be kept for the gradient. */
function shareRelu(nodes: readonly Node[]): (node: Node) => Node {
  const relu = new Map<Node, Node>();
  for (const node of nodes) if (node.op === "Relu") relu.set(node.inputs[0]!, node);
  return (node) => {
    const after = node.op === "Step" && node.attributes.alpha === 0 ? relu.get(node.inputs[0]!) : undefined;
    // The node changes in place, because later nodes reference it.
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

/** Uniform constants stay scalars, and results keep their operands' broadcast size until the full shape is needed. */

/**
 * Lowers a graph.
 * @param extraInputs inputs from which row counts are read, if they exist
 * @param fusing whether biases join products
 */
export function lower(
  graph: SymbolicGraph,
  sources: ReadonlyMap<string, SymbolSource>,
  extraInputs: readonly OnnxValue[],
  fusing = true,
): OnnxGraph {
  const emitter = new Emitter(sources);
  const lowered = new Map<Node, Lowered>();
  const expanded = new Map<Node, string>();
  const operand = (node: Node) => lowered.get(node)!;
  const full = (node: Node): string => {
    const { name, shape } = operand(node);
    if (sameShape(shape, node.shape)) return name;
    return getOrMake(expanded, node, () => emitter.emit("Expand", [name, emitter.dims(node.shape)]));
  };
  const biases: ReadonlyMap<Node, Node> = fusing ? biasProducts(graph) : new Map();
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

/** Additions of a bias [columns] with the matrix product that only they read. */
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

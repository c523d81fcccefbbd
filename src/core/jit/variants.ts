/**
 * Many variants in one program: a leading axis for everything that differs between them (vmap over a traced graph).
 * A variant's numbers must not depend on the other variants, so the order of every sum must not either. If the order of
 * onnxruntime's sum depends on them (test/core/jit/variants.slow.test.ts shows this), `steady` writes another
 * operation, also in the program of a single variant.
 */
import { flatName, type ProgramInput, type ProgramProduct, type ProgramSignature } from "../tfjs/program.js";
import { sum } from "../util/numbers.js";
import { type Dim, type Node, Rewriting, type SymbolicGraph } from "./graph.js";
import { binaryKernels, comparisonKernels, unaryKernels } from "./kernels.js";

/** Thrown for an operation that has no rule. */
export class NotJoinable extends Error {
  override readonly name = "NotJoinable";
}

function flatParameters({ inputs }: ProgramSignature): { readonly name: string; readonly size: number }[] {
  return inputs.flatMap(({ name, shape, isParameter }) =>
    isParameter ? [{ name, size: multiple(shape as number[]) }] : [],
  );
}

export function flatSignature(signature: ProgramSignature): ProgramSignature {
  const size = sum(flatParameters(signature).map((each) => each.size));
  const flat: ProgramInput = { name: flatName, dtype: "float32", shape: [size] };
  return { ...signature, inputs: [flat, ...signature.inputs.filter(({ isParameter }) => !isParameter)] };
}

/** The graph with one array of all parameters in place of each. */
export function flatten(graph: SymbolicGraph, signature: ProgramSignature): SymbolicGraph {
  const parameters = flatParameters(signature);
  const sizes = parameters.map(({ size }) => size);
  const shape = [sum(sizes)];
  let whole: Node | null = null;
  const rewriting = new Rewriting(graph, (node, to) => {
    const part = node.op === "Input" ? parameters.findIndex(({ name }) => name === node.attributes.name) : -1;
    if (part < 0) return to.add(node);
    const input = () => to.add({ op: "Input", inputs: [], shape, attributes: { name: flatName } });
    whole ??= to.add({ op: "SplitV", inputs: [input()], shape, attributes: { sizes, axis: 0 } });
    return to.reshaped(
      to.add({ op: "Part", inputs: [whole], shape: [sizes[part]!], attributes: { part } }),
      node.shape,
    );
  });
  const { outputs } = rewriting.graph(graph);
  const gradients = parameters.map(({ name, size }) => {
    const gradient = outputs.get(`grad:${name}`);
    outputs.delete(`grad:${name}`);
    return gradient === undefined ? rewriting.uniform(0, [size]) : rewriting.reshaped(gradient, [size]);
  });
  outputs.set(`grad:${flatName}`, rewriting.add({ op: "Concat", inputs: gradients, shape, attributes: { axis: 0 } }));
  return { nodes: rewriting.nodes, outputs };
}

/** The number of values that onnxruntime computes at once; it computes the last ones of an array in another way. */
export const lanes = 16;

const laneOperations = new Set(["Softplus", "Log", "Log1p", "Sin", "Cos", "Elu", "Selu"]);

/** Rewrites sums and functions so that their bits depend neither on the place of a row nor on the rows after it. */
export function steady(graph: SymbolicGraph, { products = [] }: ProgramSignature): SymbolicGraph {
  const rewriting = new Rewriting(graph, (node, to) => {
    if (node.op === "Sum" || node.op === "Mean") return steadySum(node, to, products);
    const padded = laneOperations.has(node.op) && multiple(node.shape) % lanes > 0;
    if (!padded) return to.add(node);
    if (node.op !== "Log1p") return to.add({ ...node, attributes: { ...node.attributes, padded } });
    const inputs = [to.add({ op: "Add", inputs: [...node.inputs, to.uniform(1, [])], shape: node.shape })];
    return to.add({ ...node, op: "Log", inputs, attributes: { padded } });
  });
  return rewriting.graph(graph);
}

/** The product of dimensions, without their row counts. */
function multiple(dims: readonly Dim[]): number {
  return dims.reduce<number>((product, dim) => product * (typeof dim === "number" ? dim : dim.times), 1);
}

/** Writes sums over rows, or over the last axis, as products with ones. */
function steadySum(node: Node, to: Rewriting, products: readonly ProgramProduct[]): Node {
  const [x] = node.inputs as [Node];
  const axes = node.attributes.axes as readonly number[];
  const isOfRows = axes.length > 0 && axes.every((axis, place) => axis === place);
  const isOfColumns = axes.length === 1 && axes[0] === x.shape.length - 1 && !isAligned(x);
  if (!(isOfRows && node.op === "Sum") && !isOfColumns) return to.add(node);
  const split = isOfColumns ? x.shape.length - 1 : axes.length;
  const [rows, columns] = [x.shape.slice(0, split), x.shape.slice(split)].map((dims) => count(dims, products));
  if (rows == null || columns == null) return to.add(node);
  const matrix = to.reshaped(x, [rows, columns]);
  const inputs = isOfColumns ? [matrix, to.ones([columns, 1])] : [to.ones([1, rows]), matrix];
  const shape = isOfColumns ? [rows, 1] : [1, columns];
  const product = to.add({ op: "BatchMatMul", inputs, shape, attributes: { transposeA: false, transposeB: false } });
  const total = to.reshaped(product, node.shape);
  if (node.op === "Sum") return total;
  return to.add({ op: "RealDiv", inputs: [total, to.uniform(columns as number, [])], shape: node.shape });
}

/** Whether each row of the last axis begins where onnxruntime's vectors do. */
function isAligned({ shape }: Node): boolean {
  const columns = shape.at(-1);
  return typeof columns === "number" && columns % lanes === 0;
}

/** The product of dimensions; `null` if it is not a multiple of one row count. */
function count(dims: readonly Dim[], products: readonly ProgramProduct[]): Dim | null {
  const symbols = dims.flatMap((dim) => (typeof dim === "number" ? [] : [dim.symbol]));
  const times = multiple(dims);
  if (symbols.length === 0) return times;
  const product = products.find(({ factors }) => factors.every((factor) => symbols.includes(factor)));
  const symbol = symbols.length === 1 ? symbols[0] : symbols.length === 2 ? product?.symbol : undefined;
  return symbol === undefined ? null : { symbol, times };
}

/** The leading axis of variants. */
const variants = { symbol: "variants", times: 1 };

export function joinedSignature(signature: ProgramSignature): ProgramSignature {
  const lead = (input: ProgramInput) => (input.ofRows ? input : { ...input, shape: [variants.symbol, ...input.shape] });
  return { ...signature, inputs: signature.inputs.map(lead) };
}

/** Whether an input is the same for all variants. */
export function isOfRows({ inputs, sizes = [] }: ProgramSignature): (name: string) => boolean {
  const names = new Set([...inputs.filter(({ ofRows }) => ofRows), ...sizes].map(({ name }) => name));
  return (name) => names.has(name);
}

/**
 * Adds the axis of variants.
 * @param isShared whether an input is the same for all variants
 * @throws NotJoinable for an operation without a rule
 */
export function joinVariants(graph: SymbolicGraph, isShared: (input: string) => boolean): SymbolicGraph {
  const joined = new Set<Node>();
  const rewriting = new Rewriting(graph, (node, to) => {
    const differs =
      node.op === "Input" ? !isShared(node.attributes.name as string) : node.inputs.some((x) => joined.has(x));
    if (!differs) return to.add(node);
    const rule = rules[node.op];
    if (rule === undefined) throw new NotJoinable(node.op);
    const made = rule(node, { to, isJoined: (x) => joined.has(x) });
    joined.add(made);
    return made;
  });
  const joinedGraph = rewriting.graph(graph);
  for (const [name, node] of joinedGraph.outputs) if (!joined.has(node)) throw new NotJoinable(`the output ${name}`);
  return joinedGraph;
}

interface Joining {
  readonly to: Rewriting;
  readonly isJoined: (node: Node) => boolean;
}

type Rule = (node: Node, joining: Joining) => Node;

const led = (shape: readonly Dim[]): Dim[] => [variants, ...shape];

/** The rule of elementwise operations: a joined operand with fewer axes gets the missing ones after the variants' axis. */
const elementwise: Rule = (node, { to, isJoined }) => {
  const rank = node.shape.length;
  const inputs = node.inputs.map((x) => {
    if (!isJoined(x)) return x;
    const axes = x.shape.slice(1);
    return to.reshaped(x, led([...Array<Dim>(rank - axes.length).fill(1), ...axes]));
  });
  return to.add({ ...node, inputs, shape: led(node.shape) });
};

/** Repeats a shared input for each variant. */
function withAxis(x: Node, { to, isJoined }: Joining): Node {
  if (isJoined(x)) return x;
  const single = to.reshaped(x, [1, ...x.shape]);
  const reps = [variants, ...x.shape.map(() => 1)];
  return to.add({ op: "Tile", inputs: [single], shape: led(x.shape), attributes: { reps }, dtype: x.dtype });
}

/** The rule of operations along an axis, which moves by one. */
const alongAxis: Rule = (node, joining) => {
  const attributes = { ...node.attributes, axis: (node.attributes.axis as number) + 1 };
  return joining.to.add({
    ...node,
    inputs: node.inputs.map((x) => withAxis(x, joining)),
    attributes,
    shape: led(node.shape),
  });
};

const along = (change: (attributes: Node["attributes"]) => Node["attributes"]): Rule => {
  return (node, { to }) =>
    to.add({ ...node, attributes: { ...node.attributes, ...change(node.attributes) }, shape: led(node.shape) });
};

const shifted = (axes: unknown): number[] => (axes as readonly number[]).map((axis) => axis + 1);

/**
 * The rule of reductions. A sum over rows must be a product with ones, since its order would depend on other variants.
 */
const reduction: Rule = (node, joining) => {
  const axes = node.attributes.axes as readonly number[];
  const isLast = axes[0] === node.inputs[0]!.shape.length - 2;
  const isSteady = axes.length === 1 && (isLast ? isAligned(node.inputs[0]!) : axes[0] !== 0);
  if (node.op !== "Max" && node.op !== "Min" && !isSteady) throw new NotJoinable(`${node.op} over several rows`);
  return along(({ axes }) => ({ axes: shifted(axes) }))(node, joining);
};

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      ...unaryKernels,
      ...binaryKernels,
      ...comparisonKernels,
      "Cast",
      "ClipByValue",
      "EluGrad",
      "Input",
      "LeakyRelu",
      "Part",
      "Select",
      "Softmax",
      "Step",
    ].map((op) => [op, elementwise]),
  ),
  BatchMatMul: (node, joining) => {
    // onnxruntime packs a constant second matrix in advance, and then adds up in another order; do so here, too.
    const isPacked = (x: Node) => x.op === "Constant" && x.shape.every((dim) => typeof dim === "number");
    const isBroadcast = (x: Node) => x.shape.length === 2 && (x === node.inputs[0] || isPacked(x));
    const inputs = node.inputs.map((x) => (isBroadcast(x) ? x : withAxis(x, joining)));
    return joining.to.add({ ...node, inputs, shape: led(node.shape) });
  },
  Concat: alongAxis,
  GatherV2: (node, joining) => {
    if (joining.isJoined(node.inputs[1]!)) throw new NotJoinable("GatherV2 by different rows");
    return along(({ axis }) => ({ axis: (axis as number) + 1 }))(node, joining);
  },
  Max: reduction,
  Mean: reduction,
  Min: reduction,
  PadV2: along(({ before, after }) => ({
    before: [0, ...(before as readonly number[])],
    after: [0, ...(after as readonly number[])],
  })),
  Reshape: along(() => ({})),
  Slice: along(({ begin, size }) => ({
    begin: [0, ...(begin as readonly number[])],
    size: led(size as readonly Dim[]),
  })),
  SplitV: alongAxis,
  Sum: reduction,
  Tile: along(({ reps }) => ({ reps: [1, ...(reps as readonly Dim[])] })),
  Transpose: along(({ perm }) => ({ perm: [0, ...shifted(perm)] })),
  UnsortedSegmentSum: (node, { to, isJoined }) => {
    const [x, ids] = node.inputs as [Node, Node];
    if (isJoined(ids)) throw new NotJoinable("UnsortedSegmentSum by different rows");
    // Segments are along the first axis, so it is swapped with the variants' axis.
    const swap = (from: Node) => {
      const perm = from.shape.map((_, axis) => (axis < 2 ? 1 - axis : axis));
      return to.add({
        op: "Transpose",
        inputs: [from],
        shape: perm.map((axis) => from.shape[axis]!),
        attributes: { perm },
      });
    };
    const [rows, ...rest] = node.shape as [Dim, ...Dim[]];
    return swap(to.add({ ...node, inputs: [swap(x), ids], shape: [rows, variants, ...rest] }));
  },
};

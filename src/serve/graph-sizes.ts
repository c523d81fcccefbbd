/** Infers the shapes of a graph's tensors, so that one that would ask for huge memory is refused before it runs. */

import type { OnnxOperator } from "../jit/onnx.js";

/** A graph that an export cannot have written. */
export class ForeignGraph extends Error {}

export interface GraphNode {
  readonly op: OnnxOperator;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes of whole numbers by name. */
  readonly integers: ReadonlyMap<string, readonly number[]>;
}

export interface GraphTensor {
  readonly shape: readonly number[];
  /** Values of int64. */
  readonly integers: readonly number[] | null;
}

/** The part of a graph that the checks read. */
export interface ReadGraph {
  readonly nodes: readonly GraphNode[];
  /** Dimensions of inputs; `null`: it depends on the data. */
  readonly inputs: ReadonlyMap<string, readonly (number | null)[]>;
  readonly makers: ReadonlyMap<string, GraphNode>;
  readonly constants: ReadonlyMap<string, GraphTensor>;
}

type Numbers = readonly number[];

interface Tensor {
  readonly shape: Numbers;
  /** Entries of a tensor that may state sizes; `null`: unknown. What depends on the data counts as 1. */
  readonly values: Numbers | null;
}

interface Call {
  readonly node: GraphNode;
  readonly tensors: readonly Tensor[];
  readonly shape: Numbers;
  readonly rank: number;
  /** The attribute `axis`, or a default. */
  axis(usual: number): number;
  integer(name: string, usual: number): number;
  /** Numbers of an input. @throws ForeignGraph if an export does not state sizes in this way */
  sizes(input: number): Numbers;
}

const pieceRows = 2048;
/** Numbers per row that every graph may compute. Larger models may compute as many as they have weights. */
const fewNumbers = 2 ** 18;
/** Entries of a list of sizes: joining lists could double them without end. */
const mostSizes = 4096;
/** Axes of a tensor; exports have up to four. */
const mostAxes = 16;

/** For one row and a piece, since rows may meet rows. @throws ForeignGraph for more numbers a row than weights */
export function assertAffordable(graph: ReadGraph): void {
  const weights = [...graph.constants.values()].reduce((sum, { shape }) => sum + size(shape), 0);
  for (const rows of [1, pieceRows]) {
    const numbers = computedNumbers(graph, rows);
    const most = rows * Math.max(fewNumbers, weights);
    if (!(numbers <= most)) throw new ForeignGraph(`tensors of ${numbers} numbers for ${rows} rows, over ${most}`);
  }
}

function computedNumbers({ nodes, constants, inputs }: ReadGraph, rows: number): number {
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, integers }] of constants) tensors.set(name, { shape, values: integers });
  for (const [name, dims] of inputs) {
    const shape = dims.map((dim, axis) => dim ?? (axis === 0 ? rows : 1));
    // Inputs of one axis are the lengths of sequences; ids must not state sizes.
    tensors.set(name, { shape, values: shape.length === 1 ? [1] : null });
  }
  let numbers = 0;
  for (const node of nodes) {
    const call = callOf(node, tensors);
    const shapeOf = shapes[node.op] ?? (({ tensors: all }: Call) => broadcast(all.map(({ shape }) => shape)));
    const values = statedValues[node.op]?.(call) ?? null;
    for (const [at, name] of node.outputs.entries()) {
      const shape = shapeOf(call, at);
      if (shape.length > mostAxes) throw new ForeignGraph(`a tensor of ${shape.length} axes`);
      tensors.set(name, { shape, values });
      numbers += Math.abs(size(shape));
    }
  }
  return numbers;
}

function callOf(node: GraphNode, made: ReadonlyMap<string, Tensor>): Call {
  const tensors = node.inputs.map((name): Tensor => {
    const tensor = made.get(name);
    if (tensor === undefined) throw new ForeignGraph(`${node.op} reads a tensor that nothing makes`);
    return tensor;
  });
  const { shape } = tensors[0] ?? { shape: [] };
  const integer = (name: string, usual: number): number => node.integers.get(name)?.[0] ?? usual;
  return {
    node,
    tensors,
    shape,
    rank: shape.length,
    integer,
    axis: (usual) => counted(integer("axis", usual), shape.length),
    sizes(input) {
      const values = tensors[input]?.values;
      if (values == null || values.length > mostSizes)
        throw new ForeignGraph(`the size of ${node.op} is not one that an export states`);
      return values;
    },
  };
}

/** Values of tensors from which exports make sizes: of other operators none are known. */
const statedValues: { readonly [Op in OnnxOperator]?: (call: Call) => Numbers | null } = {
  Concat: ({ tensors }) => {
    const count = tensors.reduce((sum, { values }) => sum + (values?.length ?? Infinity), 0);
    return count > mostSizes ? null : tensors.flatMap(({ values }) => values!);
  },
  Identity: firstValues,
  Min: ({ tensors }) => elementwise(tensors, Math.min),
  Mul: ({ tensors }) => elementwise(tensors, (a, b) => a * b),
  ReduceMax: ({ tensors: [x] }) => (x?.values ? [largest(x.values)] : null),
  Shape: ({ shape, integer, rank }) => shape.slice(integer("start", 0), integer("end", rank)),
  Slice: ({ tensors: [x, from, to] }) => {
    if (!x?.values || from?.values?.length !== 1 || to?.values?.length !== 1) return null;
    return x.shape[0] === x.values.length ? x.values.slice(from.values[0], to.values[0]) : x.values;
  },
  Squeeze: firstValues,
  Unsqueeze: firstValues,
};

function firstValues({ tensors: [x] }: Call): Numbers | null {
  return x?.values ?? null;
}

function elementwise([a, b]: readonly Tensor[], combine: (x: number, y: number) => number): Numbers | null {
  if (!a?.values || !b?.values) return null;
  const [x, y] = [a.values, b.values];
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
    combine(x[i % x.length] ?? 1, y[i % y.length] ?? 1),
  );
}

/** Shapes of operators that do not work element by element. */
const shapes: { readonly [Op in OnnxOperator]?: (call: Call, output: number) => Numbers } = {
  ArgMax: (call) => reduced(call, [call.integer("axis", 0)]),
  Concat: ({ tensors, shape, axis }) =>
    shape.map((dim, at) => (at === axis(0) ? tensors.reduce((sum, t) => sum + (t.shape[at] ?? 1), 0) : dim)),
  Expand: ({ shape, sizes }) => broadcast([shape, sizes(1).map(Math.abs)]),
  Gather: ({ shape, axis, tensors }) => [
    ...shape.slice(0, axis(0)),
    ...(tensors[1]?.shape ?? []),
    ...shape.slice(axis(0) + 1),
  ],
  GatherElements: ({ tensors }) => tensors[1]?.shape ?? [],
  Gemm: ({ tensors: [a, b], integer }) => {
    const [rows = 1, inner = 1] = a?.shape ?? [];
    const [other = 1, columns = 1] = b?.shape ?? [];
    return [integer("transA", 0) ? inner : rows, integer("transB", 0) ? other : columns];
  },
  MatMul: ({ tensors: [a, b] }) => {
    const [left, right] = [a?.shape ?? [], b?.shape ?? []];
    const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
    return [...batch, ...left.slice(-2, -1), ...(right.length > 1 ? right.slice(-1) : [])];
  },
  Pad: ({ shape, rank, sizes }) => {
    const around = sizes(1).map(Math.abs);
    return shape.map((dim, at) => dim + (around[at] ?? 0) + (around[rank + at] ?? 0));
  },
  Range: ({ sizes }) => {
    const [from, to, step] = [0, 1, 2].map((input) => largest(sizes(input)));
    return [Math.max(0, Math.ceil((to! - from!) / step!))];
  },
  ReduceMax: (call) => reduced(call, call.node.integers.get("axes")),
  ReduceMean: (call) => reduced(call, call.node.integers.get("axes")),
  ReduceMin: (call) => reduced(call, call.node.integers.get("axes")),
  ReduceProd: (call) => reduced(call, call.node.integers.get("axes")),
  ReduceSum: (call) => reduced(call, call.tensors[1] && call.sizes(1)),
  Reshape: ({ shape, sizes }) => {
    const dims = sizes(1).map((dim, at) => (dim === 0 ? (shape[at] ?? 1) : dim));
    const rest = size(shape) / Math.max(1, size(dims.filter((dim) => dim > 0)));
    return dims.map((dim) => (dim < 0 ? Math.ceil(rest) : dim));
  },
  Shape: ({ rank }) => [rank],
  Slice: ({ shape, rank, tensors, sizes }) => {
    const [starts, ends] = [sizes(1), sizes(2)];
    const axes = tensors[3] ? sizes(3).map((axis) => counted(axis, rank)) : starts.map((_, axis) => axis);
    return shape.map((dim, axis) => {
      const at = axes.indexOf(axis);
      if (at < 0 || tensors[4]) return dim;
      const [from, to] = [starts[at] ?? 0, ends[at] ?? dim].map((place) => (place < 0 ? place + dim : place));
      return Math.max(0, Math.min(to!, dim) - Math.max(from!, 0));
    });
  },
  Split: ({ shape, axis, sizes, tensors, node }, output) => {
    const parts = tensors[1] ? sizes(1) : null;
    const part = (dim: number): number => parts?.[output] ?? Math.ceil(dim / node.outputs.length);
    return shape.map((dim, at) => (at === axis(0) ? part(dim) : dim));
  },
  Squeeze: ({ shape, rank, tensors, sizes }) => {
    const axes = tensors[1] && sizes(1).map((axis) => counted(axis, rank));
    return shape.filter((dim, at) => (axes ? !axes.includes(at) : dim !== 1));
  },
  Tile: ({ shape, sizes }) => shape.map((dim, at) => dim * Math.abs(sizes(1)[at] ?? 1)),
  Transpose: ({ shape, rank, node }) =>
    (node.integers.get("perm") ?? shape.map((_, at) => rank - 1 - at)).map((from) => shape[from] ?? 1),
  Unsqueeze: ({ shape, rank, sizes }) => {
    const axes = sizes(1);
    const places = axes.map((axis) => counted(axis, rank + axes.length));
    const rest = [...shape];
    return Array.from({ length: rank + axes.length }, (_, at) => (places.includes(at) ? 1 : (rest.shift() ?? 1)));
  },
};

function reduced({ shape, rank, integer }: Call, axes: Numbers | undefined): Numbers {
  const over = axes?.map((axis) => counted(axis, rank)) ?? shape.map((_, at) => at);
  const reducedShape = shape.map((dim, at) => (over.includes(at) ? 1 : dim));
  return integer("keepdims", 1) ? reducedShape : reducedShape.filter((_, at) => !over.includes(at));
}

function broadcast(all: readonly Numbers[]): Numbers {
  const rank = all.reduce((most, { length }) => Math.max(most, length), 0);
  return Array.from({ length: rank }, (_, at) =>
    all.reduce((most, shape) => Math.max(most, shape[shape.length - rank + at] ?? 1), 0),
  );
}

/** An axis from the front. */
function counted(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function largest(values: Numbers): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function size(shape: Numbers): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * Checks an untrusted ONNX file before it is opened: it may contain only what an export writes. Returns the rows of its
 * tables.
 */
import { Reader } from "protobufjs/minimal";
import { type OnnxOperator, onnxOperators, onnxTypes } from "../jit/onnx.js";
import { getOrMake } from "../util/growing.js";
import { clipped } from "../util/text.js";

const itemBytes = { float32: 4, int32: 4, int64: 8, bool: 1 } as const;

/** The fewest rows of the tables that an input of ids looks up, by input. @throws ForeignGraph */
export function checkedTables(bytes: Uint8Array): ReadonlyMap<string, number> {
  const graph = readModel(bytes);
  assertAffordable(graph);
  const rows = new Map<string, number>();
  for (const { op, inputs } of graph.nodes) {
    const table = op === "Gather" ? graph.constants.get(inputs[0] ?? "") : undefined;
    const input = table?.shape.length === 2 ? idsInput(inputs[1] ?? "", graph) : null;
    // The last row is for missing values.
    if (input !== null) rows.set(input, Math.min(rows.get(input) ?? Number.POSITIVE_INFINITY, table!.shape[0]! - 1));
  }
  return rows;
}

/** The graph's input from which looked-up ids come: Where(missing, row of zeros, ids), of parts of the input. */
function idsInput(name: string, { makers }: ReadGraph): string | null {
  const place: { [Op in OnnxOperator]?: number } = { Where: 2, Reshape: 0, Slice: 0, Pad: 0, GatherElements: 0 };
  let at: string | undefined = name;
  for (let steps = 0; steps <= makers.size && at !== undefined; steps++) {
    const maker = makers.get(at);
    if (maker === undefined) return at;
    const input: number | undefined = place[maker.op];
    at = input === undefined ? undefined : maker.inputs[input];
  }
  return null;
}

function readModel(bytes: Uint8Array) {
  const fields = readFields("model", bytes, [1, 7, 8]);
  const [graph, ...others] = fields.get(7) ?? [];
  if (!(graph instanceof Uint8Array) || others.length > 0) throw new ForeignGraph("no graph");
  for (const set of fields.get(8) ?? []) {
    const domain = readFields("operator set", set, [1, 2]);
    if (textIn(domain, 1) !== "") throw new ForeignGraph(`operators of "${clipped(textIn(domain, 1), 60)}"`);
  }
  const parts = readFields("graph", graph, [1, 2, 5, 11, 12]);
  const nodes = (parts.get(1) ?? []).map(readNode);
  const constants = new Map((parts.get(5) ?? []).map(readTensor));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  return { nodes, inputs: new Map((parts.get(11) ?? []).map(readInput)), makers, constants };
}

/** The name and dimensions of an input; `null` for dimensions that depend on the data. */
function readInput(bytes: Field): readonly [string, readonly (number | null)[]] {
  const fields = readFields("input", bytes, [1, 2]);
  const type = readFields("type", fields.get(2)?.[0] ?? 0, [1]);
  const tensor = readFields("type", type.get(1)?.[0] ?? 0, [1, 2]);
  const dims = readFields("shape", tensor.get(2)?.[0] ?? new Uint8Array(), [1]).get(1) ?? [];
  const numbers = dims.map((dim) => readFields("dimension", dim, [1, 2]).get(1)?.[0] ?? null);
  return [textIn(fields, 1), numbers.map((number) => (number === null ? null : Number(number)))];
}

function readNode(bytes: Field) {
  const fields = readFields("node", bytes, [1, 2, 3, 4, 5]);
  const name = textIn(fields, 4);
  const op = onnxOperators.find((operator) => operator === name);
  if (op === undefined) throw new ForeignGraph(`the operator "${clipped(name, 60)}"`);
  /** Attributes that are integers. */
  const integers = new Map<string, Numbers>();
  for (const attribute of fields.get(5) ?? []) {
    const values = readFields("attribute", attribute, [1, 2, 3, 4, 8, 20]);
    integers.set(textIn(values, 1), [...(values.get(3) ?? []), ...(values.get(8) ?? [])].map(Number));
  }
  return { op, inputs: (fields.get(1) ?? []).map(textOf), outputs: (fields.get(2) ?? []).map(textOf), integers };
}

function readTensor(bytes: Field): readonly [string, Tensor] {
  const fields = readFields("tensor", bytes, [1, 2, 8, 9]);
  const shape = (fields.get(1) ?? []).map(Number);
  const name = textIn(fields, 8);
  const type = onnxTypes.get(Number(fields.get(2)?.[0]));
  const raw = fields.get(9)?.[0] ?? new Uint8Array();
  if (type === undefined || !(raw instanceof Uint8Array)) throw new ForeignGraph(`a type of "${clipped(name, 60)}"`);
  const length = shape.reduce((product, dim) => product * dim, itemBytes[type]);
  if (!shape.every((dim) => dim >= 0) || raw.length !== length) {
    throw new ForeignGraph(`${raw.length} bytes of "${clipped(name, 60)}" with the shape [${shape.join(", ")}]`);
  }
  if (type !== "int64") return [name, { shape, values: null }];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = Array.from({ length: raw.length / 8 }, (_, at) => Number(view.getBigInt64(8 * at, true)));
  return [name, { shape, values }];
}

type Field = Uint8Array | number;

/** The fields of a message; numbers are those of varints. Refuses fields that an export does not write. */
function readFields(what: string, message: Field, exportFields: readonly number[]) {
  if (!(message instanceof Uint8Array)) throw new ForeignGraph(`a ${what} that is a number`);
  const fields = new Map<number, Field[]>();
  const reader = Reader.create(message);
  try {
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      const [field, type] = [tag >>> 3, tag & 7];
      if (!exportFields.includes(field) || ![0, 2, 5].includes(type)) throw new Error(`field ${field}`);
      // From 2^53 on, the nearest number.
      const value = type === 0 ? Number(String(reader.int64())) : type === 2 ? reader.bytes() : reader.fixed32();
      getOrMake(fields, field, () => []).push(value);
    }
  } catch (error) {
    throw new ForeignGraph(`a ${what}: ${(error as Error).message}`);
  }
  return fields;
}

function textIn(fields: ReadonlyMap<number, readonly Field[]>, field: number): string {
  return textOf(fields.get(field)?.[0] ?? new Uint8Array());
}

function textOf(field: Field): string {
  return field instanceof Uint8Array ? new TextDecoder().decode(field) : "";
}

/** A graph that an export cannot have written. */
export class ForeignGraph extends Error {}

type ReadGraph = ReturnType<typeof readModel>;
type GraphNode = ReturnType<typeof readNode>;
type Numbers = readonly number[];

interface Tensor {
  readonly shape: Numbers;
  /** Entries of a tensor that may state sizes, where data-dependent ones count as 1; `null` if unknown. */
  readonly values: Numbers | null;
}

const pieceRows = 2048;
/** Numbers per row that every graph may compute. Larger models may compute as many as they have weights. */
const fewNumbers = 2 ** 18;
/** The most entries of a list of sizes, since joining lists could double them without end. */
const mostSizes = 4096;
/** The most axes of a tensor; exports have up to four. */
const mostAxes = 16;

/**
 * Checks the cost for one row and for a piece, because the graph may combine rows with each other.
 * @throws ForeignGraph for more numbers per row than weights
 */
function assertAffordable(graph: ReadGraph): void {
  const weights = [...graph.constants.values()].reduce((sum, { shape }) => sum + size(shape), 0);
  for (const rows of [1, pieceRows]) {
    const numbers = computedNumbers(graph, rows);
    const most = rows * Math.max(fewNumbers, weights);
    if (!(numbers <= most)) throw new ForeignGraph(`tensors of ${numbers} numbers for ${rows} rows, over ${most}`);
  }
}

function computedNumbers({ nodes, constants, inputs }: ReadGraph, rows: number): number {
  const tensors = new Map(constants);
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

type Call = ReturnType<typeof callOf>;

function callOf(node: GraphNode, made: ReadonlyMap<string, Tensor>) {
  const tensors = node.inputs.map((name): Tensor => {
    const tensor = made.get(name);
    if (tensor === undefined) throw new ForeignGraph(`${node.op} reads a tensor that nothing makes`);
    return tensor;
  });
  const shape: Numbers = tensors[0]?.shape ?? [];
  const integer = (name: string, usual: number): number => node.integers.get(name)?.[0] ?? usual;
  return {
    node,
    tensors,
    shape,
    rank: shape.length,
    integer,
    axis: (usual: number) => counted(integer("axis", usual), shape.length),
    /** Numbers of an input. @throws ForeignGraph if an export does not state sizes in this way */
    sizes(input: number): Numbers {
      const values = tensors[input]?.values;
      if (values == null || values.length > mostSizes)
        throw new ForeignGraph(`the size of ${node.op} is not one that an export states`);
      return values;
    },
  };
}

/** The values of tensors from which exports make sizes, by operator; other operators' values are unknown. */
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

/** The result's shape of operators that are not elementwise. */
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

function counted(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function largest(values: Numbers): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function size(shape: Numbers): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

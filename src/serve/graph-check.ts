/** Checks an untrusted ONNX file before it is opened: it may have only what an export writes. Finds tables' rows. */
import { type OnnxOperator, onnxOperators, onnxTypes } from "../jit/onnx.js";
import { clipped } from "../util/text.js";
import { assertAffordable, ForeignGraph, type GraphNode, type GraphTensor, type ReadGraph } from "./graph-sizes.js";

const itemBytes = { float32: 4, int32: 4, int64: 8, bool: 1 } as const;

/** The fewest rows of the tables that an input of ids looks up, by input. @throws ForeignGraph */
export function checkedTables(bytes: Uint8Array): ReadonlyMap<string, number> {
  const graph = readModel(bytes);
  assertAffordable(graph);
  const rows = new Map<string, number>();
  for (const { op, inputs } of graph.nodes) {
    const table = op === "Gather" ? graph.constants.get(inputs[0] ?? "") : undefined;
    const input = table?.shape.length === 2 ? idsInput(inputs[1] ?? "", graph) : null;
    // The last row is that of missing values.
    if (input !== null) rows.set(input, Math.min(rows.get(input) ?? Number.POSITIVE_INFINITY, table!.shape[0]! - 1));
  }
  return rows;
}

/** The graph's input that looked up ids come from: Where(missing, row of zeros, ids), of parts of the input. */
function idsInput(name: string, { makers }: ReadGraph): string | null {
  const place: { readonly [Op in OnnxOperator]?: number } = {
    Where: 2,
    Reshape: 0,
    Slice: 0,
    Pad: 0,
    GatherElements: 0,
  };
  let at: string | undefined = name;
  for (let steps = 0; steps <= makers.size && at !== undefined; steps++) {
    const maker = makers.get(at);
    if (maker === undefined) return at;
    const input: number | undefined = place[maker.op];
    at = input === undefined ? undefined : maker.inputs[input];
  }
  return null;
}

function readModel(bytes: Uint8Array): ReadGraph {
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
  const inputs = new Map((parts.get(11) ?? []).map(readInput));
  return { nodes, inputs, makers, constants };
}

function readInput(bytes: Field): readonly [string, readonly (number | null)[]] {
  const fields = readFields("input", bytes, [1, 2]);
  const type = readFields("type", fields.get(2)?.[0] ?? 0, [1]);
  const tensor = readFields("type", type.get(1)?.[0] ?? 0, [1, 2]);
  const dims = readFields("shape", tensor.get(2)?.[0] ?? new Uint8Array(), [1]).get(1) ?? [];
  return [
    textIn(fields, 1),
    dims.map((dim) => {
      const number = readFields("dimension", dim, [1, 2]).get(1)?.[0];
      return number === undefined ? null : Number(number);
    }),
  ];
}

function readNode(bytes: Field): GraphNode {
  const fields = readFields("node", bytes, [1, 2, 3, 4, 5]);
  const name = textIn(fields, 4);
  const op = onnxOperators.find((operator) => operator === name);
  if (op === undefined) throw new ForeignGraph(`the operator "${clipped(name, 60)}"`);
  const integers = new Map<string, number[]>();
  for (const attribute of fields.get(5) ?? []) {
    const values = readFields("attribute", attribute, [1, 2, 3, 4, 8, 20]);
    integers.set(textIn(values, 1), [...(values.get(3) ?? []), ...(values.get(8) ?? [])].map(Number));
  }
  return { op, inputs: (fields.get(1) ?? []).map(textOf), outputs: (fields.get(2) ?? []).map(textOf), integers };
}

function readTensor(bytes: Field): readonly [string, GraphTensor] {
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
  if (type !== "int64") return [name, { shape, integers: null }];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const integers = Array.from({ length: raw.length / 8 }, (_, at) => Number(view.getBigInt64(8 * at, true)));
  return [name, { shape, integers }];
}

type Field = Uint8Array | number;

/** The fields of a message; numbers are those of varints. Refuses fields that an export does not write. */
function readFields(
  what: string,
  message: Field,
  exportFields: readonly number[],
): ReadonlyMap<number, readonly Field[]> {
  if (!(message instanceof Uint8Array)) throw new ForeignGraph(`a ${what} that is a number`);
  const fields = new Map<number, Field[]>();
  let at = 0;
  const bytes = (length: number): Uint8Array => {
    if (length < 0 || length > message.length - at) throw new ForeignGraph(`a ${what} that is cut off`);
    at += length;
    return message.subarray(at - length, at);
  };
  /** A varint as a signed 64-bit integer; from 2^53 on, the nearest number. */
  const integer = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes(1)[0]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw new ForeignGraph(`a ${what} with a number of more than 64 bits`);
  };
  while (at < message.length) {
    const tag = integer();
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    if (!exportFields.includes(field)) throw new ForeignGraph(`field ${field} of a ${what}`);
    const values = fields.get(field) ?? [];
    fields.set(field, values);
    if (type === 0) values.push(integer());
    else if (type === 2) values.push(bytes(integer()));
    else if (type === 5) values.push(bytes(4));
    else throw new ForeignGraph(`field ${field} of a ${what}`);
  }
  return fields;
}

function textIn(fields: ReadonlyMap<number, readonly Field[]>, field: number): string {
  return textOf(fields.get(field)?.[0] ?? new Uint8Array());
}

function textOf(field: Field): string {
  return field instanceof Uint8Array ? new TextDecoder().decode(field) : "";
}

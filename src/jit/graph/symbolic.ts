/** A difference between the traces that no row count explains would be silently wrong for other batches: it throws. */

import { Refusal } from "../refusal.js";
import type { Attribute, Dim, Graph, Node, SymbolicGraph, Value } from "./graph.js";

export interface Sentinel {
  readonly symbol: string;
  readonly first: number;
  readonly second: number;
}

const dimensionAttributes = new Set(["sizes", "size", "reps"]);

/** Combines two traces. @throws EngineError with the operation that uses a row count other than as a dimension. */
export function unite(first: Graph, second: Graph, sentinels: readonly Sentinel[]): SymbolicGraph {
  const dims = new DimReader(sentinels);
  const nodes: Node[] = [];
  first.values.forEach((a, i) => {
    const b = second.values[i];
    if (b === undefined) throw makeRefusal(a, controlFlow);
    const sameInputs = a.inputs.length === b.inputs.length && a.inputs.every((v, k) => v.id === b.inputs[k]?.id);
    if (a.op !== b.op || a.dtype !== b.dtype || !sameInputs || a.shape.length !== b.shape.length) {
      throw makeRefusal(a, controlFlow);
    }
    nodes.push({
      id: a.id,
      op: a.op,
      inputs: a.inputs.map((v) => nodes[v.id]!),
      attributes: uniteAttributes(a, b, dims),
      shape: a.shape.map((dim, axis) => dims.read(dim, b.shape[axis]!, a)),
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

/** The traces have the same row counts. @throws EngineError with the first operation that differs. */
export function assertRepeats(first: Graph, again: Graph): void {
  for (const [i, a] of first.values.entries()) {
    const b = again.values[i];
    const repeats =
      b !== undefined &&
      a.op === b.op &&
      a.inputs.every((v, k) => v.id === b.inputs[k]?.id) &&
      Object.entries(a.attributes).every(([name, value]) => same(value, b.attributes[name]!));
    if (!repeats) throw makeRefusal(a, "its result changes between calls: it uses JavaScript's randomness or time");
  }
}

const controlFlow = "its control flow depends on the number of rows";
const rowCounts = "compute means over rows from sums, since batches differ in size";

function makeRefusal(value: Value, reason: string, advice = ""): Refusal {
  return new Refusal(value.op === "Constant" ? "a constant" : value.op, reason, value.place, advice);
}

class DimReader {
  readonly #sentinels: readonly Sentinel[];

  constructor(sentinels: readonly Sentinel[]) {
    this.#sentinels = sentinels;
  }

  read(a: number, b: number, value: Value): Dim {
    if (a === b) return a;
    for (const { symbol, first, second } of this.#sentinels) {
      const times = a / first;
      if (Number.isInteger(times) && times * second === b) return { symbol, times };
    }
    throw makeRefusal(value, "a dimension is computed from the number of rows in a way that is not a multiple of it");
  }
}

function uniteAttributes(a: Value, b: Value, dims: DimReader): Node["attributes"] {
  const united: Record<string, Attribute | readonly Dim[]> = {};
  for (const [name, one] of Object.entries(a.attributes)) {
    const other = b.attributes[name]!;
    if (dimensionAttributes.has(name)) {
      united[name] = (one as readonly number[]).map((dim, i) => dims.read(dim, (other as readonly number[])[i]!, a));
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

export function uniformValue(values: ArrayLike<number>): number | null {
  const first = values[0];
  if (first === undefined) return 0;
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return null;
  return first;
}

function same(a: Attribute, b: Attribute): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  return a.length === b.length && Array.prototype.every.call(a, (value: number, i: number) => value === b[i]);
}

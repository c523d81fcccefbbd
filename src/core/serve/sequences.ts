/** The inputs of sequence encoders in an exported graph: sequences, queries, masks and lengths, as in engines. */
import type { Emitter } from "../jit/onnx.js";
import { type Plan, readEncoders } from "../nn/plan/plan.js";
import type { SequenceView } from "../nn/plan/sequences.js";
import { findFeature } from "../spec/feature/feature.js";
import { sequenceTable } from "../spec/sizes.js";
import type { FeatureEncoder, SequenceColumnEncoder } from "./encoder-types.js";
import { inner, type Vectors } from "./vectors.js";

export function addViewInputs(
  plan: Plan,
  view: SequenceView,
  vectors: Vectors,
  encoders: ReadonlyMap<string, FeatureEncoder>,
): void {
  const { graph } = vectors;
  const tableOf = (name: string): string => sequenceTable(findFeature(plan.spec, name)!, view.suffix)!;

  /** A feature's vectors, [rows, longest, width]: cut or padded to the first feature's length. */
  const positions = (name: string): string => {
    const { rows, several, pooling } = encoders.get(name) as SequenceColumnEncoder;
    const isNumbers = rows === null;
    const values = fitted(graph, name, longest, isNumbers || several ? 3 : 2, isNumbers);
    if (isNumbers) return values;
    return several ? vectors.pooled(values, tableOf(name), 2, pooling) : vectors.each(values, tableOf(name));
  };

  /** A feature's vector in the query, [rows, width]. Weights are ignored, as in the engine. */
  const query = (name: string): string => {
    const encoder = encoders.get(name)!;
    if (encoder.kind === "values") return name;
    const ids = view.firstOnly.includes(name) ? firstIds(vectors, name) : name;
    return vectors.pooled(ids, tableOf(name), 1, encoder.kind === "ids" ? encoder.pooling : "sum");
  };

  const { length } = encoders.get(view.sequence[0]!) as SequenceColumnEncoder;
  const longest = addLengths(graph, plan, view, length!);
  const joined = graph.emit("Concat", view.sequence.map(positions), { axis: 2 });
  graph.node(`${inner}sequence.${view.name}`, "Reshape", [joined, graph.integers([-1, view.width])]);
  if (view.queryWidth > 0) graph.node(`${inner}query.${view.name}`, "Concat", view.query.map(query), { axis: 1 });
}

/** Adds lengths, mask and windows. Returns the number of positions of the longest row, at least 1, [1]. */
function addLengths(graph: Emitter, plan: Plan, view: SequenceView, length: string): string {
  const whole = graph.emit("Unsqueeze", [length, graph.integers([1])]);
  const cut = view.maxLength === 0 ? whole : graph.emit("Min", [whole, graph.integers([view.maxLength])]);
  graph.node(`${inner}length.${view.name}.whole`, "Cast", [whole], { to: 1 });
  graph.node(`${inner}length.${view.name}`, "Cast", [cut], { to: 1 });
  const flat = graph.emit("Squeeze", [cut, graph.integers([1])]);
  const atLeastOne = graph.emit("Concat", [flat, graph.integers([1])], { axis: 0 });
  const longest = graph.emit("ReduceMax", [atLeastOne], { keepdims: 1 });
  const [zero, step] = [graph.scalar(0, "int64"), graph.scalar(1, "int64")];
  const range = graph.emit("Range", [zero, graph.emit("Squeeze", [longest]), step]);
  graph.node(`${inner}mask.${view.name}`, "Cast", [graph.emit("Less", [range, cut])], { to: 1 });
  addWindows(graph, plan, view, range);
  return longest;
}

/** [windows, longest] of each encoder: 1 where a position belongs to a window. */
function addWindows(graph: Emitter, plan: Plan, read: SequenceView, range: string): void {
  for (const { name, encoder, view } of readEncoders(plan)) {
    if (encoder.kind !== "multi_window_din" || view.name !== read.name) continue;
    const { windows } = encoder;
    const ends = windows.map((_, window) => windows.slice(0, window + 1).reduce((sum, size) => sum + size, 0));
    const starts = ends.map((end, window) => end - windows[window]!);
    const column = (places: readonly number[]) => graph.constant("int64", [windows.length, 1], places);
    const after = graph.emit("GreaterOrEqual", [range, column(starts)]);
    const before = graph.emit("Less", [range, column(ends)]);
    graph.node(`${inner}windows.${name}`, "Cast", [graph.emit("And", [after, before])], { to: 1 });
  }
}

function fitted(graph: Emitter, name: string, longest: string, rank: number, isNumbers: boolean): string {
  const before = graph.integers(new Array<number>(rank + 1).fill(0));
  const after = rank === 3 ? [graph.integers([0])] : [];
  const sizes = graph.emit("Concat", [before, longest, ...after], { axis: 0 });
  const padding = isNumbers ? graph.scalar(0) : graph.scalar(-1, "int64");
  const padded = graph.emit("Pad", [name, sizes, padding]);
  return graph.emit("Slice", [padded, graph.integers([0]), longest, graph.integers([1])]);
}

/** The first id of each row that is not −1, [rows, 1]. */
function firstIds(vectors: Vectors, name: string): string {
  const place = vectors.graph.emit("ArgMax", [vectors.present(name)], { axis: 1, keepdims: 1 });
  return vectors.graph.emit("GatherElements", [name, place], { axis: 1 });
}

/** The inputs of sequence encoders in an exported graph: sequences, queries, masks and lengths, as engines make them. */

import type { Weights } from "../engine/engine.js";
import type { Emitter } from "../jit/onnx.js";
import { type Plan, readEncoders } from "../nn/plan/plan.js";
import type { SequenceView } from "../nn/plan/sequences.js";
import { type FeatureSpec, findFeature, type Pooling } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { sequenceTable, tableSizes } from "../spec/sizes.js";
import { getOrMake } from "../util/growing.js";
import type { FeatureEncoder, SequenceColumnEncoder } from "./encoder-types.js";

export class ViewInputs {
  constructor(
    readonly plan: Plan,
    readonly view: SequenceView,
    readonly vectors: Vectors,
    readonly encoders: ReadonlyMap<string, FeatureEncoder>,
  ) {}

  add(): void {
    const { view } = this;
    const { graph } = this.vectors;
    const longest = this.#addLengths();
    const positions = view.sequence.map((name) => this.#positions(name, longest));
    const joined = graph.emit("Concat", positions, { axis: 2 });
    graph.node(`${inner}sequence.${view.name}`, "Reshape", [joined, graph.integers([-1, view.width])]);
    if (view.queryWidth === 0) return;
    const query = view.query.map((name) => this.#query(name));
    graph.node(`${inner}query.${view.name}`, "Concat", query, { axis: 1 });
  }

  /** Lengths, mask and windows. Returns the longest row's number of positions, at least 1, [1]. */
  #addLengths(): string {
    const { view } = this;
    const { graph } = this.vectors;
    const first = this.encoders.get(view.sequence[0]!) as SequenceColumnEncoder;
    const whole = graph.emit("Unsqueeze", [first.length!, graph.integers([1])]);
    const cut = view.maxLength === 0 ? whole : graph.emit("Min", [whole, graph.integers([view.maxLength])]);
    graph.node(`${inner}length.${view.name}.whole`, "Cast", [whole], { to: 1 });
    graph.node(`${inner}length.${view.name}`, "Cast", [cut], { to: 1 });
    const flat = graph.emit("Squeeze", [cut, graph.integers([1])]);
    const atLeastOne = graph.emit("Concat", [flat, graph.integers([1])], { axis: 0 });
    const longest = graph.emit("ReduceMax", [atLeastOne], { keepdims: 1 });
    const [zero, step] = [graph.scalar(0, "int64"), graph.scalar(1, "int64")];
    const range = graph.emit("Range", [zero, graph.emit("Squeeze", [longest]), step]);
    graph.node(`${inner}mask.${view.name}`, "Cast", [graph.emit("Less", [range, cut])], { to: 1 });
    this.#addWindows(range);
    return longest;
  }

  /** [windows, longest] of each encoder: 1 where a position belongs to a window. */
  #addWindows(range: string): void {
    const { graph } = this.vectors;
    for (const { name, encoder, view } of readEncoders(this.plan)) {
      if (encoder.kind !== "multi_window_din" || view.name !== this.view.name) continue;
      const { windows } = encoder;
      const ends = windows.map((_, window) => windows.slice(0, window + 1).reduce((sum, size) => sum + size, 0));
      const starts = ends.map((end, window) => end - windows[window]!);
      const column = (places: readonly number[]) => graph.constant("int64", [windows.length, 1], places);
      const after = graph.emit("GreaterOrEqual", [range, column(starts)]);
      const before = graph.emit("Less", [range, column(ends)]);
      graph.node(`${inner}windows.${name}`, "Cast", [graph.emit("And", [after, before])], { to: 1 });
    }
  }

  /** A feature's vectors, [rows, longest, width]: cut or padded to the first feature's length. */
  #positions(name: string, longest: string): string {
    const { rows, several, pooling } = this.encoders.get(name) as SequenceColumnEncoder;
    const isNumbers = rows === null;
    const fitted = this.#fitted(name, longest, isNumbers || several ? 3 : 2, isNumbers);
    if (isNumbers) return fitted;
    const table = this.#table(name);
    return several ? this.vectors.pooled(fitted, table, 2, pooling) : this.vectors.each(fitted, table);
  }

  #fitted(name: string, longest: string, rank: number, isNumbers: boolean): string {
    const { graph } = this.vectors;
    const before = graph.integers(new Array<number>(rank + 1).fill(0));
    const after = rank === 3 ? [graph.integers([0])] : [];
    const sizes = graph.emit("Concat", [before, longest, ...after], { axis: 0 });
    const padding = isNumbers ? graph.scalar(0) : graph.scalar(-1, "int64");
    const padded = graph.emit("Pad", [name, sizes, padding]);
    return graph.emit("Slice", [padded, graph.integers([0]), longest, graph.integers([1])]);
  }

  /** A feature's vector in the query, [rows, width]. Weights are ignored, as in the engine. */
  #query(name: string): string {
    const encoder = this.encoders.get(name)!;
    if (encoder.kind === "values") return name;
    const ids = this.view.firstOnly.includes(name) ? this.#first(name) : name;
    return this.vectors.pooled(ids, this.#table(name), 1, encoder.kind === "ids" ? encoder.pooling : "sum");
  }

  /** The first id of each row that is not −1, [rows, 1]. */
  #first(name: string): string {
    const { graph } = this.vectors;
    const place = graph.emit("ArgMax", [this.vectors.present(name)], { axis: 1, keepdims: 1 });
    return graph.emit("GatherElements", [name, place], { axis: 1 });
  }

  #table(name: string): string {
    const feature: FeatureSpec = findFeature(this.plan.spec, name)!;
    return sequenceTable(feature, this.view.suffix)!;
  }
}

/** Rows of embedding tables, looked up and pooled: the nodes that features share. */

/** Prefix of all names between inputs and outputs, so that features may have any name. */
export const inner = "pepnet/";

interface GraphTable {
  /** With a row of zeros at its end. */
  readonly name: string;
  readonly none: string;
}

/** Adds look-ups to a graph; each table once. Ids are names of tensors, in which −1 is no value. */
export class Vectors {
  readonly #missing = new Map<string, string>();
  readonly #tables = new Map<string, GraphTable>();
  readonly #parameters: ReadonlyMap<string, string>;

  constructor(
    readonly graph: Emitter,
    spec: ModelSpec,
    readonly weights: Weights,
  ) {
    this.#parameters = new Map(tableSizes(spec).map(({ table, parameter }) => [table, parameter]));
  }

  /** @param table its unique name in the model */
  each(ids: string, table: string): string {
    const { name, none } = this.#table(table);
    const rows = this.graph.emit("Where", [this.#missingIn(ids), none, ids]);
    return this.graph.emit("Gather", [name, rows], { axis: 0 });
  }

  /** The sum or mean of ids along an axis. A mean counts ids, not weights. @param weights like `ids`; `null`: none */
  pooled(ids: string, table: string, axis: number, pooling: Pooling, weights: string | null = null): string {
    const { graph } = this;
    const total = (values: string) => graph.emit("ReduceSum", [values, graph.integers([axis])], { keepdims: 0 });
    const column = (values: string) => graph.emit("Unsqueeze", [values, graph.integers([-1])]);
    const vectors = this.each(ids, table);
    const sum = total(weights === null ? vectors : graph.emit("Mul", [vectors, column(weights)]));
    if (pooling === "sum") return sum;
    return graph.emit("Div", [sum, column(graph.emit("Max", [total(this.present(ids)), graph.scalar(1)]))]);
  }

  /** 1 for ids, 0 for none, as float32. */
  present(ids: string): string {
    return this.graph.emit("Cast", [this.graph.emit("Not", [this.#missingIn(ids)])], { to: 1 });
  }

  #missingIn(ids: string): string {
    return getOrMake(this.#missing, ids, () => this.graph.emit("Less", [ids, this.graph.scalar(0, "int64")]));
  }

  #table(table: string): GraphTable {
    return getOrMake(this.#tables, table, () => {
      const name = this.#parameters.get(table)!;
      const { shape, data } = this.weights.get(name)!;
      const [rows, dim] = shape as readonly [number, number];
      const longer = new Float32Array((rows + 1) * dim);
      longer.set(data);
      this.graph.tensor(name, "float32", [rows + 1, dim], longer);
      return { name, none: this.graph.scalar(rows, "int64") };
    });
  }
}

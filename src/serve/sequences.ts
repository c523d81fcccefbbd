/** The inputs of sequence encoders in an exported graph: sequences, queries, masks and lengths, as engines make them. */
import { type Plan, readEncoders } from "../nn/plan/plan.js";
import type { SequenceView } from "../nn/plan/sequences.js";
import { findFeature } from "../spec/feature/feature.js";
import { sequenceTable } from "../spec/sizes.js";
import type { FeatureEncoder, SequenceColumnEncoder } from "./encoder-types.js";
import { inner, type Vectors } from "./vectors.js";

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
    return sequenceTable(findFeature(this.plan.spec, name)!, this.view.suffix)!;
  }
}

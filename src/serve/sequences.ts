/** The inputs of sequence encoders in an exported graph: sequences, queries, masks and lengths, as engines make them. */

import { readEncoders } from "../nn/plan/names.js";
import type { Plan } from "../nn/plan/plan.js";
import type { SequenceView } from "../nn/plan/sequences.js";
import { type FeatureSpec, findFeature } from "../spec/feature/feature.js";
import { sequenceTable } from "../spec/sizes.js";
import type { FeatureEncoder, SequenceColumnEncoder } from "./encoder-types.js";
import { inner, type Parts, type Vectors } from "./vectors.js";

export class ViewInputs {
  readonly #parts: Parts;
  readonly #root: string;

  constructor(
    readonly plan: Plan,
    readonly view: SequenceView,
    readonly vectors: Vectors,
    readonly encoders: ReadonlyMap<string, FeatureEncoder>,
  ) {
    this.#parts = vectors.parts;
    this.#root = `pepnet.view${view.name}`;
  }

  add(): void {
    const { view } = this;
    const longest = this.#addLengths();
    const positions = view.sequence.map((name) => this.#positions(name, longest));
    const joined = this.#parts.node(`${this.#root}.joined`, "Concat", positions, { axis: 2 });
    const shape = this.#parts.integers(`${this.#root}.flat`, [2], [-1, view.width]);
    this.#parts.node(`${inner}sequence.${view.name}`, "Reshape", [joined, shape]);
    if (view.queryWidth === 0) return;
    const query = view.query.map((name) => this.#query(name));
    this.#parts.node(`${inner}query.${view.name}`, "Concat", query, { axis: 1 });
  }

  /** Lengths, mask and windows. Returns the longest row's number of positions, at least 1, [1]. */
  #addLengths(): string {
    const { view, vectors } = this;
    const parts = this.#parts;
    const at = (step: string): string => `${this.#root}.${step}`;
    const first = this.encoders.get(view.sequence[0]!) as SequenceColumnEncoder;
    const one = parts.integers(at("one"), [1], [1]);
    const whole = parts.node(at("whole"), "Unsqueeze", [first.length!, vectors.axis(1)]);
    const cut =
      view.maxLength === 0
        ? whole
        : parts.node(at("cut"), "Min", [whole, parts.integers(at("most"), [1], [view.maxLength])]);
    parts.node(`${inner}length.${view.name}.whole`, "Cast", [whole], { to: 1 });
    parts.node(`${inner}length.${view.name}`, "Cast", [cut], { to: 1 });
    const flat = parts.node(at("lengths"), "Squeeze", [cut, vectors.axis(1)]);
    const atLeastOne = parts.node(at("atLeastOne"), "Concat", [flat, one], { axis: 0 });
    const longest = parts.node(at("longest"), "ReduceMax", [atLeastOne], { keepdims: 1 });
    const scalar = parts.node(at("longestScalar"), "Squeeze", [longest]);
    const [zero, step] = [parts.integers(at("zero"), [], [0]), parts.integers(at("step"), [], [1])];
    const range = parts.node(at("range"), "Range", [zero, scalar, step]);
    const inside = parts.node(at("inside"), "Less", [range, cut]);
    parts.node(`${inner}mask.${view.name}`, "Cast", [inside], { to: 1 });
    this.#addWindows(range);
    return longest;
  }

  /** [windows, longest] of each encoder: 1 where a position belongs to a window. */
  #addWindows(range: string): void {
    for (const { name, encoder, view } of readEncoders(this.plan)) {
      if (encoder.kind !== "multi_window_din" || view.name !== this.view.name) continue;
      const parts = this.#parts;
      const at = (step: string): string => `${this.#root}.windows${name}.${step}`;
      const { windows } = encoder;
      const ends = windows.map((_, window) => windows.slice(0, window + 1).reduce((sum, size) => sum + size, 0));
      const starts = ends.map((end, window) => end - windows[window]!);
      const shape = [windows.length, 1];
      const after = parts.node(at("after"), "GreaterOrEqual", [range, parts.integers(at("starts"), shape, starts)]);
      const before = parts.node(at("before"), "Less", [range, parts.integers(at("ends"), shape, ends)]);
      parts.node(`${inner}windows.${name}`, "Cast", [parts.node(at("inside"), "And", [after, before])], { to: 1 });
    }
  }

  /** A feature's vectors, [rows, longest, width]: cut or padded to the first feature's length. */
  #positions(name: string, longest: string): string {
    const { vectors } = this;
    const encoder = this.encoders.get(name) as SequenceColumnEncoder;
    const prefix = `${this.#root}.sequence/${name}`;
    const isNumbers = encoder.rows === null;
    const fitted = this.#fitted(name, prefix, longest, isNumbers || encoder.several ? 3 : 2, isNumbers);
    if (isNumbers) return fitted;
    const look = { ids: fitted, table: this.#table(name), prefix };
    return encoder.several ? vectors.pooled(look, 2, encoder.pooling) : vectors.each(look);
  }

  #fitted(name: string, prefix: string, longest: string, rank: number, isNumbers: boolean): string {
    const parts = this.#parts;
    const at = (step: string): string => `${prefix}.${step}`;
    const before = parts.integers(at("before"), [rank + 1], new Array<number>(rank + 1).fill(0));
    const after = rank === 3 ? [parts.integers(at("after"), [1], [0])] : [];
    const sizes = parts.node(at("sizes"), "Concat", [before, longest, ...after], { axis: 0 });
    const padding = isNumbers
      ? parts.floats(at("padding"), [], Float32Array.of(0))
      : parts.integers(at("padding"), [], [-1]);
    const padded = parts.node(at("padded"), "Pad", [name, sizes, padding]);
    const start = parts.integers(at("start"), [1], [0]);
    return parts.node(at("fitted"), "Slice", [padded, start, longest, this.vectors.axis(1)]);
  }

  /** A feature's vector in the query, [rows, width]. Weights are ignored, as in the engine. */
  #query(name: string): string {
    const { view, vectors } = this;
    const encoder = this.encoders.get(name)!;
    if (encoder.kind === "values") return name;
    const prefix = `${this.#root}.query/${name}`;
    const ids = view.firstOnly.includes(name) ? this.#first(name, prefix) : name;
    const pooling = encoder.kind === "ids" ? encoder.pooling : "sum";
    return vectors.pooled({ ids, table: this.#table(name), prefix }, 1, pooling);
  }

  /** The first id of each row that is not −1, [rows, 1]. */
  #first(name: string, prefix: string): string {
    const parts = this.#parts;
    const at = (step: string): string => `${prefix}.first.${step}`;
    const missing = this.vectors.missing({ ids: name, prefix: `${prefix}.first` });
    const present = parts.node(at("present"), "Cast", [parts.node(at("not"), "Not", [missing])], { to: 1 });
    const place = parts.node(at("place"), "ArgMax", [present], { axis: 1, keepdims: 1 });
    return parts.node(at("ids"), "GatherElements", [name, place], { axis: 1 });
  }

  #table(name: string): string {
    const feature: FeatureSpec = findFeature(this.plan.spec, name)!;
    return sequenceTable(feature, this.view.suffix)!;
  }
}

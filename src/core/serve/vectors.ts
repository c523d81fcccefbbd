/** Look-ups of embeddings in an exported graph. */
import type { Weights } from "../engine/engine.js";
import type { Emitter } from "../jit/onnx.js";
import type { Pooling } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { tableSizes } from "../spec/sizes.js";
import { getOrMake } from "../util/growing.js";

/** Prefix of all names between inputs and outputs, so that features may have any name. */
export const inner = "pepnet/";

/** Adds look-ups to a graph; each table once. Ids are names of tensors, in which −1 is no value. */
export class Vectors {
  readonly #missing = new Map<string, string>();
  /** The tensor of a table, with a row of zeros at its end, and the number of that row. */
  readonly #tables = new Map<string, { readonly name: string; readonly none: string }>();
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

  #table(table: string) {
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

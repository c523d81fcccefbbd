/**
 * The inputs of a program by name: parameters, inputs, scalars, and row counts by domain.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../../errors/index.js";

/** The named tensors and row counts of one run. */
export class Feeds {
  /** Tensors that a layer outputs in addition to its result (batch statistics), by name. */
  readonly left: Map<string, tf.Tensor> = new Map();
  readonly #tensors: ReadonlyMap<string, tf.Tensor>;
  readonly #sizes: ReadonlyMap<string, readonly number[]>;

  constructor(tensors: ReadonlyMap<string, tf.Tensor>, sizes: ReadonlyMap<string, readonly number[]>) {
    this.#tensors = tensors;
    this.#sizes = sizes;
  }

  /** @throws EngineError if the input is missing. */
  tensor<T extends tf.Tensor = tf.Tensor>(name: string): T {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw missing(name);
    return tensor as T;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Row counts per domain, of rows sorted by domain. */
  sizes(name: string): readonly number[] {
    const counts = this.#sizes.get(name);
    if (counts === undefined) throw missing(name);
    return counts;
  }
}

function missing(name: string): EngineError {
  return new EngineError({ path: `program.${name}`, message: "missing input of the program" });
}

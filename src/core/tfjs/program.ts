/** Programs of TF.js, and the information needed to compile them for any number of rows. */
import type * as tf from "@tensorflow/tfjs-core";

/** Named tensors and row counts in, named tensors out; the caller disposes of the outputs. */
export type Program = (
  tensors: ReadonlyMap<string, tf.Tensor>,
  sizes: ReadonlyMap<string, readonly number[]>,
) => Map<string, tf.Tensor>;

/** One input; a symbol represents a row count that differs from batch to batch. */
export interface ProgramInput {
  readonly name: string;
  readonly dtype: "float32" | "int32" | "bool";
  readonly shape: readonly (number | string)[];
  /** Whether it depends only on the rows and their labels, so that variants of a model share it. */
  readonly ofRows?: boolean;
  /** Its gradient may be the output `grad:{name}`. */
  readonly isParameter?: boolean;
}

/** The input with all parameters, and the output with their gradients: each array costs a run microseconds. */
export const flatName = "parameters";

/** Row counts by domain, which add up to `total`; the compiled program reads them from an int64 input. */
export interface ProgramSizes {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly total: string;
}

/** A count that is the product of others: positions = rows × longest. */
export interface ProgramProduct {
  readonly symbol: string;
  readonly factors: readonly [string, string];
}

export interface ProgramSignature {
  readonly inputs: readonly ProgramInput[];
  readonly sizes?: readonly ProgramSizes[];
  readonly products?: readonly ProgramProduct[];
}

/** Batches: rows in file order or shuffled anew each epoch, the same for the same seed and epoch, from any batch on. */
import { permutation, random } from "../util/random.js";
import { type Batch, type EncodedData, sharedInts } from "./encoded.js";

/** How rows are cut into batches. */
export interface BatchOptions {
  readonly batchSize: number;
  /** Shuffle rows (not only batches). Default: `false`. */
  readonly shuffle?: boolean;
  /** Default: 1. */
  readonly seed?: number;
  /** Each epoch has its own order. Default: 0. */
  readonly epoch?: number;
  /** Leave out a last batch that is not full. Default: `false`. */
  readonly dropRemainder?: boolean;
  /** First batch to give, for resumption inside an epoch. Default: 0. */
  readonly start?: number;
}

/** Batches in one epoch. */
export function batchCount(rows: number, options: Pick<BatchOptions, "batchSize" | "dropRemainder">): number {
  return options.dropRemainder ? Math.floor(rows / options.batchSize) : Math.ceil(rows / options.batchSize);
}

/** The order of rows in an epoch, [rows]. */
export function rowOrder(rows: number, options: Pick<BatchOptions, "shuffle" | "seed" | "epoch">): Int32Array {
  const order = sharedInts(rows);
  if (options.shuffle) order.set(permutation(rows, random(options.seed ?? 1).fork(`epoch ${options.epoch ?? 0}`)));
  else for (let row = 0; row < rows; row++) order[row] = row;
  return order;
}

/**
 * One epoch's batches. The order depends on the seed and the epoch alone, so batch 7 of epoch 2 can be had again.
 *
 * @example
 * for (const batch of batches(data, { batchSize: 1024, shuffle: true, seed: 7, epoch })) await engine.step(batch, epoch);
 */
export function* batches(data: EncodedData, options: BatchOptions): Generator<Batch> {
  const order = rowOrder(data.rows, options);
  const count = batchCount(data.rows, options);
  for (let index = options.start ?? 0; index < count; index++) {
    const start = index * options.batchSize;
    yield { data, rows: order.subarray(start, Math.min(start + options.batchSize, data.rows)) };
  }
}

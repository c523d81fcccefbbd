/**
 * Batches of rows, in file order or shuffled anew in each epoch, reproducible from seed and epoch, starting at any
 * batch.
 */

import { encodedBytes } from "../stored/layout.js";
import type { RowBuffer } from "../stored/row-buffer.js";
import { type Batch, type EncodedData, sharedInts } from "./encoded.js";
import { type EncodedRows, isStreamed, type StreamedData } from "./streamed.js";
import { type EpochOrder, epochOrder, windowRows } from "./windows.js";

/** How to split rows into batches. */
export interface BatchOptions {
  /** Rows per batch; the last one of an epoch may have fewer. */
  readonly batchSize: number;
  /** Shuffle rows (not only batches). Default: `false`. */
  readonly shuffle?: boolean;
  /** Seed of the shuffle. Default: 1. */
  readonly seed?: number;
  /** Each epoch has a different order. Default: 0. */
  readonly epoch?: number;
  /** Drop a last batch that is not full. Default: `false`. */
  readonly dropRemainder?: boolean;
  /** First batch, to resume inside an epoch. Default: 0. */
  readonly start?: number;
}

/** Number of batches in one epoch. */
export function batchCount(rows: number, options: Pick<BatchOptions, "batchSize" | "dropRemainder">): number {
  return options.dropRemainder ? Math.floor(rows / options.batchSize) : Math.ceil(rows / options.batchSize);
}

/**
 * Returns one epoch's batches of rows in memory. The order depends only on the seed and the epoch, so batch 7 of
 * epoch 2 can be reproduced.
 * @example
 * for (const batch of batches(data, { batchSize: 1024, shuffle: true, seed: 7, epoch })) await engine.step(batch, epoch);
 */
export function* batches(data: EncodedData, options: BatchOptions): Generator<Batch> {
  const plan = planWindows(data, options, encodedBytes(data) / Math.max(1, data.rows));
  for (let window = plan.first; window < plan.order.windows; window++) {
    const rows = rowsInMemory(plan.order, window);
    for (const [start, end] of plan.cuts(window, rows.length)) yield { data, rows: rows.subarray(start, end) };
  }
}

/**
 * Returns one epoch's batches, the same for rows in memory and on disk. Rows on disk are read ahead; a batch is
 * valid until the second window after its own begins.
 */
export async function* trainingBatches(data: EncodedRows, options: BatchOptions): AsyncGenerator<Batch> {
  if (!isStreamed(data)) yield* batches(data, options);
  else yield* streamedBatches(data, options);
}

async function* streamedBatches(data: StreamedData, options: BatchOptions): AsyncGenerator<Batch> {
  const plan = planWindows(data, options, data.bytesPerRow);
  const { order, first } = plan;
  const buffers: RowBuffer[] = [];
  const load = (window: number): Promise<EncodedData> | null => {
    if (window >= order.windows) return null;
    const place = window % 3;
    const buffer = buffers[place] ?? data.buffer(Math.min(plan.windowRows, data.rows));
    buffers[place] = buffer;
    const loaded = data.read(order.ranges(window), buffer);
    loaded.catch(() => undefined); // rejects when it is awaited
    return loaded;
  };
  let next = load(first);
  try {
    for (let window = first; next !== null; window++) {
      const part = await next;
      next = load(window + 1);
      const rows = order.order(window);
      for (const [start, end] of plan.cuts(window, rows.length)) yield { data: part, rows: rows.subarray(start, end) };
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

/** Rows `start` … of the data, as a batch. */
export interface OrderedBatch {
  readonly batch: Batch;
  readonly start: number;
}

/** Returns all rows in order, in batches. */
export async function* batchesInOrder(data: EncodedRows, batchSize: number): AsyncGenerator<OrderedBatch> {
  let start = 0;
  for await (const batch of trainingBatches(data, { batchSize })) {
    yield { batch, start };
    start += batch.rows.length;
  }
}

interface WindowPlan {
  readonly order: EpochOrder;
  readonly windowRows: number;
  /** The first window needed. */
  readonly first: number;
  /** The range of the needed batches within a window. */
  cuts(window: number, rows: number): Generator<readonly [start: number, end: number]>;
}

function planWindows(data: EncodedRows, options: BatchOptions, bytesPerRow: number): WindowPlan {
  const { batchSize, start = 0 } = options;
  const size = windowRows(bytesPerRow, batchSize);
  const perWindow = size / batchSize;
  const count = batchCount(data.rows, options);
  const order = epochOrder(data.rows, { ...options, windowRows: size });
  return {
    order,
    windowRows: size,
    first: start < count ? Math.floor(start / perWindow) : order.windows,
    *cuts(window, rows) {
      const first = Math.max(start - window * perWindow, 0);
      const end = Math.min(count - window * perWindow, perWindow);
      for (let index = first; index < end; index++) {
        yield [index * batchSize, Math.min((index + 1) * batchSize, rows)];
      }
    },
  };
}

/** The row numbers of a window, in its order. */
function rowsInMemory(order: EpochOrder, window: number): Int32Array {
  const ranges = order.ranges(window);
  const places = order.order(window);
  const [only] = ranges;
  if (ranges.length === 1 && only?.[0] === 0) return places;
  const rows = new Int32Array(places.length);
  let filled = 0;
  for (const [start, count] of ranges) for (let row = start; row < start + count; row++) rows[filled++] = row;
  const ordered = sharedInts(places.length);
  for (let place = 0; place < places.length; place++) ordered[place] = rows[places[place]!]!;
  return ordered;
}

/** Cuts encoded rows into batches, in an order that depends on the seed and the epoch only. */
import { sharedInts } from "../../util/called-thread.js";
import { permutation, random } from "../../util/random.js";
import type { RowRange } from "../block-file.js";
import { blockRows, encodedBytes, type RowBuffer } from "../row-buffer.js";
import type { BagColumn, Batch, EncodedData } from "./encoded.js";
import { type EncodedRows, isStreamed, type StreamedData } from "./streamed.js";

/** Many rows are shuffled in windows of neighbouring runs: a file is read once per epoch, and any batch can be had. */

const mostRows = 1 << 18;
const mostBytes = 1 << 26;
const fewestRows = 1 << 12;

/** Rows per window: whole batches, so that no batch needs two windows. @param bytesPerRow bytes of an encoded row */
export function windowRows(bytesPerRow: number, batchSize: number): number {
  let rows = mostRows;
  while (rows > fewestRows && rows * bytesPerRow > mostBytes) rows /= 2;
  return Math.max(1, Math.floor(rows / batchSize)) * batchSize;
}

export interface EpochOrder {
  readonly windows: number;
  /** The rows of a window, as ranges in reading order. */
  ranges(window: number): RowRange[];
  /** For each position in a window, the index of its row (counted through the ranges), [rows of the window]. */
  order(window: number): Int32Array;
}

export function epochOrder(
  rows: number,
  { shuffle = false, seed = 1, epoch = 0, windowRows: size }: OrderOptions,
): EpochOrder {
  const windows = Math.max(1, Math.ceil(rows / size));
  const windowRows = (window: number): number => Math.min(size, rows - window * size);
  const source = random(seed).fork(`epoch ${epoch}`);
  const runs = shuffle && windows > 1 ? permutation(Math.ceil(rows / blockRows), source.fork("runs")) : null;
  const short = runs === null ? -1 : runs.indexOf(runs.length - 1);
  return {
    windows,
    ranges(window) {
      const start = window * size;
      return runs === null
        ? [[start, windowRows(window)]]
        : runRanges(runs, short, rows, start, start + windowRows(window));
    },
    order(window) {
      const order = sharedInts(windowRows(window));
      if (shuffle) order.set(permutation(order.length, windows === 1 ? source : source.fork(`window ${window}`)));
      else for (let row = 0; row < order.length; row++) order[row] = row;
      return order;
    },
  };
}

/** The rows at positions `from` … `to − 1` of the concatenated runs; the last run of the data may be `short`. */
function runRanges(runs: Int32Array, short: number, rows: number, from: number, to: number): RowRange[] {
  const missing = runs.length * blockRows - rows;
  const ranges: RowRange[] = [];
  // Positions after the short run are shifted by its missing rows.
  const runStart = (run: number): number => run * blockRows - (run > short ? missing : 0);
  let run = Math.floor(from / blockRows);
  while (run + 1 < runs.length && runStart(run + 1) <= from) run++;
  for (; run < runs.length && runStart(run) < to; run++) {
    const place = runStart(run);
    const first = Math.max(from, place);
    const last = Math.min(to, run + 1 < runs.length ? runStart(run + 1) : rows);
    if (last > first) ranges.push([runs[run]! * blockRows + first - place, last - first]);
  }
  return ranges;
}

/** How to split rows into batches. */
export interface BatchOptions {
  /** Rows per batch; the last one of an epoch may have fewer. */
  readonly batchSize: number;
  /** Shuffle rows (not only batches). Default: `false`. */
  readonly shuffle?: boolean;
  readonly seed?: number;
  /** Each epoch has a different order. Default: 0. */
  readonly epoch?: number;
  /** Drop a last batch that is not full. Default: `false`. */
  readonly dropRemainder?: boolean;
  /** First batch, to resume inside an epoch. Default: 0. */
  readonly start?: number;
}

type OrderOptions = Pick<BatchOptions, "shuffle" | "seed" | "epoch"> & { readonly windowRows: number };

export function batchCount(rows: number, options: Pick<BatchOptions, "batchSize" | "dropRemainder">): number {
  return options.dropRemainder ? Math.floor(rows / options.batchSize) : Math.ceil(rows / options.batchSize);
}

/** One epoch's batches of rows in memory, reproducible from seed and epoch. */
export function* batches(data: EncodedData, options: BatchOptions): Generator<Batch> {
  const plan = planWindows(data, options, encodedBytes(data) / Math.max(1, data.rows));
  for (let window = plan.first; window < plan.order.windows; window++) {
    const rows = rowsInMemory(plan.order, window);
    for (const [start, end] of plan.cuts(window, rows.length)) yield { data, rows: rows.subarray(start, end) };
  }
}

/**
 * Like {@link batches}, for rows in memory or on disk. A batch is valid until the second window after its own begins.
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

/** Yields runs of consecutive batches of the same data. @param endsAt whether a run of this length is complete */
export async function* batchRuns(
  each: AsyncIterable<Batch>,
  endsAt: (batches: number) => boolean,
): AsyncGenerator<readonly Batch[]> {
  let run: Batch[] = [];
  for await (const batch of each) {
    if (run.length > 0 && run[0]!.data !== batch.data) {
      yield run;
      run = [];
    }
    run.push(batch);
    if (!endsAt(run.length)) continue;
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
}

export async function* batchesInOrder(
  data: EncodedRows,
  batchSize: number,
): AsyncGenerator<{ readonly batch: Batch; readonly start: number }> {
  let start = 0;
  for await (const batch of trainingBatches(data, { batchSize })) {
    yield { batch, start };
    start += batch.rows.length;
  }
}

function planWindows(data: EncodedRows, options: BatchOptions, bytesPerRow: number) {
  const { batchSize, start = 0 } = options;
  const size = windowRows(bytesPerRow, batchSize);
  const perWindow = size / batchSize;
  const count = batchCount(data.rows, options);
  const order = epochOrder(data.rows, { ...options, windowRows: size });
  return {
    order,
    windowRows: size,
    first: start < count ? Math.floor(start / perWindow) : order.windows,
    *cuts(window: number, rows: number): Generator<readonly [start: number, end: number]> {
      const first = Math.max(start - window * perWindow, 0);
      const end = Math.min(count - window * perWindow, perWindow);
      for (let index = first; index < end; index++) {
        yield [index * batchSize, Math.min((index + 1) * batchSize, rows)];
      }
    },
  };
}

function rowsInMemory(order: EpochOrder, window: number): Int32Array {
  const ranges = order.ranges(window);
  const places = order.order(window);
  const [only] = ranges;
  if (ranges.length === 1 && only?.[0] === 0) return places;
  const rows = new Int32Array(places.length);
  let filled = 0;
  for (const [start, count] of ranges) for (let row = start; row < start + count; row++) rows[filled++] = row;
  return sharedInts(places.map((place) => rows[place]!));
}

/**
 * The values at each position of a row's sequence.
 * @param width of each position; `null`: ids up to a −1 that ends it
 */
export function sequencePositions(
  { offsets, ids, weights }: BagColumn,
  row: number,
  width: number | null,
): ArrayLike<number>[] {
  const positions: ArrayLike<number>[] = [];
  for (let at = offsets[row]!; at < offsets[row + 1]!; ) {
    const end = width === null ? ids.indexOf(-1, at) : at + width;
    positions.push((weights ?? ids).subarray(at, end));
    at = width === null ? end + 1 : end;
  }
  return positions;
}

/**
 * The order of rows in an epoch, the same for rows in memory and on disk. Up to some 260,000 rows are shuffled
 * completely. More rows are split into *windows*: runs of 32 neighbouring rows are put in a random order over the
 * whole data, the runs of a window are read, and its rows are shuffled completely. So a batch of 2,048 rows comes
 * from about 2,000 places of the file, and the file is read once per epoch. The order depends only on the seed, the
 * epoch and the window: any batch of any epoch can be reproduced without the earlier ones.
 */
import { permutation, random } from "../../util/random.js";
import type { RowRange } from "../stored/block-file.js";
import { blockRows } from "../stored/layout.js";
import { sharedInts } from "./encoded.js";

/** The number of rows in a window, unless rows are very wide. */
const mostRows = 1 << 18;
const mostBytes = 1 << 26;
const fewestRows = 1 << 12;

/** Rows per window: whole batches, so that no batch needs two windows. @param bytesPerRow of the encoded data */
export function windowRows(bytesPerRow: number, batchSize: number): number {
  let rows = mostRows;
  while (rows > fewestRows && rows * bytesPerRow > mostBytes) rows /= 2;
  return Math.max(1, Math.floor(rows / batchSize)) * batchSize;
}

/** The parameters of an order. */
export interface OrderOptions {
  readonly shuffle?: boolean;
  /** Seed of the shuffle. Default: 1. */
  readonly seed?: number;
  /** Default: 0. */
  readonly epoch?: number;
  /** The result of {@link windowRows}. */
  readonly windowRows: number;
}

/** The order of rows in an epoch, window by window. */
export interface EpochOrder {
  readonly windows: number;
  /** The rows of a window, as ranges in reading order. */
  ranges(window: number): RowRange[];
  /** For each position in a window, the index of its row (counted through the ranges), [rows of the window]. */
  order(window: number): Int32Array;
}

/** The order of `rows` rows. */
export function epochOrder(rows: number, options: OrderOptions): EpochOrder {
  const { shuffle = false, seed = 1, epoch = 0, windowRows: size } = options;
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

/** Estimates the memory of encoded rows during training. */
import { blockRows } from "../row-buffer.js";
import { windowRows } from "./batches.js";
import { heldBytes } from "./encoded-rows.js";

/** Windows in memory at once if rows are read from disk: the next, the current and the previous one. */
const windowsHeld = 3;

/**
 * Bytes with the default settings of `encodedRows`: all rows if they are small, else some windows; plus their order.
 * @param bytesPerRow of the encoded data
 */
export function trainingDataBytes(rows: number, bytesPerRow: number, batchSize: number): number {
  const window = Math.min(rows, windowRows(bytesPerRow, batchSize));
  const order = 4 * (window + rows / blockRows);
  if (rows * bytesPerRow <= heldBytes()) return rows * bytesPerRow + order;
  return windowsHeld * window * bytesPerRow + order;
}

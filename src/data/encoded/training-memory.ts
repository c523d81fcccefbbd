/** What encoded rows take of memory while a model is trained on them. */

import { blockRows } from "../stored/layout.js";
import { heldBytes } from "./encoded-rows.js";
import { windowRows } from "./windows.js";

/** Windows that are in memory at once, where rows are read from disk: being read, being trained on, and just left. */
const windowsHeld = 3;

/**
 * Bytes, as `encodedRows` keeps rows by default: all of them where they are small, else some windows; and their order.
 *
 * @param bytesPerRow of the encoded data
 */
export function trainingDataBytes(rows: number, bytesPerRow: number, batchSize: number): number {
  const window = Math.min(rows, windowRows(bytesPerRow, batchSize));
  const order = 4 * (window + rows / blockRows);
  if (rows * bytesPerRow <= heldBytes()) return rows * bytesPerRow + order;
  return windowsHeld * window * bytesPerRow + order;
}

/** Estimates the time and memory of encoding. */
import type { ModelSpec } from "../../spec/model.js";
import { type EntryWriter, writePrivateEntry } from "../cache-folder.js";
import { encodeParts } from "../encode/encode.js";
import { planEncoding } from "../encode/plan.js";
import { blockRows, encodedBytes } from "../row-buffer.js";
import type { Table } from "../table/table.js";
import { windowRows } from "./batches.js";
import { heldBytes } from "./encoded-rows.js";

/** Seconds of encoding that are measured, after the first part. */
const measuredSeconds = 1;

/** Seconds to encode this number of rows, and to write them if `encodedRows` would; the first part takes longer. */
export async function encodingSeconds(table: Table, spec: ModelSpec, rows: number): Promise<number> {
  const isNamed = (await table.version()) !== null;
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let first: { readonly rows: number; readonly seconds: number } | null = null;
  let done = 0;
  let file: EntryWriter | null = null;
  // A temporary file that cannot be written takes no time, since training does without it, too.
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch {
      file?.discard();
      file = null;
    }
  };
  try {
    for await (const { encoded: part } of encodeParts(planEncoding(table, spec))) {
      const isStored = isNamed || (encodedBytes(part) / part.rows) * rows > heldBytes();
      attempt(() => {
        if (done === 0 && isStored) file = writePrivateEntry();
        file?.writer.append(part);
      });
      done += part.rows;
      first ??= { rows: done, seconds: elapsed() };
      if (elapsed() - first.seconds > measuredSeconds) break;
    }
  } finally {
    (file as EntryWriter | null)?.discard();
  }
  if (first === null || done === 0) return 0;
  if (rows <= first.rows) return (first.seconds * rows) / first.rows;
  const perRow = done > first.rows ? (elapsed() - first.seconds) / (done - first.rows) : first.seconds / first.rows;
  return first.seconds + perRow * (rows - first.rows);
}

/** Windows in memory at once if rows are read from disk: the next, the current and the previous one. */
const windowsHeld = 3;

/** Bytes with the defaults of `encodedRows`: all rows if they are few, else some windows; plus their order. */
export function trainingDataBytes(rows: number, bytesPerRow: number, batchSize: number): number {
  const window = Math.min(rows, windowRows(bytesPerRow, batchSize));
  const order = 4 * (window + rows / blockRows);
  if (rows * bytesPerRow <= heldBytes()) return rows * bytesPerRow + order;
  return windowsHeld * window * bytesPerRow + order;
}

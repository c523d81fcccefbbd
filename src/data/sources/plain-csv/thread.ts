/** A thread that reads the lines of plain CSV files; see `threads.ts`. */
import { closeSync, openSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { LineRange } from "./lines.js";
import { type LineFormat, type LinesRead, readLines } from "./read-lines.js";

/** Lines to read. */
export interface Task {
  readonly range: LineRange;
  readonly format: LineFormat;
}

/** To the thread. */
export interface Call {
  readonly id: number;
  readonly task: Task;
}

/** From the thread. */
export type Reply = { readonly id: number } & ({ readonly read: LinesRead } | { readonly failure: string });

function read({ range, format }: Task): LinesRead {
  const handle = openSync(range.file, "r");
  try {
    return readLines(handle, range, format);
  } finally {
    closeSync(handle);
  }
}

parentPort?.on("message", ({ id, task }: Call) => {
  try {
    parentPort?.postMessage({ id, read: read(task) } satisfies Reply);
  } catch (error) {
    parentPort?.postMessage({ id, failure: error instanceof Error ? error.message : String(error) } satisfies Reply);
  }
});

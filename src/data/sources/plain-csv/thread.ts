/** A thread that reads the lines of plain CSV files; see `threads.ts`. */
import { closeSync, openSync } from "node:fs";
import { serveCalls } from "../../../util/threads/called-thread.js";
import type { LineRange } from "./lines.js";
import { type LineFormat, type LinesRead, readLines } from "./read-lines.js";

/** Lines to read. */
export interface Task {
  readonly range: LineRange;
  readonly format: LineFormat;
}

function read({ range, format }: Task): LinesRead {
  const handle = openSync(range.file, "r");
  try {
    return readLines(handle, range, format);
  } finally {
    closeSync(handle);
  }
}

serveCalls(read, (error) => (error instanceof Error ? error.message : String(error)));

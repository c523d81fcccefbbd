/**
 * A worker thread that scans and reads the lines of plain CSV files; see `threads.ts`.
 */
import { closeSync, openSync } from "node:fs";
import { serveCalls } from "../../../util/threads/called-thread.js";
import { type LineRange, type LineShape, type Scanned, type Span, scanSpan } from "./lines.js";
import { type LineFormat, type LinesRead, readLines } from "./read-lines.js";

/** Lines to scan. */
export interface ScanTask {
  readonly span: Span;
  readonly shape: LineShape;
}

/** Lines to read. */
export interface ReadTask {
  readonly range: LineRange;
  readonly format: LineFormat;
}

function answer(task: ScanTask | ReadTask): Scanned | LinesRead {
  const handle = openSync("span" in task ? task.span.file : task.range.file, "r");
  try {
    return "span" in task ? scanSpan(handle, task.span, task.shape) : readLines(handle, task.range, task.format);
  } finally {
    closeSync(handle);
  }
}

serveCalls(answer, (error) => (error instanceof Error ? error.message : String(error)));

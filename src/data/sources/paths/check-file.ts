/**
 * Detects files with invalid content for their name, before DuckDB reads them.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Problem } from "../../../errors/index.js";
import type { Format } from "./format.js";

/** Problems that DuckDB would report without a fix. */
export function checkFile(file: string, format: Format): Problem[] {
  const size = statSync(file).size;
  if (size === 0) return [{ path: file, message: "the file is empty (0 bytes)", fix: "write it again, or remove it" }];
  if (format !== "parquet") return [];
  const starts = readBytes(file, 0, 4);
  if (starts !== "PAR1") {
    return [
      {
        path: file,
        message: "not a Parquet file",
        received: `${size} bytes that start with ${JSON.stringify(starts)}`,
        expected: 'bytes that start and end with "PAR1"',
        fix: "if it is text, rename it to end in .csv or .tsv",
      },
    ];
  }
  if (readBytes(file, size - 4, 4) !== "PAR1") {
    return [
      {
        path: file,
        message: "the Parquet file is truncated",
        received: `${size} bytes that do not end with "PAR1"`,
        fix: "copy or write the file again",
      },
    ];
  }
  return [];
}

function readBytes(file: string, position: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, "r");
  try {
    return bytes.toString("latin1", 0, readSync(handle, bytes, 0, length, Math.max(0, position)));
  } finally {
    closeSync(handle);
  }
}

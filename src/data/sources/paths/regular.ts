/** Regular files: what else a path may name (a folder, a device, a FIFO) cannot be read to its end. */
import { closeSync, openSync, readSync, statSync } from "node:fs";

/** Whether a path names a regular file, or a link to one. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The first bytes of a regular file. */
export function readFirst(path: string, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const handle = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(handle, bytes, 0, count, 0));
  } finally {
    closeSync(handle);
  }
}

/**
 * Checks for regular files: other paths (a folder, a device, a FIFO) cannot be read to their end.
 */
import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { DataError } from "../../../errors/index.js";

/** Whether a path names a regular file, or a link to one. */
export function isFile(path: string): boolean {
  return tryStat(path)?.isFile() === true;
}

/** `null`: nothing exists at the path. Throws a DataError if that cannot be determined. */
export function tryStat(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ERR_INVALID_ARG_VALUE" || code === "ENAMETOOLONG")
      return null;
    throw new DataError({ path, message: "cannot be read", received: message }, { cause: error });
  }
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

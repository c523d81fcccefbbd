/**
 * Checks that paths are local files, and that DuckDB can open them by name.
 */
import { DataError } from "../../../errors/index.js";

/** @throws DataError for an address such as `https://…` or `s3://…`: this library does not use the network */
export function assertLocal(path: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return;
  throw new DataError({
    path,
    message: "only local files are read and written",
    received: "an address",
    expected: "a path of this machine",
    fix: /^file:/i.test(path) ? "remove file://" : "download the file first, or upload the written file",
  });
}

/**
 * DuckDB treats a backslash next to `*`, `?` or `[` as a folder separator, on every system.
 * @throws DataError for the name of a file that contains both
 */
export function assertNameable(file: string): void {
  if (process.platform === "win32" || !file.includes("\\") || !/[*?[]/.test(file)) return;
  throw new DataError({
    path: file,
    message: "a file name with a backslash and one of * ? [ cannot be opened",
    fix: "rename the file or its folder",
  });
}

/** Which paths are files of this machine, and which of them DuckDB can open by name. */
import { DataError } from "../../../errors/index.js";

/** @throws DataError for an address such as `https://…` or `s3://…`: nothing goes over the network */
export function assertLocal(path: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return;
  throw new DataError({
    path,
    message: "only local files are read and written",
    received: "an address",
    expected: "a path of this machine",
    fix: /^file:/i.test(path) ? "leave file:// out" : "download the file first, or upload what was written",
  });
}

/**
 * DuckDB reads a backslash beside `*`, `?` or `[` as a separator of folders, on every system.
 * @throws DataError for the name of a file that has both
 */
export function assertNameable(file: string): void {
  if (process.platform === "win32" || !file.includes("\\") || !/[*?[]/.test(file)) return;
  throw new DataError({
    path: file,
    message: "a file whose name has a backslash and one of * ? [ cannot be opened",
    fix: "rename the file or its folder",
  });
}

/**
 * Checks the target path of a file to write.
 */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DataError } from "../../errors/index.js";
import { bytesAt } from "../../util/atomic/cache-files.js";
import { kindOfFile } from "../../util/files/read-whole.js";
import { shellPath } from "../../util/text/code-text.js";
import { assertLocal } from "./paths.js";

/** First bytes of a Parquet file. */
const parquetMagic = "PAR1";

/** Throws a DataError if no file can be written to a path: its folder is missing, or something else exists there. */
export function assertTarget(path: string): void {
  assertLocal(path);
  const folder = dirname(resolve(path));
  if (tryStat(folder)?.isDirectory() !== true) {
    throw new DataError({
      path,
      message: "cannot be written: its folder does not exist",
      received: folder,
      fix: `create the folder (mkdir -p ${shellPath(folder)}), or choose another one`,
    });
  }
  const stats = tryStat(resolve(path));
  if (stats === null || (stats.isFile() && isReplaceable(path, stats.size))) return;
  if (stats.isFile()) {
    throw new DataError({
      path,
      message: "cannot be written: a file exists there that is not Parquet, and it would be replaced",
      expected: "the path of a new file, or of a Parquet file to replace",
      fix: "choose another path, or move the file elsewhere",
    });
  }
  throw new DataError({
    path: path === "" ? '""' : path,
    message: "cannot be written: not a regular file",
    received: kindOfFile(stats),
    expected: "the path of a new file, or of a file to replace",
  });
}

function isReplaceable(path: string, size: number): boolean {
  return size === 0 || bytesAt(path, 0, parquetMagic.length).toString("latin1") === parquetMagic;
}

/** `null`: nothing exists at the path. */
function tryStat(path: string) {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Runs a file write; converts failures to a DataError with the path. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  assertTarget(path);
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const message = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new DataError({ path, message: `cannot be written: ${message}` }, { cause: error });
  }
}

/** Columns to a Parquet file, beside its place first, so that a reader never sees half of one. */
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ColumnInfo, RawColumn } from "../data/index.js";
import { writeParquet } from "../data/sources/parquet.js";
import { DataError } from "../errors/index.js";

/** Writes them, and the folders on the way. Throws a DataError where a name comes twice or nothing can be written. */
export async function writeColumns(
  file: string,
  columns: readonly ColumnInfo[],
  raw: ReadonlyMap<string, RawColumn>,
): Promise<void> {
  const names = columns.map((column) => column.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const fix = "leave it out of --reserve";
    throw new DataError({ path: `column "${twice}"`, message: "this column would come twice in the output", fix });
  }
  const fresh = `${file}.writing-${process.pid}`;
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    await writeParquet(columns, raw, fresh);
    await rename(fresh, file);
  } catch (cause) {
    await rm(fresh, { force: true });
    const received = (cause as Error).message;
    const fix = "check the folder's rights and the free space";
    throw new DataError({ path: file, message: "cannot write the predictions", received, fix }, { cause });
  }
}

/**
 * Determines the format of files by their names.
 */
import { basename } from "node:path";
import { DataError } from "../../../errors/index.js";
import { fixFor } from "../delimited/dialect.js";

/** The format of a file. */
export type Format = "parquet" | "csv";

const parquetName = /\.(parquet|pq)$/i;
const textName = /\.(csv|tsv|txt)(\.gz|\.zst)?$/i;

/** The format of all files. @param isCsv set by the caller: then names do not matter */
export async function formatOf(files: readonly string[], isCsv: boolean): Promise<Format> {
  const formats = new Set<Format>();
  for (const file of files) formats.add(await formatOfFile(file, isCsv));
  if (formats.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "Parquet and CSV files cannot be read as one table",
      fix: "open each format separately",
    });
  }
  return [...formats][0]!;
}

async function formatOfFile(file: string, isCsv: boolean): Promise<Format> {
  if (parquetName.test(file)) return "parquet";
  if (isCsv || textName.test(file)) return "csv";
  const fix = await fixFor(file).catch(() => null);
  throw new DataError({
    path: file,
    message: "the file's name does not show its format",
    received: basename(file),
    expected: "a name that ends in .parquet, .csv, .tsv or .txt",
    fix: fix === null ? "rename the file" : `if it is text: ${fix}`,
  });
}

/** How files hold their rows, by their names. */
import { basename } from "node:path";
import { DataError } from "../../../errors/index.js";

/** How a file holds its rows. */
export type Format = "parquet" | "csv";

const parquetName = /\.(parquet|pq)$/i;
const textName = /\.(csv|tsv|txt)(\.gz|\.zst)?$/i;

/** The format of all files. @param isCsv whether the caller says so: then names do not matter */
export function formatOf(files: readonly string[], isCsv: boolean): Format {
  const formats = new Set(files.map((file) => formatOfFile(file, isCsv)));
  if (formats.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "Parquet and CSV files cannot be read as one table",
      fix: "open them one by one",
    });
  }
  return [...formats][0] as Format;
}

function formatOfFile(file: string, isCsv: boolean): Format {
  if (parquetName.test(file)) return "parquet";
  if (isCsv || textName.test(file)) return "csv";
  throw new DataError({
    path: file,
    message: "the file's name does not say what it is",
    received: basename(file),
    expected: "a name that ends in .parquet, .csv, .tsv or .txt",
    fix: "rename the file, or read it by SQL: { sql: \"select * from read_csv('…')\" }",
  });
}

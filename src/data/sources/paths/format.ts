/**
 * Determines the format of files by their names.
 */
import { basename } from "node:path";
import { DataError } from "../../../errors/index.js";
import { fixFor } from "../delimited/dialect.js";

/** The format of a file. */
export type Format = "parquet" | "csv" | "json" | "arrow";

const names: Readonly<Record<Format, RegExp>> = {
  parquet: /\.(parquet|pq)$/i,
  json: /\.(jsonl|ndjson|json)(\.gz|\.zst)?$/i,
  arrow: /\.(arrow|arrows|feather|ipc)$/i,
  csv: /\.(csv|tsv|txt|dat|data)(\.gz|\.zst)?$/i,
};

/** The format of all files. @param isCsv set by the caller: then names do not matter */
export async function detectFormat(files: readonly string[], isCsv: boolean): Promise<Format> {
  const formats = new Set<Format>();
  for (const file of files) formats.add(await formatOfFile(file, isCsv));
  if (formats.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "files of different formats cannot be read as one table",
      received: [...formats].join(", "),
      fix: "open each format separately",
    });
  }
  return [...formats][0]!;
}

async function formatOfFile(file: string, isCsv: boolean): Promise<Format> {
  const namedFormat = (Object.keys(names) as Format[]).find((format) => names[format].test(file));
  if (namedFormat !== undefined || isCsv) return namedFormat ?? "csv";
  const fix = await fixFor(file).catch(() => null);
  throw new DataError({
    path: file,
    message: "the file's name does not show its format",
    received: basename(file),
    expected: "a name that ends in .parquet, .csv, .tsv, .txt, .dat, .data, .jsonl or .arrow",
    fix: fix === null ? "rename the file" : `if it is text: ${fix}`,
  });
}

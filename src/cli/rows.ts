/** Rows on the command line: paths as TorchEasyRec takes them, relative to where the command runs. */
import { existsSync } from "node:fs";
import type { Dataset } from "../api/index.js";
import type { DataWarning, EncodedRows } from "../data/index.js";
import type { ModelSpec } from "../spec/index.js";
import { type CsvChoice, csvChoice } from "./csv-options.js";
import type { Log } from "./log.js";

/** Opens a path, glob, folder, or several with commas between; a file whose name has commas is one file. */
export async function openRows(paths: string, csv: CsvChoice = {}): Promise<Dataset> {
  const { dataset } = await import("../api/index.js");
  const list = existsSync(paths) ? [paths] : paths.split(",").map((path) => path.trim());
  // A command may read CSV and Parquet: the options are about the CSV files.
  const options = list.every((path) => /\.(parquet|pq)$/i.test(path)) ? {} : csvChoice(csv);
  return dataset(list.length === 1 ? (list[0] as string) : list, options);
}

/** Rows as a model reads them; counted warnings are noted. */
export async function encodeRows(paths: string, spec: ModelSpec, log: Log, csv: CsvChoice = {}): Promise<EncodedRows> {
  const opened = await openRows(paths, csv);
  const data = await opened.encode(spec);
  for (const note of [...opened.notes, ...(data.notes ?? [])]) log.note(`${paths}: ${note}`);
  noteWarnings(paths, data.warnings, log);
  return data;
}

/** Notes what was counted in rows. */
export function noteWarnings(paths: string, warnings: readonly DataWarning[], log: Log): void {
  for (const { column, message, rows } of warnings) log.note(`${paths}, column "${column}": ${message} (${rows} rows)`);
}

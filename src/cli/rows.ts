/** Rows on the command line: paths as TorchEasyRec takes them, relative to where the command runs. */
import { existsSync } from "node:fs";
import type { Dataset } from "../api/index.js";
import type { DataWarning, EncodedRows } from "../data/index.js";
import type { ModelSpec } from "../spec/index.js";
import type { Log } from "./log.js";

/** Opens a path, glob, folder, or several with commas between; a file whose name has commas is one file. */
export async function openRows(paths: string): Promise<Dataset> {
  const { dataset } = await import("../api/index.js");
  if (existsSync(paths)) return dataset(paths);
  const list = paths.split(",").map((path) => path.trim());
  return dataset(list.length === 1 ? (list[0] as string) : list);
}

/** Rows as a model reads them; counted warnings are noted. */
export async function encodeRows(paths: string, spec: ModelSpec, log: Log): Promise<EncodedRows> {
  const data = await (await openRows(paths)).encode(spec);
  for (const note of data.notes ?? []) log.note(`${paths}: ${note}`);
  noteWarnings(paths, data.warnings, log);
  return data;
}

/** Notes what was counted in rows. */
export function noteWarnings(paths: string, warnings: readonly DataWarning[], log: Log): void {
  for (const { column, message, rows } of warnings) log.note(`${paths}, column "${column}": ${message} (${rows} rows)`);
}

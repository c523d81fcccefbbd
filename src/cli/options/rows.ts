/** Rows on the command line: paths in TorchEasyRec's format, relative to the current folder. */
import { existsSync } from "node:fs";
import type { Dataset } from "../../api/index.js";
import type { Pipeline } from "../../api/pipeline/index.js";
import { ConfigError } from "../../errors/index.js";
import { type CsvChoice, csvChoice } from "./csv.js";

/** A path, glob, folder, or several separated by commas; an existing file with commas in its name is one file. */
function pathList(paths: string): string | readonly string[] {
  if (existsSync(paths)) return paths;
  const list = paths.split(",").map((path) => path.trim());
  return list.length === 1 ? list[0]! : list;
}

/** Opens the rows. */
export async function openRows(paths: string, csv: CsvChoice = {}): Promise<Dataset> {
  const { dataset } = await import("../../api/index.js");
  const list = pathList(paths);
  // A command may read CSV and Parquet: the options are about the CSV files.
  const isParquet = [list].flat().every((path) => /\.(parquet|pq)$/i.test(path));
  return dataset(list, isParquet ? {} : csvChoice(csv));
}

/**
 * A required text field of a config. Throws a ConfigError if it is empty.
 * @param option the option that overrides it
 */
export function requiredText(config: Pipeline, field: string, option: string): string {
  const text = config.text(field);
  if (text !== null) return text;
  throw new ConfigError({
    path: `${config.file}: ${field}`,
    message: "is empty in the config",
    expected: "a path",
    fix: `set ${option}`,
  });
}

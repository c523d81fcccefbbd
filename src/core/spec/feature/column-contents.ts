/** TorchEasyRec's `fg_mode`: which preprocessing the data columns already contain. */
import type { ModelSpec } from "../model.js";

/**
 * The content of data columns.
 * - `inputs`: the inputs of features; a column is named by a feature's expression (`FG_NORMAL`, `FG_DAG`, and every
 *   model that is built here).
 * - `values`: computed features that are not yet hashed, looked up or bucketized; a column is named after its
 *   feature (`FG_BUCKETIZE`).
 * - `rows`: table rows, or final numbers; a column is named after its feature (`FG_NONE`).
 */
export type ColumnContents = "inputs" | "values" | "rows";

export function contentsOfMode(mode: unknown): ColumnContents {
  if (mode === "FG_NONE") return "rows";
  return mode === "FG_BUCKETIZE" ? "values" : "inputs";
}

/** The content of the columns that a spec reads, according to its opened config. */
export function columnContents({ extra }: Pick<ModelSpec, "extra">): ColumnContents {
  const data = extra["data_config"] ?? extra["dataConfig"];
  if (typeof data !== "object" || data === null || Array.isArray(data)) return "inputs";
  const fields = data as Readonly<Record<string, unknown>>;
  return contentsOfMode(fields["fg_mode"] ?? fields["fgMode"]);
}

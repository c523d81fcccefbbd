/** TorchEasyRec's `fg_mode`: how far the columns of the data are from what the model takes. */
import type { ModelSpec } from "../model.js";

/**
 * What columns hold.
 *
 * - `inputs`: what features are computed from; a column is named by a feature's expression (`FG_NORMAL`, `FG_DAG`, and
 *   every model that is built here).
 * - `values`: computed features, which are still hashed, looked up or cut into rows of their tables; a column is named
 *   after its feature (`FG_BUCKETIZE`).
 * - `rows`: rows of the tables, or final numbers; a column is named after its feature (`FG_NONE`).
 */
export type ColumnContents = "inputs" | "values" | "rows";

/** What the columns of a `fg_mode` hold. */
export function contentsOfMode(mode: unknown): ColumnContents {
  if (mode === "FG_NONE") return "rows";
  return mode === "FG_BUCKETIZE" ? "values" : "inputs";
}

/** What the columns hold that a spec reads, as its opened config says. */
export function columnContents({ extra }: Pick<ModelSpec, "extra">): ColumnContents {
  const data = extra["data_config"] ?? extra["dataConfig"];
  if (typeof data !== "object" || data === null || Array.isArray(data)) return "inputs";
  const fields = data as Readonly<Record<string, unknown>>;
  return contentsOfMode(fields["fg_mode"] ?? fields["fgMode"]);
}

/** Fits the features of a model to rows. */
import { type ModelSpec, needsFit } from "../../../spec/index.js";
import type { DatasetSource } from "../dataset.js";
import { dataset } from "../open.js";

/**
 * Returns the spec with fitted features; a spec without features to fit is returned unchanged, and the rows are not
 * opened. Throws a DataError that lists every column that is missing, constant or without values.
 */
export async function fittedSpec(spec: ModelSpec, rows: DatasetSource): Promise<ModelSpec> {
  if (!spec.features.some(needsFit)) return spec;
  const { table } = await dataset(rows);
  const { fitFeatures } = await import("../../../data/index.js");
  return fitFeatures(spec, table);
}

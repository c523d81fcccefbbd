/** Computes the input description of custom layers. */

import type { LayerInput } from "./layer.js";
import type { ModelSpec } from "./model.js";
import { groupParts } from "./sizes.js";

/** The input of a model's custom layers. */
export function layerInput(spec: ModelSpec): LayerInput {
  const parts = groupParts(spec, "all") ?? [];
  const fields = parts.map(({ name: feature, start, width }) => ({ feature, start, width }));
  return { width: fields.reduce((sum, { width }) => sum + width, 0), fields };
}

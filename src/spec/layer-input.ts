/** What the layers of a model are fed. */
import { featureWidth } from "./feature.js";
import { findFeature } from "./find-feature.js";
import type { LayerField, LayerInput } from "./layer.js";
import { groupFeatures, type ModelSpec } from "./model.js";

/** The input of a model's layers. */
export function layerInput(spec: ModelSpec): LayerInput {
  let start = 0;
  const fields = (groupFeatures(spec, "all") ?? []).map((name): LayerField => {
    const feature = findFeature(spec, name);
    const width = feature === undefined || feature.kind === "other" ? 0 : featureWidth(feature);
    start += width;
    return { feature: name, start: start - width, width };
  });
  return { width: start, fields };
}

/**
 * Computes the input description of custom layers.
 */
import { featureWidth } from "../feature/feature.js";
import { findFeature } from "../feature/find-feature.js";
import { groupFeatures, type ModelSpec } from "../model.js";
import type { LayerField, LayerInput } from "./layer.js";

/** The input of a model's custom layers. */
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

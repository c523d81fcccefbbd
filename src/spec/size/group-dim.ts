/**
 * Computes the width of a group's input.
 */
import { featureWidth } from "../feature/feature.js";
import type { GroupName, ModelSpec } from "../model.js";
import { groupFeatures } from "../model.js";

/** The width of a group's input: the sum of its features' widths; `null` if the group is missing. */
export function groupDim(spec: ModelSpec, name: GroupName): number | null {
  const names = groupFeatures(spec, name);
  if (names === null) return null;
  const widths = new Map(spec.features.map((feature) => [feature.name, featureWidth(feature)]));
  return names.reduce((sum, feature) => sum + (widths.get(feature) ?? 0), 0);
}

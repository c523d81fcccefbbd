/**
 * Finds a feature by name through an index: a model with ten thousand features needs as many look-ups.
 */

import type { FeatureSpec } from "./feature.js";

const indices = new WeakMap<readonly FeatureSpec[], ReadonlyMap<string, FeatureSpec>>();

/** The first feature of this name. */
export function findFeature(
  { features }: { readonly features: readonly FeatureSpec[] },
  name: string,
): FeatureSpec | undefined {
  let index = indices.get(features);
  if (index === undefined) {
    index = new Map([...features].reverse().map((feature) => [feature.name, feature]));
    indices.set(features, index);
  }
  return index.get(name);
}

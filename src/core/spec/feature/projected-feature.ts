/** Features whose numbers have a learned embedding, and the arrays that it trains. */
import { groupedFeatures, type ModelSpec } from "../model.js";
import type { FeatureSpec, NumberProjection, RawFeatureSpec } from "./feature.js";

export type ProjectedFeature = RawFeatureSpec & {
  readonly projection: NumberProjection;
  readonly embeddingDim: number;
};

/** Whether a feature has a learned embedding of its numbers. Sequences and buckets ignore it, as in TorchEasyRec. */
export function isProjected(feature: FeatureSpec): feature is ProjectedFeature {
  return feature.kind === "raw" && feature.projection !== undefined && feature.embeddingDim !== null;
}

export interface ProjectionArray {
  /** TorchEasyRec's name. */
  readonly name: "meta_emb" | "proj_w" | "proj_m";
  readonly shape: readonly number[];
  /** Standard deviation of the normal distribution of initial values. */
  readonly deviation: number;
}

/** The trained arrays of a feature, in TorchEasyRec's order. */
export function projectionArrays({ projection, valueDim, embeddingDim }: ProjectedFeature): readonly ProjectionArray[] {
  if (projection.kind === "mlp") {
    const shape = valueDim === 1 ? [embeddingDim] : [valueDim, embeddingDim];
    return [{ name: "proj_w", shape, deviation: Math.sqrt(2 / (valueDim + embeddingDim)) }];
  }
  const { channels } = projection;
  return [
    { name: "meta_emb", shape: [channels, embeddingDim], deviation: 1 },
    { name: "proj_w", shape: [channels], deviation: Math.sqrt(2 / (1 + channels)) },
    { name: "proj_m", shape: [channels, channels], deviation: Math.sqrt(1 / channels) },
  ];
}

/** The features of groups whose numbers have a learned embedding, each once, in the order of their declaration. */
export function projectedFeatures(spec: ModelSpec): readonly ProjectedFeature[] {
  const read = groupedFeatures(spec);
  return spec.features.filter(isProjected).filter(({ name }) => read.has(name));
}

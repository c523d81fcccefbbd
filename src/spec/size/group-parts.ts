/**
 * The parts of a group's input: its features, then its sequence encoders.
 */
import { type FeatureSpec, featureWidth } from "../feature/feature.js";
import { findFeature } from "../feature/find-feature.js";
import { type EncoderPart, encoderParts } from "../feature/sequence/encoder-part.js";
import { type GroupName, groupFeatures, type ModelSpec } from "../model.js";

/** A contiguous range of columns of a group's input. */
export interface GroupPart {
  /** The feature's name, or the encoder's (`clicks: din`). */
  readonly name: string;
  /** First column. */
  readonly start: number;
  readonly width: number;
  /** `null` for an encoder, or for an unknown feature. */
  readonly feature: FeatureSpec | null;
  /** `null` for a feature. */
  readonly encoder: EncoderPart | null;
}

/** The parts of a group, in the order of their columns; `null` if the group is missing. */
export function groupParts(spec: ModelSpec, name: GroupName): readonly GroupPart[] | null {
  const features = groupFeatures(spec, name);
  if (features === null) return null;
  let start = 0;
  const part = (each: Omit<GroupPart, "start">): GroupPart => {
    start += each.width;
    return { ...each, start: start - each.width };
  };
  return [
    ...features.map((each) => {
      const feature = findFeature(spec, each) ?? null;
      return part({ name: each, width: feature === null ? 0 : featureWidth(feature), feature, encoder: null });
    }),
    ...encoderParts(spec, name).map((encoder) =>
      part({ name: encoder.name, width: encoder.width, feature: null, encoder }),
    ),
  ];
}

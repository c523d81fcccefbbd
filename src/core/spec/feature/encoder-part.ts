/** Sequence encoders with their features and widths: the parts of a group that follow its features. */

import { sum } from "../../util/numbers.js";
import { everyGroup, type GroupName, type ModelSpec } from "../model.js";
import { type FeatureSpec, featureWidth, findFeature, isSequence } from "./feature.js";
import type { SequenceEncoderSpec, SequenceGroupSpec } from "./sequence.js";

export interface SequenceInput {
  readonly name: string;
  /** Suffix of its tables; `""`: none. */
  readonly suffix: string;
  readonly query: readonly FeatureSpec[];
  /** Features of the sequence, in order; the first one determines lengths. */
  readonly sequence: readonly FeatureSpec[];
  readonly queryWidth: number;
  readonly width: number;
}

export interface EncoderPart {
  /** The name in texts: `clicks: din`. */
  readonly name: string;
  readonly group: GroupName;
  readonly index: number;
  readonly encoder: SequenceEncoderSpec;
  readonly input: SequenceInput;
  /** Number of columns that it adds to the group. */
  readonly width: number;
}

/** The encoders of a group, in order. An encoder without its sequence group is left out. */
export function encoderParts(spec: Pick<ModelSpec, "groups" | "features">, name: GroupName): readonly EncoderPart[] {
  const group = spec.groups.find((each) => each.name === name);
  if (group?.sequences === undefined) return [];
  const { groups, encoders } = group.sequences;
  const inputs = new Map(groups.map((each) => [each.name, encoderInput(spec, each, groupSuffix(spec, name))]));
  const names = new Map<string, number>();
  return encoders.flatMap((encoder, index): EncoderPart[] => {
    const input = inputs.get(encoder.input);
    if (input === undefined) return [];
    const label = `${input.name}: ${encoder.kind}`;
    const count = (names.get(label) ?? 0) + 1;
    names.set(label, count);
    const part = count === 1 ? label : `${label} ${count}`;
    return [{ name: part, group: name, index, encoder, input, width: encoderWidth(encoder, input.width) }];
  });
}

/** The suffix of the tables of a group and, unless they have one, of its sequences; `""`: none. */
export function groupSuffix({ groups }: Pick<ModelSpec, "groups">, name: GroupName): string {
  const suffix = groups.find((each) => each.name === name)?.extra["embedding_name_suffix"];
  return typeof suffix === "string" ? suffix : ""; // a saved file may hold anything
}

export function allEncoders(spec: Pick<ModelSpec, "groups" | "features">): readonly EncoderPart[] {
  return everyGroup.flatMap((name) => encoderParts(spec, name));
}

function encoderWidth(encoder: SequenceEncoderSpec, width: number): number {
  if (encoder.kind === "self_attention") return encoder.dim;
  return encoder.kind === "multi_window_din" ? width * (encoder.windows.length + 1) : width;
}

function encoderInput(
  spec: Pick<ModelSpec, "features">,
  { name, features, suffix }: SequenceGroupSpec,
  inherited: string,
): SequenceInput {
  const declared = features.flatMap((feature) => findFeature(spec, feature) ?? []);
  const query = declared.filter((feature) => !isSequence(feature));
  const sequence = declared.filter(isSequence);
  return {
    name,
    suffix: suffix ?? inherited,
    query,
    sequence,
    queryWidth: totalWidth(query),
    width: totalWidth(sequence),
  };
}

function totalWidth(features: readonly FeatureSpec[]): number {
  return sum(features.map(featureWidth));
}

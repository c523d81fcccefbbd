/** Behaviour sequences: `sequenceFeature("clicks", { of: [idFeature("item_id") …], length: 50 })`. */

import { SpecError } from "../errors/index.js";
import type { FeatureSpec, IdFeatureSpec, RawFeatureSpec } from "../spec/feature/feature.js";
import { checkOptions } from "../spec/validate/checks.js";
import { stringLiteral } from "../util/code-text.js";
import { type Feature, finishFeature } from "./feature.js";
import { printedBuilder } from "./printed.js";

/** Settings of a behaviour sequence. */
export interface SequenceOptions {
  /** The largest number of positions that are read: the first ones of a row. */
  readonly length: number;
  /** The separator of positions in a text column. Default: `";"`. */
  readonly delimiter?: string;
}

/** The features of a behaviour sequence, named `{sequence}__{feature}`; `{sequence}[]` names the sequence itself. */
export interface SequenceFeature<S extends string, N extends string> extends Feature<`${S}[]` | `${S}__${N}`> {
  toSpec(): readonly FeatureSpec[];
}

/**
 * A behaviour sequence, such as the last clicks of a user: each position has a value of every feature in `of`. A row's
 * column is a list, a list of lists, or text with a delimiter. Read it by an encoder in a group, such as {@link din}.
 * Throws a SpecError if a feature is incomplete, or cannot be a sequence.
 * @example
 * sequenceFeature("clicks", {
 *   of: [idFeature("item_id").buckets(1000).embedding(16, { sharedAs: "item" }), rawFeature("price")],
 *   length: 50,
 * })
 */
export function sequenceFeature<S extends string, N extends string>(
  name: S,
  options: SequenceOptions & {
    /** The contents of a position. */
    readonly of: readonly Feature<N>[];
  },
): SequenceFeature<S, N> {
  checkOptions(`features.${name}`, options, ["of", "length", "delimiter"]);
  const { of, length, delimiter = ";" } = options;
  const sequence = { of: name, length, delimiter, extra: {} };
  return printedBuilder<SequenceFeature<S, N>>("sequence feature", {
    name: `${name}[]`,
    toSpec: () =>
      of
        .flatMap((each) => each.toSpec())
        .map((feature) => {
          const fullName = `${name}__${feature.name}`;
          if (feature.kind === "id" || feature.kind === "raw") {
            const expression = feature.expression.replace(/^context:/, "item:");
            const several = feature.kind === "id" && feature.separator !== null;
            const extra = several ? { ...feature.extra, value_dim: 0 } : feature.extra;
            return finishFeature({ ...feature, name: fullName, expression, extra, sequence });
          }
          throw new SpecError({
            path: `features.${fullName}`,
            message: `a feature of kind ${feature.kind} cannot be part of a sequence`,
            received: feature.kind,
            expected: "idFeature(…) or rawFeature(…)",
            fix: `compute the crossed values in advance, and read them by idFeature(${stringLiteral(fullName)}).hash(…)`,
          });
        }),
  });
}

/** A single feature as a separate sequence (TorchEasyRec `sequence_id_feature`, `sequence_raw_feature`). */
export function sequenceBuilder<N extends string>(
  name: N,
  feature: () => IdFeatureSpec | RawFeatureSpec,
  options: SequenceOptions,
): Feature<N | `${N}[]`> {
  checkOptions(`features.${name}`, options, ["length", "delimiter"]);
  const { length, delimiter = ";" } = options;
  const toSpec = () => finishFeature({ ...feature(), sequence: { of: null, length, delimiter, extra: {} } });
  return printedBuilder<Feature<N | `${N}[]`>>("sequence feature", { name, toSpec });
}

/** Categorical features: `idFeature("user_id").buckets(1000).embedding(16)` (TorchEasyRec `IdFeature`). */

import type { DerivedColumn } from "../spec/feature/derived.js";
import type { IdFeatureSpec } from "../spec/feature/feature.js";
import { stringLiteral } from "../util/code-text.js";
import {
  type EncodedDraft,
  type EncodedFeature,
  emptyEncoded,
  encodedMethods,
  type Feature,
  finishFeature,
  requireEncoded,
} from "./feature.js";
import { printedBuilder } from "./printed.js";
import { type SequenceOptions, sequenceBuilder } from "./sequence-feature.js";

/** The builder of a categorical feature; each method returns a new builder. */
export interface IdFeature<N extends string> extends EncodedFeature<N> {
  /** Uses ids 0 … count − 1 unencoded (`num_buckets`); an id out of range becomes row 0, with a warning. */
  buckets(count: number): IdFeature<N>;
  /** Reads values as `id:weight` and pools them by weight. */
  weighted(): IdFeature<N>;
  /** Sets the source of the value for TorchEasyRec, such as `user:age`. Default: `context:` + name. */
  expression(source: string): IdFeature<N>;
  /** Makes a row hold a sequence of values, such as the last clicks, for an encoder: `din(name, …)`. */
  sequence(options: SequenceOptions): Feature<N | `${N}[]`>;
  toSpec(): IdFeatureSpec;
}

interface IdDraft extends EncodedDraft {
  readonly rule?: DerivedColumn;
  readonly expression: string;
  readonly weighted: boolean;
}

/** A categorical feature. @example idFeature("tags").hash(1000).multiValue("|").embedding(16, { pooling: "mean" }) */
export function idFeature<N extends string>(name: N): IdFeature<N> {
  return idBuilder(name, emptyId(name));
}

/** Ids 0 … count − 1 that are computed from other columns. */
export function derivedIdFeature<N extends string>(name: N, count: number, rule: DerivedColumn): IdFeature<N> {
  return idBuilder(name, { ...emptyId(name), encoding: { kind: "buckets", count }, rule });
}

function emptyId(name: string): IdDraft {
  return { ...emptyEncoded, expression: `context:${name}`, weighted: false };
}

function idBuilder<N extends string>(name: N, draft: IdDraft): IdFeature<N> {
  const next = (change: Partial<IdDraft>): IdFeature<N> => idBuilder(name, { ...draft, ...change });
  const { rule, ...settings } = draft;
  return printedBuilder<IdFeature<N>>("id feature", {
    name,
    rule,
    ...encodedMethods(name, next),
    buckets: (count) => next({ encoding: { kind: "buckets", count } }),
    weighted: () => next({ weighted: true }),
    expression: (source) => next({ expression: source }),
    sequence: (options) => sequenceBuilder(name, () => idBuilder(name, draft).toSpec(), options),
    toSpec: () => {
      const complete = requireEncoded(name, `idFeature(${stringLiteral(name)})`, settings);
      const { expression, weighted } = settings;
      return finishFeature<IdFeatureSpec>({ kind: "id", name, ...complete, expression, weighted });
    },
  });
}

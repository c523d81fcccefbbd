/** Categorical features: `idFeature("user_id").buckets(1000).embedding(16)` (TorchEasyRec `IdFeature`). */
import type { DerivedColumn, IdFeatureSpec } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import type { EmbeddingOptions, EncodedDraft, Feature } from "./feature.js";
import { embeddingFields, emptyEncoded } from "./feature.js";
import { finishFeature, requireEncoded } from "./finish-feature.js";
import { type VocabOptions, vocabulary } from "./fit-options.js";
import { type SequenceOptions, sequenceBuilder } from "./sequence-feature.js";

/** The builder of a categorical feature; each method returns a new builder. */
export interface IdFeature<N extends string> extends Feature<N> {
  /** Uses ids 0 … count − 1 unencoded (`num_buckets`); an id out of range becomes row 0, with a warning. */
  buckets(count: number): IdFeature<N>;
  /** Hashes any text into `size` rows (`hash_bucket_size`). */
  hash(size: number): IdFeature<N>;
  /**
   * Lists the values, in order, after a default and an out-of-vocabulary row (`vocab_list`). Without a list, the
   * values of the training rows, most frequent first, when the model is fitted: `.vocab({ minCount: 5 })`.
   */
  vocab(values?: readonly (string | number)[] | VocabOptions): IdFeature<N>;
  /** Maps each value to a row (`vocab_dict`). */
  vocabDict(entries: Readonly<Record<string, number>>): IdFeature<N>;
  /** Reads the values from a file, one per line (`vocab_file`). */
  vocabFile(path: string): IdFeature<N>;
  /** Splits several values in a text column at `separator`. Default: TorchEasyRec's, `"\x1d"` (`"\x03"` encoded). */
  multiValue(separator?: string): IdFeature<N>;
  /** Reads values as `id:weight` and pools them by weight. */
  weighted(): IdFeature<N>;
  /** Replaces an empty value. Without it, an empty value is a zero vector. */
  default(value: string | number): IdFeature<N>;
  /** Sets the row of values outside the vocabulary or range (`default_bucketize_value`). */
  defaultBucket(row: number): IdFeature<N>;
  /** Sets the embedding dim, pooling and table sharing. */
  embedding(dim: number, options?: EmbeddingOptions): IdFeature<N>;
  /**
   * Sets the source of the value when TorchEasyRec generates features, such as `user:age`. Default: `context:` +
   * name.
   */
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

/**
 * A categorical feature.
 *
 * @example idFeature("tag_brand_list").hash(100_000).multiValue("|").embedding(16, { pooling: "mean" })
 */
export function idFeature<N extends string>(name: N): IdFeature<N> {
  return idBuilder(name, { ...emptyEncoded, expression: `context:${name}`, weighted: false });
}

/** An id feature of a column that a rule computes: numbers 0 … count − 1. */
export function derivedIdFeature<N extends string>(name: N, rule: DerivedColumn, count: number): IdFeature<N> {
  const encoding = { kind: "buckets", count } as const;
  return idBuilder(name, { ...emptyEncoded, expression: `context:${name}`, weighted: false, encoding, rule });
}

function idBuilder<N extends string>(name: N, draft: IdDraft): IdFeature<N> {
  const next = (change: Partial<IdDraft>): IdFeature<N> => idBuilder(name, { ...draft, ...change });
  const { rule, ...settings } = draft;
  return Object.freeze<IdFeature<N>>({
    name,
    rule,
    buckets: (count) => next({ encoding: { kind: "buckets", count } }),
    hash: (size) => next({ encoding: { kind: "hash", size } }),
    vocab: (values) => next({ encoding: vocabulary(name, values) }),
    vocabDict: (entries) => next({ encoding: { kind: "vocabDict", entries: { ...entries } } }),
    vocabFile: (path) => next({ encoding: { kind: "vocabFile", path } }),
    multiValue: (separator) => next({ separator: separator ?? null }),
    weighted: () => next({ weighted: true }),
    default: (value) => next({ defaultValue: String(value) }),
    defaultBucket: (row) => next({ defaultBucket: row }),
    embedding: (dim, options) => next(embeddingFields(name, dim, options)),
    expression: (source) => next({ expression: source }),
    sequence: (options) => sequenceBuilder(name, () => idBuilder(name, draft).toSpec(), options),
    toSpec: () => {
      const complete = requireEncoded(name, `idFeature(${stringLiteral(name)})`, settings);
      const { expression, weighted } = settings;
      return finishFeature<IdFeatureSpec>({ kind: "id", name, ...complete, expression, weighted });
    },
  });
}

/** Crosses of ids: `comboFeature("age_x_brand", ["user:age", "item:brand"]).hash(10_000).embedding(8)`. */
import type { ComboFeatureSpec } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import type { EmbeddingOptions, EncodedDraft, Feature } from "./feature.js";
import { embeddingFields, emptyEncoded } from "./feature.js";
import { finishFeature, requireEncoded } from "./finish-feature.js";
import { type VocabOptions, vocabulary } from "./fit-options.js";

/** The builder of a crossed feature; each method returns a new builder. */
export interface ComboFeature<N extends string> extends Feature<N> {
  /** Hashes the crossed values (joined by `_`) into `size` rows. */
  hash(size: number): ComboFeature<N>;
  /**
   * Lists the crossed values, in order, after a default and an out-of-vocabulary row. Without a list, the values of
   * the training rows, most frequent first, when the model is fitted: `.vocab({ minCount: 5 })`.
   */
  vocab(values?: readonly string[] | VocabOptions): ComboFeature<N>;
  /** Maps each crossed value to a row. */
  vocabDict(entries: Readonly<Record<string, number>>): ComboFeature<N>;
  /** Reads the crossed values from a file, one per line. */
  vocabFile(path: string): ComboFeature<N>;
  /** Splits several values in a text column at `separator`. */
  multiValue(separator?: string): ComboFeature<N>;
  /** Replaces an empty value. Without it, an empty value is a zero vector. */
  default(value: string): ComboFeature<N>;
  /** Sets the row of values outside the vocabulary (`default_bucketize_value`). */
  defaultBucket(row: number): ComboFeature<N>;
  /** Sets the embedding dim, pooling and table sharing. */
  embedding(dim: number, options?: EmbeddingOptions): ComboFeature<N>;
  toSpec(): ComboFeatureSpec;
}

/**
 * Crosses the columns that `expressions` name (`user:age`, or just `age`): every combination of their values.
 * @example comboFeature("age_x_brand", ["user:age_level", "item:brand"]).hash(50_000).embedding(16)
 */
export function comboFeature<N extends string>(name: N, expressions: readonly string[]): ComboFeature<N> {
  return comboBuilder(name, [...expressions], emptyEncoded);
}

function comboBuilder<N extends string>(name: N, expressions: readonly string[], draft: EncodedDraft): ComboFeature<N> {
  const next = (change: Partial<EncodedDraft>): ComboFeature<N> =>
    comboBuilder(name, expressions, { ...draft, ...change });
  return Object.freeze<ComboFeature<N>>({
    name,
    hash: (size) => next({ encoding: { kind: "hash", size } }),
    vocab: (values) => next({ encoding: vocabulary(name, values) }),
    vocabDict: (entries) => next({ encoding: { kind: "vocabDict", entries: { ...entries } } }),
    vocabFile: (path) => next({ encoding: { kind: "vocabFile", path } }),
    multiValue: (separator) => next({ separator: separator ?? null }),
    default: (value) => next({ defaultValue: value }),
    defaultBucket: (row) => next({ defaultBucket: row }),
    embedding: (dim, options) => next(embeddingFields(name, dim, options)),
    toSpec: () => {
      const complete = requireEncoded(name, `comboFeature(${stringLiteral(name)}, …)`, draft);
      return finishFeature<ComboFeatureSpec>({ kind: "combo", name, ...complete, expressions });
    },
  });
}

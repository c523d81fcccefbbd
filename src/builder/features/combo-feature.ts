/** Crosses of ids: `comboFeature("age_x_brand", ["user:age", "item:brand"]).hash(10_000).embedding(8)`. */
import type { ComboFeatureSpec } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import type { EmbeddingOptions, EncodedDraft, Feature } from "./feature.js";
import { embeddingFields, emptyEncoded } from "./feature.js";
import { finishFeature, requireEncoded } from "./finish-feature.js";

/** A cross of columns under construction; each method returns a new one. */
export interface ComboFeature<N extends string> extends Feature<N> {
  /** The crossed values (joined by `_`), hashed into `size` rows. */
  hash(size: number): ComboFeature<N>;
  /** These crossed values, in this order, behind a default and an out-of-vocabulary row. */
  vocab(values: readonly string[]): ComboFeature<N>;
  /** Crossed value → row. */
  vocabDict(entries: Readonly<Record<string, number>>): ComboFeature<N>;
  /** A file with one crossed value a line. */
  vocabFile(path: string): ComboFeature<N>;
  /** Several values in a text column, split at `separator`. */
  multiValue(separator?: string): ComboFeature<N>;
  /** Stands in for an empty value. Without it, an empty value is a zero vector. */
  default(value: string): ComboFeature<N>;
  /** The row of values outside the vocabulary (`default_bucketize_value`). */
  defaultBucket(row: number): ComboFeature<N>;
  /** The table's dim, and how it is pooled and shared. */
  embedding(dim: number, options?: EmbeddingOptions): ComboFeature<N>;
  toSpec(): ComboFeatureSpec;
}

/**
 * A cross of the columns that `expressions` name (`user:age`, or `age` by itself): every combination of their values.
 *
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
    vocab: (values) => next({ encoding: { kind: "vocabList", values: [...values] } }),
    vocabDict: (entries) => next({ encoding: { kind: "vocabDict", entries: { ...entries } } }),
    vocabFile: (path) => next({ encoding: { kind: "vocabFile", path } }),
    multiValue: (separator) => next({ separator: separator ?? null }),
    default: (value) => next({ defaultValue: value }),
    defaultBucket: (row) => next({ defaultBucket: row }),
    embedding: (dim, options) => next(embeddingFields(name, dim, options)),
    toSpec: () => {
      const complete = requireEncoded(name, `comboFeature(${stringLiteral(name)}, …)`, draft);
      return finishFeature<ComboFeatureSpec>({ kind: "combo", name, ...complete, expressions, extra: {} });
    },
  });
}

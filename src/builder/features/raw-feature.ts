/**
 * Numeric features: `rawFeature("price").boundaries([1.1, 2.2, 5.1]).embedding(16)` (TorchEasyRec `RawFeature`).
 */
import type { RawFeatureSpec } from "../../spec/index.js";
import type { EmbeddedDraft, EmbeddingOptions, Feature } from "./feature.js";
import { embeddingFields, emptyEmbedded } from "./feature.js";
import { finishFeature } from "./finish-feature.js";

/** How to normalise a number; a text uses the syntax of TorchEasyRec's `normalizer`. */
export type Normalizer =
  | {
      readonly method: "log10";
      /** Values above the threshold become log10(x), others `default`. Default: 1e-10. */
      readonly threshold?: number;
      /** The result if x is not above the threshold. Default: −10. */
      readonly default?: number;
    }
  | {
      readonly method: "zscore";
      /** Subtracted from each value. */
      readonly mean: number;
      /** The divisor after the subtraction. */
      readonly standardDeviation: number;
    }
  | {
      readonly method: "minmax";
      /** The value that becomes 0. */
      readonly min: number;
      /** The value that becomes 1. */
      readonly max: number;
    }
  | string;

/** The builder of a numeric feature; each method returns a new builder. */
export interface RawFeature<N extends string> extends Feature<N> {
  /**
   * Splits the value into buckets: bucket b contains boundary[b − 1] ≤ x < boundary[b]. Requires `.embedding(dim)`.
   */
  boundaries(cuts: readonly number[]): RawFeature<N>;
  /** Normalises the value before anything else. */
  normalize(normalizer: Normalizer): RawFeature<N>;
  /** Sets the number of values per row (`value_dim`). Default: 1. */
  dims(count: number): RawFeature<N>;
  /** Sets the separator of several numbers in a text column. */
  multiValue(separator?: string): RawFeature<N>;
  /** Replaces an empty value. Default: 0. */
  default(value: number): RawFeature<N>;
  /** Sets the embedding dim of the buckets and table sharing. */
  embedding(dim: number, options?: EmbeddingOptions): RawFeature<N>;
  /**
   * Sets the source of the value when TorchEasyRec generates features, such as `item:price`. Default: `context:` +
   * name.
   */
  expression(source: string): RawFeature<N>;
  toSpec(): RawFeatureSpec;
}

interface RawDraft extends EmbeddedDraft {
  readonly expression: string;
  readonly boundaries: readonly number[];
  readonly normalizer: string | null;
  readonly valueDim: number;
}

/**
 * A numeric feature: unchanged, normalised, or split into buckets and embedded.
 * @example rawFeature("price").normalize({ method: "log10", threshold: 0.05 })
 */
export function rawFeature<N extends string>(name: N): RawFeature<N> {
  return rawBuilder(name, {
    ...emptyEmbedded,
    defaultValue: "0",
    expression: `context:${name}`,
    boundaries: [],
    normalizer: null,
    valueDim: 1,
  });
}

function rawBuilder<N extends string>(name: N, draft: RawDraft): RawFeature<N> {
  const next = (change: Partial<RawDraft>): RawFeature<N> => rawBuilder(name, { ...draft, ...change });
  return Object.freeze<RawFeature<N>>({
    name,
    boundaries: (cuts) => next({ boundaries: [...cuts] }),
    normalize: (normalizer) => next({ normalizer: normalizerText(normalizer) }),
    dims: (count) => next({ valueDim: count }),
    multiValue: (separator) => next({ separator: separator ?? null }),
    default: (value) => next({ defaultValue: String(value) }),
    embedding: (dim, options) => next(embeddingFields(name, dim, options)),
    expression: (source) => next({ expression: source }),
    toSpec: () => finishFeature<RawFeatureSpec>({ kind: "raw", name, ...draft, extra: {} }),
  });
}

function normalizerText(normalizer: Normalizer): string {
  if (typeof normalizer === "string") return normalizer;
  switch (normalizer.method) {
    case "log10":
      return settings("log10", [
        ["threshold", normalizer.threshold],
        ["default", normalizer.default],
      ]);
    case "zscore":
      return settings("zscore", [
        ["mean", normalizer.mean],
        ["standard_deviation", normalizer.standardDeviation],
      ]);
    case "minmax":
      return settings("minmax", [
        ["min", normalizer.min],
        ["max", normalizer.max],
      ]);
  }
}

function settings(method: string, values: readonly (readonly [name: string, value: number | undefined])[]): string {
  const given = values.filter(([, value]) => value !== undefined);
  return [`method=${method}`, ...given.map(([name, value]) => `${name}=${value}`)].join(",");
}

/** Numbers: `rawFeature("price").boundaries([1.1, 2.2, 5.1]).embedding(16)` (TorchEasyRec `RawFeature`). */
import type { RawFeatureSpec } from "../../spec/index.js";
import type { EmbeddedDraft, EmbeddingOptions, Feature } from "./feature.js";
import { embeddingFields, emptyEmbedded } from "./feature.js";
import { finishFeature } from "./finish-feature.js";

/** How a number is normalised before it enters; a text is taken as TorchEasyRec's `normalizer` is written. */
export type Normalizer =
  | {
      readonly method: "log10";
      /** Values above it are log10(x), others `default`. Default: 1e-10. */
      readonly threshold?: number;
      /** Stands where x is not above the threshold. Default: −10. */
      readonly default?: number;
    }
  | {
      readonly method: "zscore";
      /** Taken from each value. */
      readonly mean: number;
      /** What is left is divided by it. */
      readonly standardDeviation: number;
    }
  | {
      readonly method: "minmax";
      /** Becomes 0. */
      readonly min: number;
      /** Becomes 1. */
      readonly max: number;
    }
  | string;

/** A number under construction; each method returns a new one. */
export interface RawFeature<N extends string> extends Feature<N> {
  /** Cut at these: bucket b holds boundary[b − 1] ≤ x < boundary[b]. Needs `.embedding(dim)`. */
  boundaries(cuts: readonly number[]): RawFeature<N>;
  /** Normalised before anything else. */
  normalize(normalizer: Normalizer): RawFeature<N>;
  /** Numbers a row (`value_dim`). Default: 1. */
  dims(count: number): RawFeature<N>;
  /** Separates the numbers of a row in a text column. */
  multiValue(separator?: string): RawFeature<N>;
  /** Stands in for an empty value. Default: 0. */
  default(value: number): RawFeature<N>;
  /** The dim of the embedded buckets, and how their table is shared. */
  embedding(dim: number, options?: EmbeddingOptions): RawFeature<N>;
  /** Where the value comes from when TorchEasyRec generates features, such as `item:price`. Default: `context:` + name. */
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
 * A number: as it is, normalised, or cut at boundaries and embedded.
 *
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

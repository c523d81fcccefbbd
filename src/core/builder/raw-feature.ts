/** Numeric features: `rawFeature("price").boundaries([1.1, 2.2, 5.1]).embedding(16)` (TorchEasyRec `RawFeature`). */

import type { DerivedColumn } from "../spec/feature/derived.js";
import {
  missingIndicator,
  type NumberFit,
  type NumberProjection,
  type RawFeatureSpec,
} from "../spec/feature/feature.js";
import { checkOptions } from "../spec/validate/checks.js";
import type { OfKind } from "../util/shape.js";
import { snakeCase } from "../util/text.js";
import {
  type EmbeddedDraft,
  type EmbeddingOptions,
  embeddingFields,
  emptyEmbedded,
  type Feature,
  type FitOnOptions,
  finishFeature,
  fittedOn,
} from "./feature.js";
import { printedBuilder } from "./printed.js";
import { type SequenceOptions, sequenceBuilder } from "./sequence-feature.js";

/** How to normalise a number; a text uses the syntax of TorchEasyRec's `normalizer`. */
export type Normalizer =
  | {
      readonly method: "log10";
      /** Values above the threshold become log10(x), others `default`. Default: 1e-10. */
      readonly threshold?: number;
      /** The result if x is not above the threshold. Default: −10. */
      readonly default?: number;
    }
  | { readonly method: "zscore"; readonly mean: number; readonly standardDeviation: number }
  | { readonly method: "minmax"; readonly min: number; readonly max: number }
  | string;

/** Options of `rawFeature(…).autodis`. Defaults: channels 16, temperature 0.1, keepProb 0.8. */
export interface AutodisOptions extends Partial<Omit<OfKind<NumberProjection, "autodis">, "kind">> {}

/** The builder of a numeric feature; each method returns a new builder. */
export interface RawFeature<N extends string> extends Feature<N> {
  /** Splits the value into buckets: bucket b contains boundary[b − 1] ≤ x < boundary[b]. Requires `.embedding(dim)`. */
  boundaries(cuts: readonly number[]): RawFeature<N>;
  /** Normalises the value before anything else. */
  normalize(normalizer: Normalizer): RawFeature<N>;
  /**
   * Subtracts the mean of the training rows and divides by their standard deviation, which are computed when the
   * model is fitted. After `.log1p()`, of the logarithms. A missing value becomes 0, the mean.
   */
  zscore(options?: FitOnOptions): RawFeature<N>;
  /** Replaces x by ln(1 + |x|) with the sign of x: for amounts and counts with a long tail. */
  log1p(): RawFeature<N>;
  /**
   * Splits the value into about `count` buckets with equal numbers of training rows; frequent values may leave fewer.
   * The boundaries are computed when the model is fitted. Requires `.embedding(dim)`. A missing value is a zero
   * vector, unless `.default(…)` is set.
   */
  quantiles(count: number, options?: FitOnOptions): RawFeature<N>;
  /**
   * Embeds the number as a mixture of trained vectors, whose weights depend on it (TorchEasyRec `autodis`).
   * @example rawFeature("price").log1p().zscore().autodis(8, { channels: 20 })
   */
  autodis(dim: number, options?: AutodisOptions): RawFeature<N>;
  /** Embeds the numbers by a trained matrix, without bias (TorchEasyRec `mlp`). */
  mlp(dim: number): RawFeature<N>;
  /**
   * Splits the number into about `count` pieces with equal numbers of training rows, and embeds it by a trained matrix,
   * without bias. A piece that the number has passed is 1, one that it has not reached is 0, and between its edges it
   * rises linearly; the first and the last piece continue beyond the training rows. Frequent values may leave fewer
   * pieces. The edges are computed when the model is fitted. A missing value is a zero vector, as the smallest number
   * is, unless `.default(…)` is set: `missingFeature(…)` tells them apart. Source: "piecewise linear encoding" of
   * Gorishniy et al., 2022, https://arxiv.org/abs/2203.05556.
   * @example rawFeature("age").piecewise(20, 8)   // 20 numbers, embedded in 8
   */
  piecewise(count: number, dim: number, options?: FitOnOptions): RawFeature<N>;
  /** Sets the number of values per row (`value_dim`). Default: 1. */
  dims(count: number): RawFeature<N>;
  /** Sets the separator of several numbers in a text column. */
  multiValue(separator?: string): RawFeature<N>;
  /** Replaces an empty value; it is not normalised. Default: 0; with `.quantiles(…)` and `.piecewise(…)`, a zero vector. */
  default(value: number): RawFeature<N>;
  /** Sets the embedding dim of the buckets and table sharing. */
  embedding(dim: number, options?: EmbeddingOptions): RawFeature<N>;
  /** Sets the source of the value for TorchEasyRec, such as `item:price`. Default: `context:` + name. */
  expression(source: string): RawFeature<N>;
  /** Makes a row hold a sequence of values, for an encoder: `din([…, name], …)`. */
  sequence(options: SequenceOptions): Feature<N | `${N}[]`>;
  toSpec(): RawFeatureSpec;
}

interface RawDraft
  extends EmbeddedDraft,
    NumberFit,
    Pick<RawFeatureSpec, "expression" | "boundaries" | "normalizer" | "valueDim"> {
  readonly projection: NumberProjection | null;
  /** Whether `quantiles` are pieces of a number. */
  readonly isPiecewise: boolean;
  /** `null`: not set. */
  readonly default: string | null;
  readonly rule?: DerivedColumn;
}

/**
 * A numeric feature: unchanged, normalised, or split into buckets and embedded.
 * @example
 * rawFeature("price").log1p().zscore();
 * rawFeature("age").quantiles(10).embedding(8);
 * rawFeature("ctr").normalize({ method: "log10", threshold: 0.05 });
 */
export function rawFeature<N extends string>(name: N): RawFeature<N> {
  return rawBuilder(name, emptyRaw(name));
}

export function derivedRawFeature<N extends string>(name: N, rule: DerivedColumn): RawFeature<N> {
  return rawBuilder(name, { ...emptyRaw(name), rule });
}

function emptyRaw(name: string): RawDraft {
  return {
    ...emptyEmbedded,
    expression: `context:${name}`,
    boundaries: [],
    normalizer: null,
    valueDim: 1,
    projection: null,
    isPiecewise: false,
    zscore: false,
    quantiles: null,
    from: null,
    default: null,
  };
}

/**
 * Whether a column of numbers has no value, as a number: 1 if it is missing, otherwise 0. Its name is the column's
 * with `_missing`. For text columns, use `idFeature(column).default("missing")` instead.
 * @example missingFeature("price")   // the feature "price_missing"
 */
export function missingFeature<N extends string>(column: N): RawFeature<`${N}_missing`> {
  return rawFeature(`${column}_missing` as const)
    .expression(`context:${column}`)
    .normalize(missingIndicator)
    .default(1);
}

function rawBuilder<N extends string>(name: N, draft: RawDraft): RawFeature<N> {
  const next = (change: Partial<RawDraft>): RawFeature<N> => rawBuilder(name, { ...draft, ...change });
  return printedBuilder<RawFeature<N>>("raw feature", {
    name,
    rule: draft.rule,
    boundaries: (cuts) => next({ ...buckets, boundaries: [...cuts] }),
    normalize: (normalizer) => next({ normalizer: normalizerText(normalizer) }),
    zscore: (options = {}) => next({ zscore: true, from: fittedOn(`features.${name}.zscore`, options) ?? draft.from }),
    log1p: () => next({ normalizer: log1pText }),
    quantiles: (count, options = {}) => {
      const from = fittedOn(`features.${name}.quantiles`, options) ?? draft.from;
      return next({ ...buckets, quantiles: count, from });
    },
    piecewise: (count, dim, options = {}) => {
      const from = fittedOn(`features.${name}.piecewise`, options) ?? draft.from;
      return next({ ...projected(dim), projection: { kind: "mlp" }, isPiecewise: true, quantiles: count, from });
    },
    autodis: (dim, options) => next({ ...projected(dim), projection: autodisOf(name, options) }),
    mlp: (dim) => next({ ...projected(dim), projection: { kind: "mlp" } }),
    dims: (count) => next({ valueDim: count }),
    multiValue: (separator) => next({ separator: separator ?? null }),
    // An unset default is "0" (TorchEasyRec), which warns of missing values.
    default: (value) => next({ default: value === 0 ? "0.0" : String(value) }),
    embedding: (dim, options) => next(embeddingFields(name, dim, options)),
    expression: (source) => next({ expression: source }),
    sequence: (options) => sequenceBuilder(name, () => rawSpec(name, draft), options),
    toSpec: () => rawSpec(name, draft),
  });
}

function rawSpec(name: string, draft: RawDraft): RawFeatureSpec {
  const { zscore, quantiles, from, default: set, rule: _, projection, isPiecewise, ...fields } = draft;
  const plain: RawFeatureSpec = {
    kind: "raw",
    name,
    ...fields,
    ...(isPiecewise ? { pieces: [], valueDim: draft.valueDim === 1 ? quantiles! : draft.valueDim } : {}),
    defaultValue: set ?? (quantiles === null ? "0" : ""),
  };
  const fit: NumberFit | undefined = zscore || quantiles !== null ? { zscore, quantiles, from } : undefined;
  return finishFeature<RawFeatureSpec>({ ...plain, projection: projection ?? undefined, fit });
}

/** Buckets replace a learned embedding. */
const buckets = { boundaries: [], quantiles: null, projection: null, isPiecewise: false } as const;

/** Sets the dim of a learned embedding, which replaces buckets. */
function projected(dim: number): Pick<RawDraft, "embeddingDim" | "boundaries" | "quantiles" | "isPiecewise"> {
  return { embeddingDim: dim, boundaries: [], quantiles: null, isPiecewise: false };
}

function autodisOf(name: string, options: AutodisOptions = {}): NumberProjection {
  checkOptions(`features.${name}.autodis`, options, ["channels", "temperature", "keepProb"]);
  const { channels = 16, temperature = 0.1, keepProb = 0.8 } = options;
  return { kind: "autodis", channels, temperature, keepProb };
}

/** ln(1 + |x|) with the sign of x, in the functions of TorchEasyRec's expressions. */
const log1pText = "method=expression,expr=sign(x)*ln(1+abs(x))";

/** The settings of each method, in the order of its text. */
const normalizerSettings = {
  log10: ["threshold", "default"],
  zscore: ["mean", "standardDeviation"],
  minmax: ["min", "max"],
} as const;

function normalizerText(normalizer: Normalizer): string {
  if (typeof normalizer === "string") return normalizer;
  const { method, ...values } = normalizer;
  const entries = normalizerSettings[method].map((name) => [name, (values as Record<string, number>)[name]] as const);
  const present = entries.filter(([, value]) => value !== undefined);
  return [`method=${method}`, ...present.map(([name, value]) => `${snakeCase(name)}=${value}`)].join(",");
}

/** What builders of features share: settings of tables and encodings, their methods, and the rows to fit on. */
import { SpecError } from "../errors/index.js";
import type { DerivedColumn } from "../spec/feature/derived.js";
import {
  type EmbeddingChoices,
  embeddingOptions,
  type FeatureSpec,
  type FitRows,
  type FitSource,
  fitRows,
  type IdEncoding,
  type IdFeatureSpec,
} from "../spec/feature/feature.js";
import { checkOptions, show, unless } from "../spec/validate/checks.js";
import { featureProblems } from "../spec/validate/feature.js";
import { deepFreeze } from "../util/json.js";

/** A feature whose name the compiler knows: `Feature<"user_id">`. */
export interface Feature<N extends string> {
  /** The name in groups, and of the data column unless an expression sets another. */
  readonly name: N;
  /** How the feature's column is computed from others. Default: it is a column of the data. */
  readonly rule?: DerivedColumn;
  /** The feature as frozen data; a sequence has several. Throws {@link SpecError} if a setting is missing or invalid. */
  toSpec(): FeatureSpec | readonly FeatureSpec[];
}

/** Options of an embedding. */
export interface EmbeddingOptions extends Partial<EmbeddingChoices> {
  /** Features with the same table name share the table (TorchEasyRec `embedding_name`). Default: a separate table. */
  readonly sharedAs?: string;
  /** `false`: training keeps the table, such as `fit(data, { vectors })` sets it. Default: true. */
  readonly trainable?: boolean;
}

/** The settings of an embedded feature so far; `null`: not set. */
export interface EmbeddedDraft
  extends EmbeddingChoices,
    Pick<IdFeatureSpec, "embeddingName" | "separator" | "defaultValue" | "extra"> {
  readonly embeddingDim: number | null;
}

export interface EncodedDraft extends EmbeddedDraft {
  readonly encoding: IdEncoding | null;
  readonly defaultBucket: number | null;
}

export const emptyEmbedded: EmbeddedDraft = Object.freeze({
  embeddingDim: null,
  embeddingName: null,
  pooling: "sum",
  separator: null,
  defaultValue: "",
  extra: {},
} as const);

export const emptyEncoded: EncodedDraft = Object.freeze({ ...emptyEmbedded, encoding: null, defaultBucket: null });

export function embeddingFields(
  feature: string,
  dim: number,
  options: EmbeddingOptions = {},
): Pick<EmbeddedDraft, "embeddingName" | "extra"> & EmbeddingChoices & { embeddingDim: number } {
  const names = Object.keys(embeddingOptions) as (keyof EmbeddingChoices)[];
  checkOptions(`features.${feature}`, options, [...names, "sharedAs", "trainable"]);
  const { pooling = "sum", sharedAs = null, trainable = true } = options;
  // An option that is absent now may be in the draft.
  const choices = { ...Object.fromEntries(names.map((name) => [name, options[name]])), pooling };
  if (typeof trainable !== "boolean") {
    throw new SpecError({
      path: `features.${feature}.trainable`,
      message: "not true or false",
      received: JSON.stringify(trainable) ?? String(trainable),
      expected: "false for a table that training does not change",
      fix: `.embedding(${dim}, { trainable: false })`,
    });
  }
  return { embeddingDim: dim, embeddingName: sharedAs, ...choices, extra: trainable ? {} : { trainable } };
}

/** The methods of features whose values become rows of a table; each returns a new builder. */
export interface EncodedFeature<N extends string> extends Feature<N> {
  /** Hashes any text into `size` rows (`hash_bucket_size`). */
  hash(size: number): this;
  /**
   * Lists the values, in order, after a default and an out-of-vocabulary row (`vocab_list`). Without a list, the
   * values of the training rows, most frequent first, when the model is fitted: `.vocab({ minCount: 5 })`.
   */
  vocab(values?: readonly (string | number)[] | VocabOptions): this;
  /** Maps each value to a row (`vocab_dict`). */
  vocabDict(entries: Readonly<Record<string, number>>): this;
  /** Reads the values from a file, one per line (`vocab_file`). */
  vocabFile(path: string): this;
  /** Splits several values in a text column at `separator`. Default: TorchEasyRec's, `"\x1d"` (`"\x03"` encoded). */
  multiValue(separator?: string): this;
  /** Replaces an empty value. Without it, an empty value is a zero vector. */
  default(value: string | number): this;
  /** Sets the row of values outside the vocabulary or range (`default_bucketize_value`). */
  defaultBucket(row: number): this;
  /** Sets the embedding dim, pooling and table sharing. */
  embedding(dim: number, options?: EmbeddingOptions): this;
}

type EncodedMethod = Exclude<keyof EncodedFeature<string>, keyof Feature<string>>;

export function encodedMethods<Self>(
  name: string,
  next: (change: Partial<EncodedDraft>) => Self,
): { readonly [Name in EncodedMethod]: (...values: Parameters<EncodedFeature<string>[Name]>) => Self } {
  return {
    hash: (size) => next({ encoding: { kind: "hash", size } }),
    vocab: (values) => next({ encoding: vocabulary(name, values) }),
    vocabDict: (entries) => next({ encoding: { kind: "vocabDict", entries: { ...entries } } }),
    vocabFile: (path) => next({ encoding: { kind: "vocabFile", path } }),
    multiValue: (separator) => next({ separator: separator ?? null }),
    default: (value) => next({ defaultValue: String(value) }),
    defaultBucket: (row) => next({ defaultBucket: row }),
    embedding: (dim, options) => next(embeddingFields(name, dim, options)),
  };
}

export function requireEncoded(
  name: string,
  call: string,
  draft: EncodedDraft,
): EncodedDraft & { encoding: IdEncoding; embeddingDim: number } {
  const { encoding, embeddingDim } = draft;
  if (encoding !== null && embeddingDim !== null) return { ...draft, encoding, embeddingDim };
  const buckets = call.startsWith("idFeature") ? ".buckets(count), " : "";
  throw new SpecError([
    ...unless(encoding !== null, {
      path: `features.${name}.encoding`,
      message: `the encoding of "${name}" is missing`,
      received: call,
      expected: `${buckets}.hash(size), .vocab(), .vocab([…]), .vocabDict({…}) or .vocabFile(path)`,
      fix: `${call}.hash(100_000).embedding(16)`,
    }),
    ...unless(embeddingDim !== null, {
      path: `features.${name}.embeddingDim`,
      message: `"${name}" has no embedding dim`,
      received: call,
      expected: ".embedding(dim)",
      fix: `${call} … .embedding(16)`,
    }),
  ]);
}

export function finishFeature<S extends FeatureSpec>(feature: S): S {
  const problems = featureProblems(feature, { isUsed: true, readsExpressions: true });
  if (problems.length > 0) throw new SpecError(problems);
  return deepFreeze(feature);
}

/** The rows on which a feature is fitted. */
export interface FitOnOptions {
  /** The rows, from `dataset(…)`. Default: the training rows of `fit`, which are the safe choice. */
  readonly from?: FitSource;
}

/** The values of the rows that form a vocabulary. */
export interface VocabOptions extends FitOnOptions {
  /** Values in fewer rows share the row of unknown values. Default: 1. */
  readonly minCount?: number;
  /** Keeps only this number of values, the most frequent ones. Default: no limit. */
  readonly most?: number;
}

function vocabulary(feature: string, values: readonly (string | number)[] | VocabOptions | undefined): IdEncoding {
  if (Array.isArray(values)) return { kind: "vocabList", values: values.map(String) };
  const options = (values ?? {}) as VocabOptions;
  const path = `features.${feature}.vocab`;
  if (typeof options !== "object") {
    const expected = "a list of values, or options such as { minCount: 5 }";
    throw new SpecError({ path, message: "not a vocabulary", received: show(options), expected });
  }
  checkOptions(path, options, ["from", "minCount", "most"]);
  const { minCount = 1, most = null } = options;
  return { kind: "vocabFit", minCount, most, from: rowsIn(path, options) };
}

/** The rows of a call such as `.zscore({ from })`; `null`: the training rows. */
export function fittedOn(path: string, options: FitOnOptions): FitRows | null {
  checkOptions(path, options, ["from"]);
  return rowsIn(path, options);
}

function rowsIn(path: string, { from }: FitOnOptions): FitRows | null {
  if (from === undefined) return null;
  if (typeof from?.rows === "number" && typeof from.table === "object") return fitRows(from);
  throw new SpecError({
    path: `${path}.from`,
    message: "not a data set",
    received: show(from),
    expected: "the result of await dataset(…), or no `from` for the training rows",
    fix: typeof from === "string" ? `from: await dataset(${show(from)})` : undefined,
  });
}

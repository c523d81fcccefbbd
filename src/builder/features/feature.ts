/**
 * The interface of all feature builders: a name, typed as a literal, and a method that returns the spec.
 */
import type { DerivedColumn, FeatureSpec, IdEncoding, Pooling } from "../../spec/index.js";
import { checkOptions } from "../options.js";

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
export interface EmbeddingOptions {
  /** How several values in one row become one vector. Default: `"sum"`. */
  readonly pooling?: Pooling;
  /** Features with the same table name share the table (TorchEasyRec `embedding_name`). Default: a separate table. */
  readonly sharedAs?: string;
}

/** The settings of an embedded feature so far; `null`: not set. */
export interface EmbeddedDraft {
  readonly embeddingDim: number | null;
  readonly embeddingName: string | null;
  readonly pooling: Pooling;
  readonly separator: string | null;
  readonly defaultValue: string;
}

/** The settings of an id or combo feature so far. */
export interface EncodedDraft extends EmbeddedDraft {
  readonly encoding: IdEncoding | null;
  readonly defaultBucket: number | null;
}

/** An empty draft with TorchEasyRec's defaults. */
export const emptyEmbedded: EmbeddedDraft = Object.freeze({
  embeddingDim: null,
  embeddingName: null,
  pooling: "sum",
  separator: null,
  defaultValue: "",
} as const);

/** An empty draft of an encoded feature. */
export const emptyEncoded: EncodedDraft = Object.freeze({ ...emptyEmbedded, encoding: null, defaultBucket: null });

/** The draft's fields that `.embedding(dim, options)` sets. */
export function embeddingFields(
  feature: string,
  dim: number,
  options: EmbeddingOptions = {},
): { embeddingDim: number; embeddingName: string | null; pooling: Pooling } {
  checkOptions(`features.${feature}`, options, ["pooling", "sharedAs"]);
  return { embeddingDim: dim, embeddingName: options.sharedAs ?? null, pooling: options.pooling ?? "sum" };
}

/**
 * The interface of all feature builders: a name, typed as a literal, and a method that returns the spec.
 */
import { SpecError } from "../../errors/index.js";
import type { DerivedColumn, FeatureSpec, IdEncoding, Pooling } from "../../spec/index.js";
import type { JsonObject } from "../../util/json.js";
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
  /**
   * `false`: training does not change the table (TorchEasyRec `trainable`), so that `fit(data, { vectors })` keeps the
   * vectors as they are. Default: true.
   */
  readonly trainable?: boolean;
}

/** The settings of an embedded feature so far; `null`: not set. */
export interface EmbeddedDraft {
  readonly embeddingDim: number | null;
  readonly embeddingName: string | null;
  readonly pooling: Pooling;
  readonly separator: string | null;
  readonly defaultValue: string;
  /** Fields of TorchEasyRec's feature without a setting of their own here. */
  readonly extra: JsonObject;
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
  extra: {},
} as const);

/** An empty draft of an encoded feature. */
export const emptyEncoded: EncodedDraft = Object.freeze({ ...emptyEmbedded, encoding: null, defaultBucket: null });

/** The draft's fields that `.embedding(dim, options)` sets. */
export function embeddingFields(
  feature: string,
  dim: number,
  options: EmbeddingOptions = {},
): Pick<EmbeddedDraft, "embeddingName" | "pooling" | "extra"> & { embeddingDim: number } {
  checkOptions(`features.${feature}`, options, ["pooling", "sharedAs", "trainable"]);
  const { pooling = "sum", sharedAs = null, trainable = true } = options;
  if (typeof trainable !== "boolean") {
    throw new SpecError({
      path: `features.${feature}.trainable`,
      message: "not true or false",
      received: JSON.stringify(trainable) ?? String(trainable),
      expected: "false for a table that training does not change",
      fix: `.embedding(${dim}, { trainable: false })`,
    });
  }
  return { embeddingDim: dim, embeddingName: sharedAs, pooling, extra: trainable ? {} : { trainable } };
}

/** What every feature builder is to the model: a name, in the type too, and a way to its spec. */
import type { FeatureSpec, IdEncoding, Pooling } from "../../spec/index.js";
import { checkOptions } from "../options.js";

/** A feature under a name that the compiler knows: `Feature<"user_id">`. */
export interface Feature<N extends string> {
  /** The name by which groups, and data columns where no expression says otherwise, know it. */
  readonly name: N;
  /** The feature as frozen data. Throws {@link SpecError} where something is missing or wrong. */
  toSpec(): FeatureSpec;
}

/** How a feature is embedded. */
export interface EmbeddingOptions {
  /** How several values of one row become one vector. Default: `"sum"`. */
  readonly pooling?: Pooling;
  /** Features that name the same table share it (TorchEasyRec `embedding_name`). Default: a table of its own. */
  readonly sharedAs?: string;
}

/** What is known of an embedded feature so far; `null` where it has not been said. */
export interface EmbeddedDraft {
  readonly embeddingDim: number | null;
  readonly embeddingName: string | null;
  readonly pooling: Pooling;
  readonly separator: string | null;
  readonly defaultValue: string;
}

/** What is known of an id or combo feature so far. */
export interface EncodedDraft extends EmbeddedDraft {
  readonly encoding: IdEncoding | null;
  readonly defaultBucket: number | null;
}

/** Nothing said yet, TorchEasyRec's defaults. */
export const emptyEmbedded: EmbeddedDraft = Object.freeze({
  embeddingDim: null,
  embeddingName: null,
  pooling: "sum",
  separator: null,
  defaultValue: "",
} as const);

/** Nothing said yet of an encoded feature. */
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

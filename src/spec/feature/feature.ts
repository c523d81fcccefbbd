/** Features: what a column of the data becomes before the model sees it. */
import type { JsonObject } from "../../util/json.js";

/** How several values of one row are pooled into one vector. */
export type Pooling = "sum" | "mean";

/** How a raw id becomes a row of the embedding table (TorchEasyRec `IdFeature`, `ComboFeature`). */
export type IdEncoding =
  | {
      readonly kind: "buckets";
      /** Rows of the table: ids are 0 … count − 1. */
      readonly count: number;
    }
  | {
      readonly kind: "hash";
      /** Rows of the table, into which texts are hashed. */
      readonly size: number;
    }
  | {
      readonly kind: "vocabList";
      /** In the order of their rows. */
      readonly values: readonly string[];
    }
  | {
      readonly kind: "vocabDict";
      /** Text to row. */
      readonly entries: Readonly<Record<string, number>>;
    }
  | {
      readonly kind: "vocabFile";
      /** One value a line; relative to the working directory. */
      readonly path: string;
    };

interface EmbeddedFeature {
  /** By which groups and the embedding table's name know it. */
  readonly name: string;
  /** Tables with one `embeddingName` are one table. `null`: the feature's own. */
  readonly embeddingName: string | null;
  /** How several values of a row become one vector. */
  readonly pooling: Pooling;
  /** Separates several values in a text column; `null`: TorchEasyRec's default ("\x1d", "\x03" when encoded). */
  readonly separator: string | null;
  /** Stands in for an empty value; `""`: an empty value is no value (a zero vector). */
  readonly defaultValue: string;
  /** Config fields that the spec does not model, as proto JSON, kept for printing. */
  readonly extra: JsonObject;
}

/** A categorical feature. */
export interface IdFeatureSpec extends EmbeddedFeature {
  /** Tells the kinds of features apart. */
  readonly kind: "id";
  /** `user:user_id`, `item:cate_id`, `context:pid`; the column's name is the part behind the colon. */
  readonly expression: string;
  /** How an id becomes a row of the table. */
  readonly encoding: IdEncoding;
  /** Row for values outside the vocabulary or range (`default_bucketize_value`); `null`: TorchEasyRec's rule. */
  readonly defaultBucket: number | null;
  /** Values are `id:weight`. */
  readonly weighted: boolean;
  /** Columns of the table. */
  readonly embeddingDim: number;
}

/** A number: as it is (`valueDim` columns), normalised, or cut at boundaries and embedded. */
export interface RawFeatureSpec extends EmbeddedFeature {
  /** Tells the kinds of features apart. */
  readonly kind: "raw";
  /** Where the value comes from, such as `item:price`; the column's name is the part behind the colon. */
  readonly expression: string;
  /** Numbers a row. */
  readonly valueDim: number;
  /** TorchEasyRec normalizer text such as `method=log10,threshold=0.05,default=-5`. */
  readonly normalizer: string | null;
  /** Right-open: x ≥ boundary goes up; empty: the value itself. */
  readonly boundaries: readonly number[];
  /** `null` where the value enters as it is. */
  readonly embeddingDim: number | null;
}

/** A cross of ids: the cartesian product of the columns' values joined with `_`, then encoded. */
export interface ComboFeatureSpec extends EmbeddedFeature {
  /** Tells the kinds of features apart. */
  readonly kind: "combo";
  /** The crossed columns, such as `user:age`, the first one outermost. */
  readonly expressions: readonly string[];
  /** How a crossed text becomes a row of the table. */
  readonly encoding: IdEncoding;
  /** Row for values outside the vocabulary (`default_bucketize_value`); `null`: TorchEasyRec's rule. */
  readonly defaultBucket: number | null;
  /** Columns of the table. */
  readonly embeddingDim: number;
}

/** A TorchEasyRec feature that this engine does not compute: kept and printed, refused by name when data is bound. */
export interface OtherFeatureSpec {
  /** Tells the kinds of features apart. */
  readonly kind: "other";
  /** By which groups know it. */
  readonly name: string;
  /** The field of `FeatureConfig`, such as `lookup_feature`. */
  readonly field: string;
  /** Its content as proto JSON. */
  readonly config: JsonObject;
}

/** Any feature. */
export type FeatureSpec = IdFeatureSpec | RawFeatureSpec | ComboFeatureSpec | OtherFeatureSpec;

/** The column's name in an expression: `user:age` → `age`. */
export function expressionColumn(expression: string): string {
  return expression.slice(expression.indexOf(":") + 1);
}

/** Columns that a feature takes in a group's input: its embedding dim, or its value dim where it enters as it is. */
export function featureWidth(feature: FeatureSpec): number {
  if (feature.kind === "other") return 0;
  return feature.embeddingDim ?? (feature as RawFeatureSpec).valueDim;
}

/** The name of the feature's embedding table, or `null` where it has none. */
export function tableName(feature: FeatureSpec): string | null {
  if (feature.kind === "other" || feature.embeddingDim === null) return null;
  return feature.embeddingName ?? `${feature.name}_emb`;
}

/** Rows of the feature's embedding table (TorchEasyRec `num_embeddings`); `null` where it has none or a file decides. */
export function tableRows(feature: FeatureSpec): number | null {
  if (feature.kind === "other" || feature.embeddingDim === null) return null;
  if (feature.kind === "raw") return feature.boundaries.length + 1;
  const { encoding } = feature;
  switch (encoding.kind) {
    case "buckets":
      return encoding.count;
    case "hash":
      return encoding.size;
    case "vocabList":
      return encoding.values.length + (feature.defaultBucket === null ? 2 : 0);
    case "vocabDict":
      // Not Math.max of them all: an argument each is too many for a large vocabulary.
      return Object.values(encoding.entries).reduce((most, row) => Math.max(most, row), feature.defaultBucket ?? 1) + 1;
    case "vocabFile":
      return null;
  }
}

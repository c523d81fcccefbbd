/** The features of a spec: ids, numbers and crosses, with their encodings, columns and tables. */
import type { Problem } from "../../errors/index.js";
import { getOrMake } from "../../util/growing.js";
import type { JsonObject } from "../../util/json.js";
import { listNames } from "../../util/names.js";
import { flag, number, numbers, type OptionsOf, oneOf, optionalNumber, optionalText, text, texts } from "../option.js";
import type { OtherSpec } from "../training.js";
import { unless } from "../validate/checks.js";
import type { SequenceSpec } from "./sequence.js";

/** Kinds whose values are always ids. */
const ids = ["id_feature", "combo_feature", "bool_mask_feature", "tokenize_feature"];

/** Fields that map the values of an id feature to rows, in TorchEasyRec's order of precedence. */
export const encodings = ["hash_bucket_size", "num_buckets", "vocab_list", "vocab_dict", "vocab_file"] as const;

/** Encodings whose rows TorchEasyRec assigns while it trains. Here a vocabulary of the training rows replaces them. */
export const otherEncodings = ["zch", "dynamicemb"] as const;

/** The field of such an encoding, whose columns hold ids in every mode; `null` if the feature has none. */
export function growingRows(feature: FeatureSpec): (typeof otherEncodings)[number] | null {
  if (feature.kind === "other" || feature.kind === "raw") return null;
  return otherEncodings.find((name) => name in feature.extra) ?? null;
}

/** Whether an id feature lacks an encoding, which only unused features may. */
export function lacksEncoding(field: string, config: JsonObject): boolean {
  const isId = field === "id_feature" || field === "combo_feature";
  return isId && ![...encodings, ...otherEncodings].some((name) => name in config);
}

/** Fields that make a feature's values rows of a table, or embed its numbers. */
const embedding = [...encodings, ...otherEncodings, "boundaries", "autodis", "mlp"];

/** The number of columns that TorchEasyRec gives a feature in a group: its embedding dim, or its numbers. */
function otherWidth(field: string, config: JsonObject): number {
  const isEmbedded = ids.includes(field) || embedding.some((name) => name in config);
  return isEmbedded ? Number(config["embedding_dim"] ?? 0) : Number(config["value_dim"] ?? 0) || 1;
}

/** How several values in one row are pooled into one vector. */
export type Pooling = "sum" | "mean";

/** How a raw id is mapped to a row of the embedding table (TorchEasyRec `IdFeature`, `ComboFeature`). */
export type IdEncoding =
  | {
      readonly kind: "buckets";
      /** Number of rows of the table: ids are 0 … count − 1. */
      readonly count: number;
    }
  | {
      readonly kind: "hash";
      /** Number of rows of the table; texts are hashed into them. */
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
      /** A file with one value per line; relative to the working directory. */
      readonly path: string;
    }
  | {
      /** The values of some rows, which become a `vocabList` when the model is fitted. */
      readonly kind: "vocabFit";
      /** Rarer values are left out. */
      readonly minCount: number;
      /** The largest number of values, the most frequent ones; `null`: no limit. */
      readonly most: number | null;
      /** The rows; `null`: the training rows. */
      readonly from: FitRows | null;
    };

/** Rows to fit on, by description; `fittingRows` returns the rows. */
export interface FitRows {
  /** Where the rows come from. */
  readonly source: string;
  readonly rows: number;
}

/** The numbers that a raw feature learns from rows. */
export interface NumberFit {
  /** Whether the mean and the standard deviation become the normalizer. */
  readonly zscore: boolean;
  /**
   * The number of buckets with about equal numbers of rows, whose limits become the boundaries, or the edges of pieces;
   * `null`: none.
   */
  readonly quantiles: number | null;
  /** The rows; `null`: the training rows. */
  readonly from: FitRows | null;
}

/** What the options of `.embedding(dim, …)` set in a feature, each with its row in `embeddingOptions`. */
export interface EmbeddingChoices {
  /** How several values in one row become one vector. Default: `"sum"`. */
  readonly pooling: Pooling;
}

/** Builders, validation, configs and saved runs read this table. An option that a feature may lack is `optional(…)`. */
export const embeddingOptions: OptionsOf<EmbeddingChoices> = {
  pooling: oneOf<Pooling>(["sum", "mean"]),
};

interface EmbeddedFeature extends EmbeddingChoices {
  /** The feature's name in groups, and in the default name of its embedding table. */
  readonly name: string;
  /** Features with the same `embeddingName` share one table. `null`: a separate table. */
  readonly embeddingName: string | null;
  /** Separator of several values in a text; `null`: TorchEasyRec's ("\x1d", or "\x03" when encoded). */
  readonly separator: string | null;
  /** Replaces an empty value; `""`: an empty value becomes a zero vector. */
  readonly defaultValue: string;
  /** Config fields that the spec does not model, as proto JSON, kept for export. */
  readonly extra: JsonObject;
  /** Set if TorchEasyRec's feature generator made the column (`FG_NONE`, `FG_BUCKETIZE`): the feature in the config. */
  readonly generated?: GeneratedColumn;
  /** Set if a row holds a sequence of values, such as the last clicks. */
  readonly sequence?: SequenceSpec;
}

/** A feature of a kind that only TorchEasyRec's feature generator computes, such as `lookup_feature`. */
export interface GeneratedColumn {
  /** The field of `FeatureConfig`. */
  readonly field: string;
  /** Its content as proto JSON. */
  readonly config: JsonObject;
}

interface EncodedFeature extends EmbeddedFeature {
  /** How an id, or a crossed text, is mapped to a row of the table. */
  readonly encoding: IdEncoding;
  /** The row for values outside the vocabulary or range (`default_bucketize_value`); `null`: TorchEasyRec's rule. */
  readonly defaultBucket: number | null;
  /** Embedding dimension: number of columns of the table. */
  readonly embeddingDim: number;
}

/** A categorical feature. */
export interface IdFeatureSpec extends EncodedFeature {
  readonly kind: "id";
  /** `user:user_id`, `item:cate_id`, `context:pid`; the part after the colon is the column's name. */
  readonly expression: string;
  /** Values are `id:weight`. */
  readonly weighted: boolean;
}

/** A numeric feature: unchanged (`valueDim` columns), normalised, or bucketized at boundaries and embedded. */
export interface RawFeatureSpec extends EmbeddedFeature {
  readonly kind: "raw";
  /** The source of the value, such as `item:price`; the part after the colon is the column's name. */
  readonly expression: string;
  /** Number of values per row; with `pieces`, of which a row has one value, the number of pieces. */
  readonly valueDim: number;
  /** TorchEasyRec normalizer text such as `method=log10,threshold=0.05,default=-5`. */
  readonly normalizer: string | null;
  /** Bucket boundaries, right-open: x ≥ boundary is in the next bucket. Empty: the value is not bucketized. */
  readonly boundaries: readonly number[];
  /**
   * The edges of pieces, ascending: the value becomes one number for each piece, between its two edges (piecewise-linear
   * encoding). Empty until the feature is fitted; absent: the value stays one number.
   */
  readonly pieces?: readonly number[];
  /** `null`: the value is not embedded. */
  readonly embeddingDim: number | null;
  /** How the numbers are embedded without boundaries; absent: not at all, or by buckets. */
  readonly projection?: NumberProjection;
  /** Numbers to learn from rows; missing once the feature is fitted. */
  readonly fit?: NumberFit;
}

/** A crossed feature: the cartesian product of the columns' values, joined with `_`, then encoded. */
export interface ComboFeatureSpec extends EncodedFeature {
  readonly kind: "combo";
  /** The crossed columns, such as `user:age`, outermost first. */
  readonly expressions: readonly string[];
}

/** A TorchEasyRec feature that this engine does not compute: kept and exported, rejected by name when data is bound. */
export interface OtherFeatureSpec extends OtherSpec {
  /** The feature's name in groups. */
  readonly name: string;
  /** Set if it is in a `sequence_feature`. */
  readonly sequence?: SequenceSpec;
}

const embedded = { name: text("feature_name"), embeddingName: optionalText(), ...embeddingOptions };
const encoded = { ...embedded, embeddingDim: number(), defaultBucket: optionalNumber({}, "default_bucketize_value") };
/** Checks that depend on other options, or on the contents of the columns. */
type Apart = "kind" | "encoding" | "separator" | "defaultValue" | "extra" | "generated" | "sequence";

/** All other options of a feature with a table. */
export const featureOptions: {
  readonly id: OptionsOf<Omit<IdFeatureSpec, Apart>>;
  readonly combo: OptionsOf<Omit<ComboFeatureSpec, Apart>>;
  readonly raw: OptionsOf<Omit<RawFeatureSpec, Apart | "embeddingDim" | "projection" | "fit" | "pieces">>;
} = {
  id: { ...encoded, expression: text(), weighted: flag() },
  combo: { ...encoded, expressions: texts("expression") },
  raw: { ...embedded, expression: text(), valueDim: number(), normalizer: optionalText(), boundaries: numbers() },
};

/** Any feature. */
export type FeatureSpec = IdFeatureSpec | RawFeatureSpec | ComboFeatureSpec | OtherFeatureSpec;

/** The normalizer of `missingFeature`: 0 for a value, and its default, 1, where it is missing. */
export const missingIndicator = "method=expression,expr=0*x";

/** The columns whose missing values an indicator marks. */
export function markedColumns({ features }: { readonly features: readonly FeatureSpec[] }): ReadonlySet<string> {
  return new Set(
    features.flatMap((feature) => {
      const isMark = feature.kind === "raw" && feature.normalizer === missingIndicator;
      return isMark ? expressionColumn(feature.expression) : [];
    }),
  );
}

/** The column name of an expression: `user:age` → `age`. */
export function expressionColumn(expression: string): string {
  return expression.slice(expression.indexOf(":") + 1);
}

/** The column of a feature's expression; its name if it has none, as in configs with `fg_mode: FG_NONE`. */
export function inputColumn({ name, expression }: { readonly name: string; readonly expression: string }): string {
  return expressionColumn(expression) || name;
}

/** The number of columns of a feature in a group's input: its embedding dim, or its value dim if it is not embedded. */
export function featureWidth(feature: FeatureSpec): number {
  if (feature.kind === "other") return otherWidth(feature.field, feature.config);
  return feature.embeddingDim ?? (feature as RawFeatureSpec).valueDim;
}

/** The number of columns that a feature fills in a batch: its width, or its numbers if the model embeds them itself. */
export function inputWidth(feature: FeatureSpec): number {
  return feature.kind === "raw" && feature.projection !== undefined ? feature.valueDim : featureWidth(feature);
}

export function isSequence(feature: FeatureSpec): boolean {
  return feature.sequence !== undefined;
}

/**
 * Whether several ids may be pooled: by TorchEasyRec's `value_dim`; by default one per position, several in a query.
 */
export function holdsSeveral(feature: FeatureSpec): boolean {
  if (feature.kind === "other") return false;
  const usual = feature.kind === "combo" ? 0 : undefined;
  const declared = (feature.extra["value_dim"] as number | undefined) ?? usual;
  if (feature.kind === "raw") return feature.valueDim !== 1;
  return feature.sequence === undefined ? declared !== 1 : declared !== undefined && declared !== 1;
}

/** Whether training leaves its table unchanged. */
export function isFrozen(feature: FeatureSpec): boolean {
  return feature.kind !== "other" && feature.extra["trainable"] === false;
}

export function tableName(feature: FeatureSpec): string | null {
  if (feature.kind === "other" || feature.embeddingDim === null) return null;
  if (feature.kind === "raw" && feature.projection !== undefined) return null;
  return feature.embeddingName ?? `${feature.name}_emb`;
}

/** Rows of the feature's table (`num_embeddings`); `null` without a table, or if a file or a fit determines it. */
export function tableRows(feature: FeatureSpec): number | null {
  if (feature.kind === "other" || tableName(feature) === null) return null;
  if (feature.kind === "raw") return feature.fit?.quantiles ? null : feature.boundaries.length + 1;
  const { encoding } = feature;
  if (encoding.kind === "vocabFile" || encoding.kind === "vocabFit") return null;
  if (encoding.kind === "buckets") return encoding.count;
  if (encoding.kind === "hash") return encoding.size;
  if (encoding.kind === "vocabList") return encoding.values.length + (feature.defaultBucket === null ? 2 : 0);
  // Not `Math.max(...rows)`: a large vocabulary exceeds the maximum number of arguments.
  return Object.values(encoding.entries).reduce((most, row) => Math.max(most, row), feature.defaultBucket ?? 1) + 1;
}

const indices = new WeakMap<readonly FeatureSpec[], ReadonlyMap<string, FeatureSpec>>();

export function findFeature(
  { features }: { readonly features: readonly FeatureSpec[] },
  name: string,
): FeatureSpec | undefined {
  const makeIndex = () => new Map([...features].reverse().map((feature) => [feature.name, feature]));
  return getOrMake(indices, features, makeIndex).get(name);
}

/** How numbers become an embedding. */
export type NumberProjection =
  | {
      /** A mixture of `channels` trained vectors, whose weights depend on the number (AutoDis). */
      readonly kind: "autodis";
      /** Number of trained vectors. */
      readonly channels: number;
      /** Divides the scores before the softmax: small values choose one vector. */
      readonly temperature: number;
      /** The factor of the skip connection. */
      readonly keepProb: number;
    }
  | {
      /** A matrix without bias: x · W. */
      readonly kind: "mlp";
    };

/** What features learn from rows before encoding: vocabularies, normalizers, boundaries. Trained models have none. */

/** A data set to fit on, recognised by its shape. */
export interface FitSource {
  readonly rows: number;
  readonly table: { readonly source: string };
}

const sources = new WeakMap<FitRows, FitSource>();

/** Describes rows to fit on, since a spec holds plain data only. */
export function fitRows(source: FitSource): FitRows {
  const described = Object.freeze({ source: source.table.source, rows: source.rows });
  sources.set(described, source);
  return described;
}

/** The rows that {@link fitRows} described; `undefined` if the description is from another process. */
export function fittingRows(described: FitRows): FitSource | undefined {
  return sources.get(described);
}

export function needsFit(feature: FeatureSpec): boolean {
  if (feature.kind === "other") return false;
  return feature.kind === "raw" ? feature.fit !== undefined : feature.encoding.kind === "vocabFit";
}

export function unfittedProblems({ features }: { readonly features: readonly FeatureSpec[] }): Problem[] {
  const waiting = features.filter(needsFit);
  const names = waiting.map(({ name }) => name);
  const growing = waiting.some((feature) => growingRows(feature) !== null)
    ? "; the config of a run (run.model.toConfig()) and an export's model.config list the ids of zch and dynamicemb"
    : "";
  return unless(names.length === 0, {
    path: `features.${names[0]}`,
    message: names.length === 1 ? "not fitted yet" : `not fitted yet, like ${names.length - 1} others`,
    received: `${listNames(names)} without values from data`,
    expected: "features with a vocabulary, normalizer and boundaries",
    fix: `use the model of a run (run.model), or fit the features first: await model.fitFeatures(train)${growing}`,
  });
}

/**
 * The encoders of an exported model, as JSON: how the columns of a row become the model's inputs. It is self-contained,
 * without rules or files of the spec, for use from other languages; docs/serving.md describes the format.
 */
import { type ComputedFeature, usualSeparator, vocabularyRows } from "../../data/index.js";
import {
  type ComboFeatureSpec,
  columnContents,
  columnFeature,
  type DerivedColumns,
  emptySpec,
  expressionColumn,
  type FeatureSpec,
  groupFeatures,
  type IdFeatureSpec,
  type ModelSpec,
  type Pooling,
} from "../../spec/index.js";
import { derivedFor, namedDomains } from "./computed-columns.js";

/** How one value becomes a row of the embedding table; `outside` is the row of unknown values. */
export type RowsRule =
  /** An integer is the row. */
  | {
      readonly kind: "buckets";
      /** Number of rows of the table. */
      readonly count: number;
      /** Row of numbers below 0 and from `count` on. */
      readonly outside: number;
    }
  /** MurmurHash2-64A of the text's UTF-8 bytes (seed 0xc70f6907), modulo `size`. */
  | {
      readonly kind: "hash";
      /** Number of rows of the table. */
      readonly size: number;
    }
  /** Text to row. */
  | {
      readonly kind: "vocabulary";
      /** The row of each text. */
      readonly values: Readonly<Record<string, number>>;
      /** Row of every other text. */
      readonly outside: number;
    }
  /** A number's row is the count of boundaries at or below it, all as float32; after the normalizer. */
  | {
      readonly kind: "boundaries";
      /** Ascending; the table has one row more. */
      readonly boundaries: readonly number[];
    };

/** Fields of all encoders. */
export interface Encoder {
  /** The model's input. */
  readonly name: string;
  /** The first of these columns that exists is read. */
  readonly columns: readonly string[];
  /** Separator of the values in a text. */
  readonly separator: string;
  /** Replaces a missing value, in the format of values; `""`: none. */
  readonly default: string;
}

/** Ids into a table: input [rows, values] of int64, padded with −1, which means no value (a zero vector). */
export interface IdsEncoder extends Encoder {
  /** Tag of the kind of encoder. */
  readonly kind: "ids";
  /** Columns whose values are crossed and joined with `_` if none of `columns` exists; `null`: none. */
  readonly cross: readonly string[] | null;
  /** How a value becomes a row of the table. */
  readonly rows: RowsRule;
  /** How the graph pools several values. */
  readonly pooling: Pooling;
  /** The input for weights of values in the format `id:weight`, [rows, values] of float32; `null`: none. */
  readonly weights: string | null;
  /** Numbers per row, if boundaries bucketize several; else 1. */
  readonly dim: number;
  /** TorchEasyRec's text, before boundaries; `null`: none. */
  readonly normalizer: string | null;
}

/** Plain numbers: input [rows, dim] of float32. */
export interface ValuesEncoder extends Encoder {
  /** Tag of the kind of encoder. */
  readonly kind: "values";
  /** Numbers per row. */
  readonly dim: number;
  /** TorchEasyRec's text; `null`: none. A default value is not normalised. */
  readonly normalizer: string | null;
}

/** The encoder of a feature. */
export type FeatureEncoder = IdsEncoder | ValuesEncoder;

/** Describes one output. */
export interface ServedOutput {
  /** The output's name in the graph, such as `probs_ctr_0`. */
  readonly name: string;
  /** Name of the task's tower. */
  readonly tower: string;
  /** The tower's domain; `null` if the model has no domains. */
  readonly domain: number | null;
  /**
   * TorchEasyRec's name of its content: logits, probabilities, the probability of the second of two classes, a
   * value.
   */
  readonly kind: "logits" | "probs" | "probs1" | "y";
  /** 1: shape [rows]; else [rows, classes]. */
  readonly classes: number;
}

/** The file `encoders.json`. */
export interface EncodersFile {
  /** The name of the format. */
  readonly format: "pepnet.encoders";
  /** The version of the format. */
  readonly version: 1;
  /** Ids are rows already (`fg_mode: FG_NONE`). */
  readonly encoded: boolean;
  /** The column with the domain of a row. */
  readonly domains: {
    /** The column of the data. */
    readonly column: string;
    /** The number of domains. */
    readonly count: number;
    /** Display names; `null`: numbers. */
    readonly names: readonly string[] | null;
  } | null;
  /** Columns to compute first, by the rules of docs/serving.md. Missing: none. */
  readonly derived?: DerivedColumns;
  /** One per feature, in the order of the group `all`. */
  readonly features: readonly FeatureEncoder[];
  /** One per tower, domain and kind. */
  readonly outputs: readonly ServedOutput[];
}

/**
 * The encoders of a model whose vocabulary files were read.
 *
 * @param encoded ids are rows already
 */
export function encodersOf(spec: ModelSpec, encoded: boolean): EncodersFile {
  const used = new Set((["all", "domain", "uia"] as const).flatMap((group) => groupFeatures(spec, group) ?? []));
  const contents = encoded ? "rows" : columnContents(spec);
  return {
    format: "pepnet.encoders",
    version: 1,
    encoded,
    domains: spec.domains,
    ...derivedFor(spec, used),
    features: spec.features.flatMap((feature) =>
      feature.kind === "other" || !used.has(feature.name)
        ? []
        : [encoderOf(namedDomains(columnFeature(feature, contents), spec), encoded)],
    ),
    outputs: outputsOf(spec),
  };
}

function encoderOf(feature: ComputedFeature, encoded: boolean): FeatureEncoder {
  const { name } = feature;
  const common = {
    name,
    separator: feature.separator ?? usualSeparator(encoded),
    default: feature.defaultValue,
  };
  if (feature.kind === "combo") {
    return {
      ...common,
      ...idsOf(feature, rowsOf(feature)),
      columns: [],
      cross: feature.expressions.map(expressionColumn),
    };
  }
  const columns = [...new Set([name, expressionColumn(feature.expression)])];
  if (feature.kind === "id") return { ...common, ...idsOf(feature, rowsOf(feature)), columns };
  const { valueDim: dim, normalizer } = feature;
  if (feature.boundaries.length === 0) return { ...common, kind: "values", columns, dim, normalizer };
  const boundaries = [...feature.boundaries].sort((a, b) => a - b);
  return { ...common, ...idsOf(feature, { kind: "boundaries", boundaries }), columns, dim, normalizer };
}

function idsOf(feature: ComputedFeature, rows: RowsRule) {
  const weighted = feature.kind === "id" && feature.weighted;
  return {
    kind: "ids" as const,
    cross: null,
    rows,
    pooling: feature.pooling,
    weights: weighted ? weightsInput(feature.name) : null,
    dim: 1,
    normalizer: null,
  };
}

/** The input of a weighted feature's weights. */
export function weightsInput(feature: string): string {
  return `${feature}.weights`;
}

/** The rules of training's encoding (src/data/encode), written out. */
function rowsOf(feature: IdFeatureSpec | ComboFeatureSpec): RowsRule {
  const { encoding, defaultBucket } = feature;
  const outside = defaultBucket ?? 0;
  if (encoding.kind === "buckets") return { kind: "buckets", count: encoding.count, outside };
  if (encoding.kind === "hash") return { kind: "hash", size: encoding.size };
  if (encoding.kind === "vocabFit") throw new Error("features are fitted before encoders are made");
  if (encoding.kind === "vocabFile") throw new Error("vocabulary files are read before encoders are made");
  const values = Object.fromEntries(vocabularyRows(feature));
  return { kind: "vocabulary", values, outside: defaultBucket ?? 1 };
}

/** Per domain; once without domains. */
function outputsOf(spec: ModelSpec): ServedOutput[] {
  const domains = spec.domains === null ? [null] : Array.from({ length: spec.domains.count }, (_, domain) => domain);
  return domains.flatMap((domain) =>
    spec.towers.flatMap(({ name: tower, losses, numClass: classes }) => {
      const suffix = domain === null ? tower : `${tower}_${domain}`;
      const output = (kind: ServedOutput["kind"], width: number): ServedOutput => ({
        name: `${kind}_${suffix}`,
        tower,
        domain,
        kind,
        classes: width,
      });
      return [
        ...(losses.some(({ kind }) => kind === "l2_loss") ? [output("y", 1)] : []),
        ...(losses.some(({ kind }) => kind !== "l2_loss") ? [output("logits", classes), output("probs", classes)] : []),
        ...(classes === 2 ? [output("probs1", 1)] : []),
      ];
    }),
  );
}

/**
 * A spec with the features of the encoders, and optionally the domain column. It is only for encoding, not a complete
 * model.
 */
export function encodingSpec({ encoded, domains, derived, features }: EncodersFile, withDomains: boolean): ModelSpec {
  return {
    ...emptySpec,
    ...(derived && { derived }),
    features: features.map((encoder) => featureOf(encoder, encoded)),
    domains: withDomains ? domains : null,
    extra: encoded ? { data_config: { fg_mode: "FG_NONE" } } : {},
  };
}

function featureOf(encoder: FeatureEncoder, encoded: boolean): FeatureSpec {
  const { name, separator, columns } = encoder;
  const common = {
    name,
    embeddingName: null,
    separator: separator === usualSeparator(encoded) ? null : separator,
    defaultValue: encoder.default,
    extra: {},
  };
  const expression = `feature:${columns.at(-1) ?? name}`;
  if (encoder.kind === "values") {
    const { dim: valueDim, normalizer } = encoder;
    return {
      ...common,
      kind: "raw",
      expression,
      valueDim,
      normalizer,
      boundaries: [],
      embeddingDim: null,
      pooling: "sum",
    };
  }
  const { rows, cross, pooling, weights, dim: valueDim, normalizer } = encoder;
  const embedded = { ...common, pooling, embeddingDim: 1 };
  if (rows.kind === "boundaries") {
    return { ...embedded, kind: "raw", expression, valueDim, normalizer, boundaries: rows.boundaries };
  }
  const ids = { ...embedded, ...encodingOf(rows) };
  if (cross === null) return { ...ids, kind: "id", expression, weighted: weights !== null };
  return { ...ids, kind: "combo", expressions: cross.map((column) => `feature:${column}`) };
}

function encodingOf(
  rows: Exclude<RowsRule, { kind: "boundaries" }>,
): Pick<IdFeatureSpec, "encoding" | "defaultBucket"> {
  if (rows.kind === "buckets") return { encoding: { kind: "buckets", count: rows.count }, defaultBucket: rows.outside };
  if (rows.kind === "hash") return { encoding: { kind: "hash", size: rows.size }, defaultBucket: null };
  return { encoding: { kind: "vocabDict", entries: rows.values }, defaultBucket: rows.outside };
}

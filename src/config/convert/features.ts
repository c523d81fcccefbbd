/**
 * Converts `FeatureConfig` to a spec and back.
 */
import type { Problem } from "../../errors/index.js";
import {
  type ComboFeatureSpec,
  type FeatureSpec,
  type IdEncoding,
  type IdFeatureSpec,
  type Pooling,
  type RawFeatureSpec,
  withProjection,
} from "../../spec/index.js";
import type { Json, JsonObject } from "../../util/json.js";
import { messageType } from "../schema/schema.js";
import type { Generation } from "./feature-generation.js";
import { compact, type Fields, readFields, type Writable } from "./fields.js";
import { encodedDefault, isGenerated, readGenerated, writeGenerated } from "./generated.js";
import { mergeExtra } from "./merge.js";
import { readProjection, writeProjection } from "./projections.js";
import { readSequences, writeSequences } from "./sequence-features.js";

const encodingFields = ["hash_bucket_size", "num_buckets", "vocab_list", "vocab_dict", "vocab_file"] as const;
/** Encodings that the spec does not model: features with them are kept unchanged. */
const otherEncodings = ["zch", "dynamicemb"] as const;

/** Converts an entry of `feature_configs`: one feature, or those of a `sequence_feature`. */
export function readFeatures(
  config: JsonObject,
  path: string,
  generation: Generation,
  problems: Problem[],
): readonly FeatureSpec[] {
  return readSequences(config, path, (single, at) => readFeature(single, at, generation, problems));
}

/** Returns the features as `feature_configs`. */
export function writeFeatures(
  features: readonly FeatureSpec[],
  generation: Generation,
  problems: Problem[],
): readonly JsonObject[] {
  return writeSequences(features, (feature) => writeFeature(feature, generation, problems));
}

/** Converts one feature; problems contain its path. */
function readFeature(
  config: JsonObject,
  path: string,
  generation: Generation,
  problems: Problem[],
): FeatureSpec | null {
  const [entry] = Object.entries(config) as [string, JsonObject][];
  if (entry === undefined) {
    problems.push({
      path,
      message: "an empty feature",
      received: "{}",
      expected: "id_feature { … }, raw_feature { … } …",
    });
    return null;
  }
  const [field, message] = entry;
  const other = (): FeatureSpec => ({ kind: "other", name: otherName(message), field, config: message });
  if (isGenerated(field, message, generation)) return readGenerated(field, message, generation);
  if (field === "raw_feature") return readRaw(readFields(message, "RawFeature"), generation);
  if (field !== "id_feature" && field !== "combo_feature") return other();
  if (otherEncodings.some((name) => name in message)) return other();
  if (!encodingFields.some((name) => name in message)) return other(); // refused only in a group
  const combo = field === "combo_feature";
  const fields = readFields(message, combo ? "ComboFeature" : "IdFeature");
  const encoding = readEncoding(fields, message, generation.mode === "FG_NONE", `${path}.${field}`, problems);
  if (encoding === null) return null;
  return combo ? readCombo(fields, encoding, generation) : readId(fields, encoding, generation);
}

/** Returns the feature as `FeatureConfig`. */
function writeFeature(feature: FeatureSpec, generation: Generation, problems: Problem[]): JsonObject {
  if (feature.kind === "other") return { [feature.field]: feature.config };
  if (feature.generated !== undefined) return writeGenerated(feature, feature.generated);
  const field = `${feature.kind}_feature`;
  const type = { id: "IdFeature", raw: "RawFeature", combo: "ComboFeature" }[feature.kind];
  const explicit = {
    ...commonExplicit(feature, generation, problems),
    ...(feature.kind === "raw" ? rawExplicit(feature) : encodedExplicit(feature)),
  };
  const values = compact(type, implied(feature, generation), explicit);
  return { [field]: mergeExtra(values, feature.extra, messageType(type)) };
}

function otherName(message: JsonObject): string {
  return String(message["feature_name"] ?? message["sequence_name"] ?? "");
}

function readId(fields: Fields, encoding: IdEncoding, generation: Generation): IdFeatureSpec {
  return {
    kind: "id",
    ...readCommon(fields, generation),
    expression: fields.text("expression"),
    encoding,
    defaultBucket: fields.optionalNumber("default_bucketize_value"),
    weighted: fields.flag("weighted"),
    embeddingDim: fields.number("embedding_dim"),
    extra: fields.rest(),
  };
}

function readCombo(fields: Fields, encoding: IdEncoding, generation: Generation): ComboFeatureSpec {
  return {
    kind: "combo",
    ...readCommon(fields, generation),
    expressions: fields.texts("expression"),
    encoding,
    defaultBucket: fields.optionalNumber("default_bucketize_value"),
    embeddingDim: fields.number("embedding_dim"),
    extra: fields.rest(),
  };
}

function readRaw(fields: Fields, generation: Generation): RawFeatureSpec {
  const boundaries = fields.numbers("boundaries");
  // Otherwise the value is not embedded, regardless of embedding_dim.
  const projection = boundaries.length > 0 ? undefined : readProjection(fields);
  const embeds = boundaries.length > 0 || projection !== undefined;
  const raw: RawFeatureSpec = {
    kind: "raw",
    ...readCommon(fields, generation),
    expression: fields.text("expression"),
    valueDim: fields.number("value_dim"),
    normalizer: fields.optionalText("normalizer"),
    boundaries,
    embeddingDim: embeds ? fields.optionalNumber("embedding_dim") : null,
    extra: fields.rest(),
  };
  return withProjection(raw, projection);
}

type CommonPart = Pick<IdFeatureSpec, "name" | "embeddingName" | "pooling" | "separator" | "defaultValue">;

/** Encoded columns have a fixed default and separator; the feature's settings then have no effect and are kept. */
function readCommon(fields: Fields, { mode, separator, impliedSeparator }: Generation): CommonPart {
  const encoded = mode === "FG_NONE";
  return {
    name: fields.text("feature_name"),
    embeddingName: fields.optionalText("embedding_name"),
    pooling: fields.text("pooling") as Pooling,
    separator: encoded ? (separator === impliedSeparator ? null : separator) : fields.optionalText("separator"),
    defaultValue: encoded ? encodedDefault(fields) : fields.text("default_value"),
  };
}

type Computed = Exclude<FeatureSpec, { kind: "other" }>;

/** Fields that are omitted if they equal the schema's default. */
function implied(feature: Computed, { mode }: Generation): Writable {
  return {
    pooling: feature.pooling,
    ...(mode === "FG_NONE" ? {} : { default_value: feature.defaultValue }),
    ...(feature.kind === "raw" ? { value_dim: feature.valueDim } : {}),
    ...(feature.kind === "id" ? { weighted: feature.weighted } : {}),
  };
}

function commonExplicit(feature: Computed, generation: Generation, problems: Problem[]): Writable {
  const names = {
    feature_name: feature.name,
    expression: feature.kind === "combo" ? feature.expressions : feature.expression || undefined,
    embedding_name: feature.embeddingName,
    embedding_dim: feature.embeddingDim || undefined,
  };
  if (generation.mode !== "FG_NONE") return { ...names, separator: feature.separator };
  if (feature.separator !== null && feature.separator !== generation.separator) {
    problems.push({
      path: `features.${feature.name}.separator`,
      message: "encoded columns (fg_mode: FG_NONE) have one separator, fg_encoded_multival_sep",
      received: JSON.stringify(feature.separator),
      expected: JSON.stringify(generation.separator),
    });
  }
  return { ...names, fg_encoded_default_value: feature.defaultValue || undefined };
}

function rawExplicit(feature: RawFeatureSpec): Writable {
  const { normalizer, boundaries, projection } = feature;
  return { normalizer, boundaries, ...writeProjection(projection) };
}

function encodedExplicit(feature: IdFeatureSpec | ComboFeatureSpec): Writable {
  return { default_bucketize_value: feature.defaultBucket, ...writeEncoding(feature.encoding) };
}

/** @param rowsOnly columns contain rows: of several encodings TorchEasyRec uses the size of the first */
function readEncoding(
  fields: Fields,
  message: JsonObject,
  rowsOnly: boolean,
  path: string,
  problems: Problem[],
): IdEncoding | null {
  const chosen = encodingFields.filter((name) => name in message);
  const [field] = chosen;
  if (field === undefined) throw new Error(`${path} has no encoding`);
  if (chosen.length > 1 && !rowsOnly) {
    problems.push({
      path,
      message: "the feature has more than one encoding",
      received: chosen.join(" and "),
      expected: `one of ${encodingFields.join(", ")}`,
    });
    return null;
  }
  switch (field) {
    case "num_buckets":
      return { kind: "buckets", count: fields.number(field) };
    case "hash_bucket_size":
      return { kind: "hash", size: fields.number(field) };
    case "vocab_list":
      return { kind: "vocabList", values: fields.texts(field) };
    case "vocab_dict":
      return { kind: "vocabDict", entries: fields.take(field) as Readonly<Record<string, number>> };
    case "vocab_file":
      return { kind: "vocabFile", path: fields.text(field) };
  }
}

function writeEncoding(encoding: IdEncoding): Record<string, Json> {
  switch (encoding.kind) {
    case "buckets":
      return { num_buckets: encoding.count };
    case "hash":
      return { hash_bucket_size: encoding.size };
    case "vocabList":
      return { vocab_list: encoding.values };
    case "vocabDict":
      return { vocab_dict: encoding.entries };
    case "vocabFile":
      return { vocab_file: encoding.path };
    case "vocabFit":
      return {}; // reported as not fitted
  }
}

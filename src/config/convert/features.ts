/** Converts `FeatureConfig` to a spec and back. */

import type { Problem } from "../../errors/index.js";
import type {
  ComboFeatureSpec,
  FeatureSpec,
  IdEncoding,
  IdFeatureSpec,
  Pooling,
  RawFeatureSpec,
} from "../../spec/feature/feature.js";
import { isProjected, withProjection } from "../../spec/feature/projected-feature.js";
import type { SequenceSpec } from "../../spec/feature/sequence.js";
import type { Json, JsonObject } from "../../util/random.js";
import { messageType } from "../schema.js";
import {
  compact,
  type Fields,
  type Generation,
  mergeExtra,
  readFields,
  readProjection,
  type Writable,
  writeProjection,
} from "./fields.js";
import { encodedDefault, isGenerated, readGenerated, writeGenerated } from "./generated.js";

/** Sequence features: the features of a `sequence_feature`, and single ones such as `sequence_id_feature`. */

const grouped = "sequence_feature";
const single = /^sequence_(?=.*(?:_feature|_product)$)/;
/** Fields of a single sequence feature that say how it is a sequence. */
const positionFields = ["sequence_length", "sequence_delim"] as const;

/**
 * Converts an entry of `feature_configs`.
 * @param read converts a feature that is not a sequence
 */
export function readSequences(
  config: JsonObject,
  path: string,
  read: (config: JsonObject, path: string) => FeatureSpec | null,
): readonly FeatureSpec[] {
  const [field, message] = (Object.entries(config) as [string, JsonObject][])[0] ?? ["", {}];
  if (field === grouped) return readGrouped(message, `${path}.${grouped}`, read);
  if (!single.test(field)) return [read(config, path)].filter((feature) => feature !== null);
  const rest = Object.entries(message).filter(([name]) => !positionFields.some((each) => each === name));
  const sequence: SequenceSpec = {
    of: null,
    length: Number(message["sequence_length"] ?? 1),
    delimiter: (message["sequence_delim"] ?? ";") as string,
    extra: {},
  };
  const feature = read({ [field.replace(single, "")]: Object.fromEntries(rest) as JsonObject }, path);
  return feature === null ? [] : [asSequence(feature, sequence)];
}

function readGrouped(
  message: JsonObject,
  path: string,
  read: (config: JsonObject, path: string) => FeatureSpec | null,
): readonly FeatureSpec[] {
  const fields = readFields(message, "SequenceFeature");
  const name = fields.text("sequence_name");
  const configs = (fields.take("features") ?? []) as readonly JsonObject[];
  const length = fields.number("sequence_length");
  const delimiter = fields.text("sequence_delim");
  const sequence: SequenceSpec = { of: name, length, delimiter, extra: fields.rest() };
  return configs.flatMap((each, index) => {
    const feature = read(each, `${path}.features[${index}]`);
    return feature === null ? [] : [asSequence({ ...feature, name: `${name}__${feature.name}` }, sequence)];
  });
}

/** A sequence of numbers ignores autodis and mlp embeddings, which are kept. */
function asSequence(feature: FeatureSpec, sequence: SequenceSpec): FeatureSpec {
  if (!isProjected(feature)) return { ...feature, sequence };
  const { projection, embeddingDim, ...rest } = feature;
  const extra = { ...feature.extra, embedding_dim: embeddingDim, ...writeProjection(projection) } as JsonObject;
  return { ...rest, embeddingDim: null, extra, sequence };
}

/**
 * Returns the features as `feature_configs`; consecutive features of one sequence are one entry.
 * @param write converts a feature that is not a sequence
 */
export function writeSequences(
  features: readonly FeatureSpec[],
  write: (feature: FeatureSpec) => JsonObject,
): readonly JsonObject[] {
  const configs: JsonObject[] = [];
  let open: { readonly sequence: SequenceSpec; readonly items: JsonObject[] } | null = null;
  for (const feature of features) {
    const { sequence } = feature;
    if (sequence === undefined || sequence.of === null) {
      open = null;
      configs.push(sequence === undefined ? write(feature) : writeSingle(write(feature), sequence));
      continue;
    }
    if (open === null || JSON.stringify(open.sequence) !== JSON.stringify(sequence)) {
      open = { sequence, items: [] };
      configs.push(writeGrouped(sequence, open.items));
    }
    open.items.push(withoutPrefix(write(feature), `${sequence.of}__`));
  }
  return configs;
}

/** @param items is filled afterwards */
function writeGrouped({ of: name, length, delimiter, extra }: SequenceSpec, items: JsonObject[]): JsonObject {
  const values = { sequence_name: name, sequence_length: length, sequence_delim: delimiter };
  return { [grouped]: { ...compact("SequenceFeature", {}, values), ...extra, features: items } };
}

function writeSingle(config: JsonObject, { length, delimiter }: SequenceSpec): JsonObject {
  const [field, message] = (Object.entries(config) as [string, JsonObject][])[0]!;
  return { [`sequence_${field}`]: { ...message, sequence_length: length, sequence_delim: delimiter } };
}

function withoutPrefix(config: JsonObject, prefix: string): JsonObject {
  const [field, message] = (Object.entries(config) as [string, JsonObject][])[0]!;
  const name = message["feature_name"] as string;
  const short: Json = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return { [field]: { ...message, feature_name: short } };
}

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

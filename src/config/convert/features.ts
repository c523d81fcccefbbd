/** Converts `FeatureConfig` to a spec and back. */
import type { Problem } from "../../errors/index.js";
import type { FeatureSpec, IdEncoding, Pooling, RawFeatureSpec } from "../../spec/feature/feature.js";
import { encodings, otherEncodings } from "../../spec/feature/feature.js";
import { isProjected, withProjection } from "../../spec/feature/projected-feature.js";
import type { SequenceSpec } from "../../spec/feature/sequence.js";
import { flag, number, numbers, oneOf, optionalNumber, optionalText, text, texts } from "../../spec/option.js";
import type { JsonObject } from "../../util/random.js";
import { messageType } from "../schema.js";
import type { Fields, Generation, Writable } from "./fields.js";
import { compact, mergeExtra, readFields, readProjection, writeOptions, writeProjection } from "./fields.js";
import {
  encodedDefault,
  isGenerated,
  readEncoding,
  readGenerated,
  writeEncoding,
  writeGenerated,
} from "./generated.js";

const embedded = {
  name: text("feature_name"),
  embeddingName: optionalText(),
  pooling: oneOf<Pooling>(["sum", "mean"]),
};
const encoded = { ...embedded, embeddingDim: number(), defaultBucket: optionalNumber({}, "default_bucketize_value") };
/** Beside the encoding, and the default and separator, which depend on the content of columns. */
const tables = {
  id: { ...encoded, expression: text(), weighted: flag() },
  combo: { ...encoded, expressions: texts("expression") },
  raw: { ...embedded, expression: text(), valueDim: number(), normalizer: optionalText(), boundaries: numbers() },
};

const grouped = "sequence_feature";
const single = /^sequence_(?=.*(?:_feature|_product)$)/;
/** Fields of a single sequence feature that say how it is a sequence. */
const positionFields: readonly string[] = ["sequence_length", "sequence_delim"];

/** The only field of a oneof's holder, and its message. */
function onlyField(config: JsonObject): [field: string, message: JsonObject] {
  return (Object.entries(config) as [string, JsonObject][])[0] ?? ["", {}];
}

/** Converts an entry of `feature_configs`: one feature, or those of a `sequence_feature`. */
export function readFeatures(
  config: JsonObject,
  path: string,
  generation: Generation,
  problems: Problem[],
): readonly FeatureSpec[] {
  const [field, message] = onlyField(config);
  if (field === grouped) return readGrouped(message, `${path}.${grouped}`, generation, problems);
  const isSingle = single.test(field);
  const rest = Object.entries(message).filter(([name]) => !isSingle || !positionFields.includes(name));
  const plain = isSingle ? { [field.replace(single, "")]: Object.fromEntries(rest) as JsonObject } : config;
  const feature = readFeature(plain, path, generation, problems);
  if (feature === null) return [];
  const length = Number(message["sequence_length"] ?? 1);
  const delimiter = (message["sequence_delim"] ?? ";") as string;
  return [isSingle ? asSequence(feature, { of: null, length, delimiter, extra: {} }) : feature];
}

function readGrouped(
  message: JsonObject,
  path: string,
  generation: Generation,
  problems: Problem[],
): readonly FeatureSpec[] {
  const fields = readFields(message, "SequenceFeature");
  const name = fields.read("sequence_name", "text");
  const configs = (fields.take("features") ?? []) as readonly JsonObject[];
  const length = fields.read("sequence_length", "number");
  const delimiter = fields.read("sequence_delim", "text");
  const sequence: SequenceSpec = { of: name, length, delimiter, extra: fields.rest() };
  return configs.flatMap((each, index) => {
    const feature = readFeature(each, `${path}.features[${index}]`, generation, problems);
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

/** Returns the features as `feature_configs`; consecutive features of one sequence are one entry. */
export function writeFeatures(
  features: readonly FeatureSpec[],
  generation: Generation,
  problems: Problem[],
): readonly JsonObject[] {
  const configs: JsonObject[] = [];
  let open: { readonly sequence: SequenceSpec; readonly items: JsonObject[] } | null = null;
  for (const feature of features) {
    const config = writeFeature(feature, generation, problems);
    const { sequence } = feature;
    if (sequence === undefined || sequence.of === null) {
      open = null;
      configs.push(sequence === undefined ? config : writeSingle(config, sequence));
      continue;
    }
    if (open === null || JSON.stringify(open.sequence) !== JSON.stringify(sequence)) {
      open = { sequence, items: [] };
      configs.push(writeGrouped(sequence, open.items));
    }
    open.items.push(withoutPrefix(config, `${sequence.of}__`));
  }
  return configs;
}

/** @param items is filled afterwards */
function writeGrouped({ of: name, length, delimiter, extra }: SequenceSpec, items: JsonObject[]): JsonObject {
  const values = { sequence_name: name, sequence_length: length, sequence_delim: delimiter };
  return { [grouped]: { ...compact("SequenceFeature", {}, values), ...extra, features: items } };
}

function writeSingle(config: JsonObject, { length, delimiter }: SequenceSpec): JsonObject {
  const [field, message] = onlyField(config);
  return { [`sequence_${field}`]: { ...message, sequence_length: length, sequence_delim: delimiter } };
}

function withoutPrefix(config: JsonObject, prefix: string): JsonObject {
  const [field, message] = onlyField(config);
  const name = message["feature_name"] as string;
  return { [field]: { ...message, feature_name: name.startsWith(prefix) ? name.slice(prefix.length) : name } };
}

function readFeature(
  config: JsonObject,
  path: string,
  generation: Generation,
  problems: Problem[],
): FeatureSpec | null {
  const [field, message] = onlyField(config);
  if (field === "") {
    const expected = "id_feature { … }, raw_feature { … } …";
    problems.push({ path, message: "an empty feature", received: "{}", expected });
    return null;
  }
  if (isGenerated(field, message, generation)) return readGenerated(field, message, generation);
  if (field === "raw_feature") return readRaw(readFields(message, "RawFeature"), generation);
  const isEncoded = field === "id_feature" || field === "combo_feature";
  const chosen = encodings.filter((name) => name in message);
  // Without an encoding it is refused only in a group.
  if (!isEncoded || otherEncodings.some((name) => name in message) || chosen.length === 0) {
    const name = String(message["feature_name"] ?? message["sequence_name"] ?? "");
    return { kind: "other", name, field, config: message };
  }
  // Columns of rows: of several encodings TorchEasyRec uses the size of the first.
  if (chosen.length > 1 && generation.mode !== "FG_NONE") {
    problems.push({
      path: `${path}.${field}`,
      message: "the feature has more than one encoding",
      received: chosen.join(" and "),
      expected: `one of ${encodings.join(", ")}`,
    });
    return null;
  }
  const fields = readFields(message, featureTypes[field]);
  const column = readColumn(fields, generation);
  const encoding = readEncoding(fields, message) as IdEncoding;
  return field === "combo_feature"
    ? { kind: "combo", ...fields.options(tables.combo), ...column, encoding, extra: fields.rest() }
    : { kind: "id", ...fields.options(tables.id), ...column, encoding, extra: fields.rest() };
}

const featureTypes = { id_feature: "IdFeature", raw_feature: "RawFeature", combo_feature: "ComboFeature" } as const;

function writeFeature(feature: FeatureSpec, generation: Generation, problems: Problem[]): JsonObject {
  if (feature.kind === "other") return { [feature.field]: feature.config };
  if (feature.generated !== undefined) return writeGenerated(feature, feature.generated);
  const field = `${feature.kind}_feature` as const;
  const type = featureTypes[field];
  // Of an encoded column, expression and dim may be left out.
  const options = {
    ...feature,
    expression: feature.kind === "combo" ? undefined : feature.expression || undefined,
    embeddingDim: feature.embeddingDim || undefined,
  };
  const values = writeOptions<object>(type, options, tables[feature.kind], {
    ...writeColumn(feature, generation, problems),
    ...(feature.kind === "raw"
      ? { embedding_dim: options.embeddingDim, ...writeProjection(feature.projection) }
      : writeEncoding(feature.encoding)),
  });
  return { [field]: mergeExtra(values, feature.extra, messageType(type)) };
}

function readRaw(fields: Fields, generation: Generation): RawFeatureSpec {
  const options = fields.options(tables.raw);
  const isBucketized = options.boundaries.length > 0;
  // Otherwise the value is not embedded, regardless of embedding_dim.
  const projection = isBucketized ? undefined : readProjection(fields);
  const raw: RawFeatureSpec = {
    kind: "raw",
    ...options,
    ...readColumn(fields, generation),
    embeddingDim: isBucketized || projection !== undefined ? fields.read("embedding_dim", "optional number") : null,
    extra: fields.rest(),
  };
  return withProjection(raw, projection);
}

type Computed = Exclude<FeatureSpec, { kind: "other" }>;

/** Encoded columns have a fixed default and separator; the feature's settings then have no effect and are kept. */
function readColumn(
  fields: Fields,
  { mode, separator, impliedSeparator }: Generation,
): Pick<Computed, "separator" | "defaultValue"> {
  const encoded = mode === "FG_NONE";
  return {
    separator: encoded
      ? separator === impliedSeparator
        ? null
        : separator
      : fields.read("separator", "optional text"),
    defaultValue: encoded ? encodedDefault(fields) : fields.read("default_value", "text"),
  };
}

function writeColumn(feature: Computed, generation: Generation, problems: Problem[]): Writable {
  const { name, kind, separator, defaultValue } = feature;
  if (generation.mode !== "FG_NONE") {
    return { separator, ...compact(featureTypes[`${kind}_feature`], { default_value: defaultValue }) };
  }
  if (separator !== null && separator !== generation.separator) {
    problems.push({
      path: `features.${name}.separator`,
      message: "encoded columns (fg_mode: FG_NONE) have one separator, fg_encoded_multival_sep",
      received: JSON.stringify(separator),
      expected: JSON.stringify(generation.separator),
    });
  }
  return { fg_encoded_default_value: defaultValue || undefined };
}

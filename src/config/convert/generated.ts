/**
 * Features that only TorchEasyRec's feature generator computes (lookups, matches, expressions …). If columns contain
 * computed features, each of them is an ordinary id or number.
 */
import { contentsOfMode } from "../../spec/feature/column-contents.js";
import type {
  FeatureSpec,
  GeneratedColumn,
  IdEncoding,
  IdFeatureSpec,
  Pooling,
  RawFeatureSpec,
} from "../../spec/feature/feature.js";
import { withProjection } from "../../spec/feature/projected-feature.js";
import type { Json, JsonObject } from "../../util/random.js";
import { fieldMessage, type MessageType, messageType } from "../schema.js";
import { type Fields, type Generation, readFields, readProjection } from "./fields.js";

/** Kinds with numeric values, unless an encoding maps them to table rows. */
const numbers = [
  "lookup_feature",
  "match_feature",
  "expr_feature",
  "overlap_feature",
  "kv_dot_product",
  "combine_feature",
  "custom_feature",
];
/** Kinds whose values are always ids. */
const ids = ["bool_mask_feature"];

/** Encodings, in TorchEasyRec's order of precedence. */
const rules = ["hash_bucket_size", "num_buckets", "vocab_list", "vocab_dict", "vocab_file"] as const;

/** Fields with the same meaning in every kind of feature, which the spec does not model. */
const shared = ["init_fn", "trainable", "data_type", "embedding_constraints", "use_mask"];

/** Whether the feature generator computed this feature's column. */
export function isGenerated(field: string, message: JsonObject, { mode }: Generation): boolean {
  const contents = contentsOfMode(mode);
  if (contents === "inputs" || "zch" in message || "dynamicemb" in message) return false;
  // The table of a match feature has one row more than its vocabulary; encoded columns omit it.
  if (field === "match_feature" && "vocab_list" in message && contents !== "rows") return false;
  if (ids.includes(field)) return rules.some((rule) => rule in message);
  return numbers.includes(field);
}

/** Converts the feature to the form that the model reads. */
export function readGenerated(field: string, message: JsonObject, { mode }: Generation): FeatureSpec {
  const type = fieldMessage(messageType("FeatureConfig").fields[field]!)!;
  const fields = readFields(message, type.name);
  const number = (name: string): number => (name in type.fields ? fields.number(name) : 0);
  const name = fields.text("feature_name");
  const encoding = readRule(fields, message, field);
  const boundaries = "boundaries" in type.fields ? fields.numbers("boundaries") : [];
  const common = {
    name,
    expression: "",
    embeddingName: fields.optionalText("embedding_name"),
    pooling: fields.text("pooling") as Pooling,
    separator: null,
    defaultValue: readDefault(fields, type, mode),
    extra: Object.fromEntries(Object.entries(message).filter(([key]) => shared.includes(key))) as JsonObject,
    generated: { field, config: message },
  };
  const embeddingDim = number("embedding_dim");
  if (encoding !== null) {
    const defaultBucket = "default_bucketize_value" in message ? number("default_bucketize_value") : null;
    return { kind: "id", ...common, encoding, defaultBucket, weighted: false, embeddingDim };
  }
  // Without boundaries and a projection the value is not embedded, regardless of embedding_dim.
  const projection = boundaries.length > 0 || !("autodis" in type.fields) ? undefined : readProjection(fields);
  const dim = boundaries.length > 0 || projection !== undefined ? embeddingDim : null;
  const valueDim = number("value_dim") || 1;
  const raw = { kind: "raw", ...common, valueDim, normalizer: null, boundaries, embeddingDim: dim } as const;
  return withProjection(raw, projection);
}

/** Returns the feature in the form of its kind, with the spec's changes. */
export function writeGenerated(
  {
    name,
    embeddingName,
    defaultValue,
    extra,
  }: IdFeatureSpec | RawFeatureSpec | Extract<FeatureSpec, { kind: "combo" }>,
  { field, config }: GeneratedColumn,
): JsonObject {
  const specificEntries = Object.entries(config).filter(([key]) => !shared.includes(key)) as [string, Json][];
  const changed: [string, Json][] = [["feature_name", name]];
  if (embeddingName !== null) changed.push(["embedding_name", embeddingName]);
  if ("fg_encoded_default_value" in config) changed.push(["fg_encoded_default_value", defaultValue]);
  return {
    [field]: Object.fromEntries([...specificEntries, ...changed, ...(Object.entries(extra) as [string, Json][])]),
  };
}

function readDefault(fields: Fields, type: MessageType, mode: string): string {
  if (contentsOfMode(mode) === "rows") return encodedDefault(fields);
  return "default_value" in type.fields ? fields.text("default_value") : "";
}

/** The default of an encoded column. An empty one counts as unset, but `use_mask` needs it to be written. */
export function encodedDefault(fields: Fields): string {
  return fields.rest()["fg_encoded_default_value"] === "" ? "" : fields.text("fg_encoded_default_value");
}

/** The encoding of the values; `null`: none, or by boundaries. */
function readRule(fields: Fields, message: JsonObject, field: string): IdEncoding | null {
  switch (rules.find((rule) => rule in message)) {
    case "hash_bucket_size":
      return { kind: "hash", size: fields.number("hash_bucket_size") };
    case "num_buckets":
      return { kind: "buckets", count: fields.number("num_buckets") };
    case "vocab_list": {
      const values = fields.texts("vocab_list");
      if (field !== "match_feature") return { kind: "vocabList", values };
      return { kind: "buckets", count: values.length + ("default_bucketize_value" in message ? 1 : 3) };
    }
    case "vocab_dict":
      return { kind: "vocabDict", entries: fields.take("vocab_dict") as Readonly<Record<string, number>> };
    case "vocab_file":
      return { kind: "vocabFile", path: fields.text("vocab_file") };
    default:
      return null;
  }
}

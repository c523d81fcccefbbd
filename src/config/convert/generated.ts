/** Features that TorchEasyRec's generator computes: ordinary ids or numbers if columns contain their results. */
import { contentsOfMode } from "../../spec/feature/column-contents.js";
import type { FeatureSpec, GeneratedColumn, IdEncoding, Pooling } from "../../spec/feature/feature.js";
import { encodings, otherEncodings } from "../../spec/feature/feature.js";
import { withProjection } from "../../spec/feature/projected-feature.js";
import type { Json, JsonObject } from "../../util/random.js";
import { fieldMessage, type MessageType, messageType } from "../schema.js";
import { type Fields, type Generation, readFields, readProjection, type Writable } from "./fields.js";

/** Kinds with numeric values, unless an encoding maps them to table rows. */
const numbers = [
  ...["lookup_feature", "match_feature", "expr_feature", "overlap_feature", "kv_dot_product", "combine_feature"],
  ...["custom_feature"],
];
/** Kinds whose values are always ids. */
const ids = ["bool_mask_feature"];

/** Fields with the same meaning in every kind of feature, which the spec does not model. */
const shared = ["init_fn", "trainable", "data_type", "embedding_constraints", "use_mask"];

/** Whether the feature generator computed this feature's column. */
export function isGenerated(field: string, message: JsonObject, { mode }: Generation): boolean {
  const contents = contentsOfMode(mode);
  if (contents === "inputs" || otherEncodings.some((name) => name in message)) return false;
  // The table of a match feature has one row more than its vocabulary; encoded columns omit it.
  if (field === "match_feature" && "vocab_list" in message && contents !== "rows") return false;
  if (ids.includes(field)) return encodings.some((name) => name in message);
  return numbers.includes(field);
}

export function readGenerated(field: string, message: JsonObject, { mode }: Generation): FeatureSpec {
  const type = fieldMessage(messageType("FeatureConfig").fields[field]!)!;
  const fields = readFields(message, type.name);
  const number = (name: string): number => (name in type.fields ? fields.read(name, "number") : 0);
  const name = fields.read("feature_name", "text");
  const encoding = field === "match_feature" ? matchEncoding(fields, message) : readEncoding(fields, message);
  const boundaries = "boundaries" in type.fields ? fields.read("boundaries", "numbers") : [];
  const common = {
    name,
    expression: "",
    embeddingName: fields.read("embedding_name", "optional text"),
    pooling: fields.read("pooling", "text") as Pooling,
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
  { name, embeddingName, defaultValue, extra }: Exclude<FeatureSpec, { kind: "other" }>,
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
  return "default_value" in type.fields ? fields.read("default_value", "text") : "";
}

/** The default of an encoded column. An empty one counts as unset, but `use_mask` needs it to be written. */
export function encodedDefault(fields: Fields): string {
  return fields.peek("fg_encoded_default_value") === "" ? "" : fields.read("fg_encoded_default_value", "text");
}

/** For each field of an encoding: its kind, and the name and type of its setting. */
const encodingFields = {
  hash_bucket_size: ["hash", "size", "number"],
  num_buckets: ["buckets", "count", "number"],
  vocab_list: ["vocabList", "values", "texts"],
  vocab_dict: ["vocabDict", "entries", "rows by text"],
  vocab_file: ["vocabFile", "path", "text"],
} as const;

/** The encoding of the values; `null`: none, or by boundaries. */
export function readEncoding(fields: Fields, message: JsonObject): IdEncoding | null {
  const field = encodings.find((name) => name in message);
  if (field === undefined) return null;
  const [kind, name, type] = encodingFields[field];
  return { kind, [name]: type === "rows by text" ? fields.take(field) : fields.read(field, type) } as IdEncoding;
}

/** Returns the field of an encoding; none for one that is not fitted, which is a problem of its own. */
export function writeEncoding(encoding: IdEncoding): Writable {
  const entry = Object.entries(encodingFields).find(([, [kind]]) => kind === encoding.kind);
  return entry === undefined ? {} : { [entry[0]]: (encoding as unknown as JsonObject)[entry[1][1]] };
}

/** Matches are numbered after the default and the unknown value. */
function matchEncoding(fields: Fields, message: JsonObject): IdEncoding | null {
  const encoding = readEncoding(fields, message);
  if (encoding?.kind !== "vocabList") return encoding;
  return { kind: "buckets", count: encoding.values.length + ("default_bucketize_value" in message ? 1 : 3) };
}

/** Converts `feature_configs` to the features of a spec, and back. */
import type { Problem } from "../../errors/index.js";
import { contentsOfMode } from "../../spec/feature/column-contents.js";
import {
  encodings,
  type FeatureSpec,
  featureOptions,
  type GeneratedColumn,
  growingRows,
  type IdEncoding,
  type IdFeatureSpec,
  otherEncodings,
  type Pooling,
  type RawFeatureSpec,
} from "../../spec/feature/feature.js";
import { isProjected } from "../../spec/feature/projected-feature.js";
import type { SequenceSpec } from "../../spec/feature/sequence.js";
import { unknownName } from "../../spec/validate/checks.js";
import type { Json, JsonObject } from "../../util/json.js";
import { fieldMessage, type MessageType, messageType } from "../schema.js";
import {
  compact,
  type Fields,
  type Generation,
  mergeExtra,
  readFields,
  readProjection,
  type Writable,
  writeOptions,
  writeProjection,
} from "./fields.js";

const grouped = "sequence_feature";
const single = /^sequence_(?=.*(?:_feature|_product)$)/;
/** Fields of a single sequence feature that describe the sequence. */
const positionFields: readonly string[] = ["sequence_length", "sequence_delim"];

function onlyField(config: JsonObject): [field: string, message: JsonObject] {
  return (Object.entries(config) as [string, JsonObject][])[0] ?? ["", {}];
}

const featureTypes = { id_feature: "IdFeature", raw_feature: "RawFeature", combo_feature: "ComboFeature" } as const;

type Computed = Exclude<FeatureSpec, { kind: "other" }>;

export class FeatureConfigs {
  constructor(
    private readonly generation: Generation,
    private readonly problems: Problem[],
  ) {}

  /** Reads an entry: one feature, or those of a `sequence_feature`. */
  read(config: JsonObject, path: string): readonly FeatureSpec[] {
    const [field, message] = onlyField(config);
    if (field === grouped) return this.#readGrouped(message, `${path}.${grouped}`);
    const isSingle = single.test(field);
    const rest = Object.entries(message).filter(([name]) => !isSingle || !positionFields.includes(name));
    const plain = isSingle ? { [field.replace(single, "")]: Object.fromEntries(rest) as JsonObject } : config;
    const feature = this.#readFeature(plain, path);
    if (feature === null) return [];
    const length = Number(message["sequence_length"] ?? 1);
    const delimiter = (message["sequence_delim"] ?? ";") as string;
    return [isSingle ? asSequence(feature, { of: null, length, delimiter, extra: {} }) : feature];
  }

  #readGrouped(message: JsonObject, path: string): readonly FeatureSpec[] {
    const fields = readFields(message, "SequenceFeature");
    const name = fields.read("sequence_name", "text");
    const configs = (fields.take("features") ?? []) as readonly JsonObject[];
    const length = fields.read("sequence_length", "number");
    const delimiter = fields.read("sequence_delim", "text");
    const sequence: SequenceSpec = { of: name, length, delimiter, extra: fields.rest() };
    return configs.flatMap((each, index) => {
      const feature = this.#readFeature(each, `${path}.features[${index}]`);
      return feature === null ? [] : [asSequence({ ...feature, name: `${name}__${feature.name}` }, sequence)];
    });
  }

  /** Returns the features as `feature_configs`; consecutive features of one sequence are one entry. */
  write(features: readonly FeatureSpec[]): readonly JsonObject[] {
    const configs: JsonObject[] = [];
    let open: { readonly sequence: SequenceSpec; readonly items: JsonObject[] } | null = null;
    for (const feature of features) {
      const config = this.#writeFeature(feature);
      const { sequence } = feature;
      if (sequence === undefined || sequence.of === null) {
        open = null;
        configs.push(sequence === undefined ? config : writeSingle(config, sequence));
        continue;
      }
      if (open === null || JSON.stringify(open.sequence) !== JSON.stringify(sequence)) {
        open = { sequence, items: [] };
        const { of: name, length, delimiter, extra } = sequence;
        const values = { sequence_name: name, sequence_length: length, sequence_delim: delimiter };
        configs.push({ [grouped]: { ...compact("SequenceFeature", {}, values), ...extra, features: open.items } });
      }
      open.items.push(withoutPrefix(config, `${sequence.of}__`));
    }
    return configs;
  }

  #readFeature(config: JsonObject, path: string): FeatureSpec | null {
    const [field, message] = onlyField(config);
    if (field === "") {
      const expected = "id_feature { … }, raw_feature { … } …";
      this.problems.push({ path, message: "an empty feature", received: "{}", expected });
      return null;
    }
    if (isGenerated(field, message, this.generation)) return readGenerated(field, message, this.generation);
    if (field === "raw_feature") return this.#readRaw(readFields(message, "RawFeature"));
    const isEncoded = field === "id_feature" || field === "combo_feature";
    const chosen = encodings.filter((name) => name in message);
    // A feature without an encoding is refused only in a group.
    const grows = isEncoded && otherEncodings.some((name) => name in message);
    if (!isEncoded || (chosen.length === 0 && !grows)) {
      const name = String(message["feature_name"] ?? message["sequence_name"] ?? "");
      return { kind: "other", name, field, config: message };
    }
    // If columns hold rows, TorchEasyRec uses the size of the first of several encodings.
    if (chosen.length > 1 && !grows && this.generation.mode !== "FG_NONE") {
      this.problems.push({
        path: `${path}.${field}`,
        message: "the feature has more than one encoding",
        received: chosen.join(" and "),
        expected: `one of ${encodings.join(", ")}`,
      });
      return null;
    }
    const fields = readFields(message, featureTypes[field]);
    const column = this.#readColumn(fields);
    const encoding = grows ? readGrowing(message) : (readEncoding(fields, message) as IdEncoding);
    return field === "combo_feature"
      ? { kind: "combo", ...fields.options(featureOptions.combo), ...column, encoding, extra: fields.rest() }
      : { kind: "id", ...fields.options(featureOptions.id), ...column, encoding, extra: fields.rest() };
  }

  #writeFeature(feature: FeatureSpec): JsonObject {
    if (feature.kind === "other") return { [feature.field]: feature.config };
    if (feature.generated !== undefined) return writeGenerated(feature, feature.generated);
    const field = `${feature.kind}_feature` as const;
    const type = featureTypes[field];
    // For an encoded column, expression and dim may be missing.
    const options = {
      ...feature,
      expression: feature.kind === "combo" ? undefined : feature.expression || undefined,
      embeddingDim: feature.embeddingDim || undefined,
    };
    const values = writeOptions<object>(type, options, featureOptions[feature.kind], {
      ...this.#writeColumn(feature),
      ...(feature.kind === "raw"
        ? { embedding_dim: options.embeddingDim, ...writeProjection(feature.projection) }
        : growingRows(feature) === null
          ? writeEncoding(feature.encoding)
          : {}),
    });
    return { [field]: mergeExtra(values, feature.extra, messageType(type)) };
  }

  #readRaw(fields: Fields): RawFeatureSpec {
    const options = fields.options(featureOptions.raw);
    const isBucketized = options.boundaries.length > 0;
    // Otherwise the value is not embedded, regardless of embedding_dim.
    const projection = isBucketized ? undefined : readProjection(fields);
    return {
      kind: "raw",
      ...options,
      ...this.#readColumn(fields),
      embeddingDim: isBucketized || projection !== undefined ? fields.read("embedding_dim", "optional number") : null,
      extra: fields.rest(),
      projection,
    };
  }

  /** Encoded columns have a fixed default and separator; the feature's settings then have no effect and are kept. */
  #readColumn(fields: Fields): Pick<Computed, "separator" | "defaultValue"> {
    const { mode, separator, impliedSeparator } = this.generation;
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

  #writeColumn({ name, kind, separator, defaultValue }: Computed): Writable {
    const { generation } = this;
    if (generation.mode !== "FG_NONE") {
      return { separator, ...compact(featureTypes[`${kind}_feature`], { default_value: defaultValue }) };
    }
    if (separator !== null && separator !== generation.separator) {
      this.problems.push({
        path: `features.${name}.separator`,
        message: "encoded columns (fg_mode: FG_NONE) have one separator, fg_encoded_multival_sep",
        received: JSON.stringify(separator),
        expected: JSON.stringify(generation.separator),
      });
    }
    return { fg_encoded_default_value: defaultValue || undefined };
  }
}

/** A sequence of numbers ignores autodis and mlp embeddings, which are kept. */
function asSequence(feature: FeatureSpec, sequence: SequenceSpec): FeatureSpec {
  if (!isProjected(feature)) return { ...feature, sequence };
  const { projection, embeddingDim, ...rest } = feature;
  const extra = { ...feature.extra, embedding_dim: embeddingDim, ...writeProjection(projection) } as JsonObject;
  return { ...rest, embeddingDim: null, extra, sequence };
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

/** Features that TorchEasyRec's generator computes: ordinary ids or numbers if columns contain their results. */

/** Kinds with numeric values, unless an encoding maps them to table rows. */
const numericKinds = [
  "lookup_feature",
  "match_feature",
  "expr_feature",
  "overlap_feature",
  "kv_dot_product",
  "combine_feature",
  "custom_feature",
];
/** Kinds whose values are always ids. */
const idKinds = ["bool_mask_feature"];

/** Fields with the same meaning in every kind of feature, which the spec does not model. */
const sharedFields = ["init_fn", "trainable", "data_type", "embedding_constraints", "use_mask"];

function isGenerated(field: string, message: JsonObject, { mode }: Generation): boolean {
  const contents = contentsOfMode(mode);
  if (contents === "inputs" || otherEncodings.some((name) => name in message)) return false;
  // The table of a match feature has one row more than its vocabulary; encoded columns omit it.
  if (field === "match_feature" && "vocab_list" in message && contents !== "rows") return false;
  if (idKinds.includes(field)) return encodings.some((name) => name in message);
  return numericKinds.includes(field);
}

function readGenerated(field: string, message: JsonObject, { mode }: Generation): FeatureSpec {
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
    extra: Object.fromEntries(Object.entries(message).filter(([key]) => sharedFields.includes(key))) as JsonObject,
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
  const numbers = { valueDim, normalizer: null, boundaries, embeddingDim: dim };
  return { kind: "raw", ...common, ...numbers, projection };
}

function writeGenerated({ name, embeddingName, defaultValue, extra }: Computed, { field, config }: GeneratedColumn) {
  const specificEntries = Object.entries(config).filter(([key]) => !sharedFields.includes(key)) as [string, Json][];
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
function encodedDefault(fields: Fields): string {
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

/** The encoding of the values; `null` without one, or if boundaries encode them. */
function readEncoding(fields: Fields, message: JsonObject): IdEncoding | null {
  const field = encodings.find((name) => name in message);
  if (field === undefined) return null;
  const [kind, name, type] = encodingFields[field];
  return { kind, [name]: type === "rows by text" ? fields.take(field) : fields.read(field, type) } as IdEncoding;
}

/**
 * A vocabulary of the most frequent ids in place of a growing table, with as many rows, default and unknown ids
 * included.
 */
function readGrowing({ zch, dynamicemb }: JsonObject): IdEncoding {
  const {
    zch_size: size,
    max_capacity: most = size,
    frequency_admission_strategy: admission,
  } = (zch ?? dynamicemb) as Readonly<Record<string, Json | undefined>>;
  const minCount = Number((admission as JsonObject | undefined)?.["threshold"] ?? 1);
  return { kind: "vocabFit", minCount: Math.max(minCount, 1), most: Math.max(Number(most) - 2, 1), from: null };
}

/** The rows that replace those that TorchEasyRec assigns: no field of its config has them. */
export function vocabularyNotes(features: readonly FeatureSpec[]): JsonObject | undefined {
  const lists = features.flatMap((feature): [string, readonly string[]][] => {
    if (growingRows(feature) === null || feature.kind === "raw" || feature.kind === "other") return [];
    return feature.encoding.kind === "vocabList" ? [[feature.name, feature.encoding.values]] : [];
  });
  return lists.length === 0 ? undefined : Object.fromEntries(lists);
}

/** Features with the vocabularies that a config notes. */
export function withVocabularyNotes(
  features: readonly FeatureSpec[],
  notes: Json | undefined,
  problems: Problem[],
): readonly FeatureSpec[] {
  const lists = new Map(Object.entries((notes ?? {}) as Readonly<Record<string, readonly string[]>>));
  const growing = features.filter((feature) => growingRows(feature) !== null).map(({ name }) => name);
  for (const name of lists.keys()) {
    if (growing.includes(name)) continue;
    const path = `# pepnet.vocabularies.${name}`;
    problems.push(unknownName(path, "feature with zch or dynamicemb", name, growing, "remove it from this line"));
  }
  return features.map((feature): FeatureSpec => {
    const values = lists.get(feature.name);
    const field = growingRows(feature);
    if (values === undefined || field === null) return feature;
    const { encoding } = feature as IdFeatureSpec;
    const most = encoding.kind === "vocabFit" ? encoding.most : null;
    if (most !== null && values.length > most) {
      problems.push({
        path: `# pepnet.vocabularies.${feature.name}`,
        message: "more ids than the table has rows",
        received: `${values.length} ids`,
        expected: `at most ${most}, beside the rows of the default and of unknown ids`,
        fix: `raise the size of ${field}, or remove the list: the most frequent ids of training rows then stand in`,
      });
    }
    return { ...(feature as IdFeatureSpec), encoding: { kind: "vocabList", values } };
  });
}

/** The edges of piecewise numbers, whose pieces TorchEasyRec reads from columns that hold them. */
export function pieceNotes(features: readonly FeatureSpec[]): JsonObject | undefined {
  const entries = features.flatMap((feature): [string, Json][] =>
    feature.kind === "raw" && feature.pieces !== undefined ? [[feature.name, feature.pieces]] : [],
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export function withPieceNotes(
  features: readonly FeatureSpec[],
  notes: Json | undefined,
  problems: Problem[],
): readonly FeatureSpec[] {
  const edges = new Map(Object.entries((notes ?? {}) as Readonly<Record<string, readonly number[]>>));
  const numbers = features.filter(({ kind }) => kind === "raw").map(({ name }) => name);
  for (const name of edges.keys()) {
    if (numbers.includes(name)) continue;
    const path = `# pepnet.pieces.${name}`;
    problems.push(unknownName(path, "raw_feature", name, numbers, "remove it from this line"));
  }
  return features.map((feature): FeatureSpec => {
    const pieces = edges.get(feature.name);
    return feature.kind === "raw" && pieces !== undefined ? { ...feature, pieces } : feature;
  });
}

/** Returns the field of an encoding; none for an unfitted one, which is reported elsewhere. */
function writeEncoding(encoding: IdEncoding): Writable {
  const entry = Object.entries(encodingFields).find(([, [kind]]) => kind === encoding.kind);
  return entry === undefined ? {} : { [entry[0]]: (encoding as unknown as JsonObject)[entry[1][1]] };
}

/** Matches are numbered after the default and the unknown value. */
function matchEncoding(fields: Fields, message: JsonObject): IdEncoding | null {
  const encoding = readEncoding(fields, message);
  if (encoding?.kind !== "vocabList") return encoding;
  return { kind: "buckets", count: encoding.values.length + ("default_bucketize_value" in message ? 1 : 3) };
}

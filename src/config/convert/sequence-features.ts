/**
 * Sequence features: the features of a `sequence_feature`, and single ones such as `sequence_id_feature`.
 */
import { type FeatureSpec, isProjected, type SequenceSpec } from "../../spec/index.js";
import type { Json, JsonObject } from "../../util/json.js";
import { compact, readFields } from "./fields.js";
import { writeProjection } from "./projections.js";

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

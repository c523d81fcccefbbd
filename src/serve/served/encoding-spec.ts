/** Reads encoders back: the features that encode as they say. */
import { usualSeparator } from "../../data/index.js";
import { emptySpec, type FeatureSpec, type IdFeatureSpec, type ModelSpec } from "../../spec/index.js";
import type { EncodersFile, FeatureEncoder, RowsRule, SequenceColumnEncoder } from "../format/encoder-types.js";

/**
 * A spec with the features of the encoders, and optionally the domain column. It is only for encoding, not a complete
 * model.
 */
export function encodingSpec({ encoded, domains, derived, features }: EncodersFile, withDomains: boolean): ModelSpec {
  return {
    ...emptySpec,
    derived,
    features: features.map((encoder) => encodedFeature(encoder, encoded)),
    domains: withDomains ? domains : null,
    extra: encoded ? { data_config: { fg_mode: "FG_NONE" } } : {},
  };
}

function encodedFeature(encoder: FeatureEncoder, encoded: boolean): FeatureSpec {
  const { name, separator, columns } = encoder;
  const common = {
    name,
    embeddingName: null,
    separator: separator === usualSeparator(encoded) ? null : separator,
    defaultValue: encoder.default,
    extra: {},
  };
  const expression = `feature:${columns.at(-1) ?? name}`;
  if (encoder.kind === "sequence") return encodedSequence(encoder, { ...common, expression });
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
  const ids = { ...embedded, ...idEncoding(rows) };
  if (cross === null) return { ...ids, kind: "id", expression, weighted: weights !== null };
  return { ...ids, kind: "combo", expressions: cross.map((column) => `feature:${column}`) };
}

function encodedSequence(
  { delimiter, most, rows, several, dim: valueDim, normalizer, pooling }: SequenceColumnEncoder,
  common: Pick<IdFeatureSpec, "name" | "embeddingName" | "separator" | "defaultValue" | "extra" | "expression">,
): FeatureSpec {
  const sequence = { of: null, length: most ?? 1, delimiter, extra: {} };
  const shared = { ...common, pooling, sequence };
  if (rows === null || rows.kind === "boundaries") {
    const [boundaries, embeddingDim] = rows === null ? [[], null] : [rows.boundaries, 1];
    return { ...shared, kind: "raw", valueDim, normalizer, boundaries, embeddingDim };
  }
  const extra = { value_dim: several ? 0 : 1 };
  return { ...shared, ...idEncoding(rows), extra, kind: "id", weighted: false, embeddingDim: 1 };
}

function idEncoding(
  rows: Exclude<RowsRule, { kind: "boundaries" }>,
): Pick<IdFeatureSpec, "encoding" | "defaultBucket"> {
  if (rows.kind === "buckets") return { encoding: { kind: "buckets", count: rows.count }, defaultBucket: rows.outside };
  if (rows.kind === "hash") return { encoding: { kind: "hash", size: rows.size }, defaultBucket: null };
  return { encoding: { kind: "vocabDict", entries: rows.values }, defaultBucket: rows.outside };
}

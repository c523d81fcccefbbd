/**
 * The name of a cache entry: a hash of the rows and of everything that their encoding depends on.
 */
import { createHash } from "node:crypto";
import { holdsSeveral } from "../../spec/index.js";
import { labelRule } from "../encode/labels.js";
import type { ComputedFeature, EncodingPlan } from "../encode/plan.js";
import type { SourceVersion } from "../sources/source.js";

/** If you change encoded output, bump this version. */
const encodingVersion = 8;

/** @param selection rows of the source, `null`: all */
export function cacheKey(version: SourceVersion, selection: Int32Array | null, plan: EncodingPlan): string {
  const { spec, encoded, features, labels, weights, domain, derived } = plan;
  const dependsOn = {
    encodingVersion,
    source: version.key,
    encoded,
    features: features.map(({ feature, columns }) => [columns, encodingKey(feature)]),
    labels: labels.map((label) => [label, labelRule(label, spec.towers).expected]),
    weights,
    domain: domain === null ? null : [domain.column, domain.count, domain.names],
    derived: [...derived],
  };
  const hash = createHash("sha256").update(JSON.stringify(dependsOn));
  if (selection !== null) hash.update(new Uint8Array(selection.buffer, selection.byteOffset, selection.byteLength));
  return hash.digest("hex").slice(0, 40);
}

/** A feature without the settings that affect only its embedding: dimensions, pooling, sharing, display names. */
function encodingKey(feature: ComputedFeature): unknown {
  const { name, kind, defaultValue, separator, extra, sequence } = feature;
  const fallback = extra["fg_encoded_default_value"] ?? extra["fgEncodedDefaultValue"] ?? null;
  const positions = sequence === undefined ? null : [sequence.length, sequence.delimiter, holdsSeveral(feature)];
  const common = { name, kind, defaultValue, separator, fallback, positions };
  if (feature.kind === "raw") {
    const { boundaries, normalizer, valueDim } = feature;
    return { ...common, boundaries, normalizer, valueDim };
  }
  const { encoding, defaultBucket } = feature;
  return { ...common, encoding, defaultBucket, weighted: feature.kind === "id" && feature.weighted };
}

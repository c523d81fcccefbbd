/** The feature that reads a data column, without the steps that the column's values already contain. */
import { getOrMake } from "../../util/growing.js";
import type { ColumnContents } from "./column-contents.js";
import {
  type ComboFeatureSpec,
  growingRows,
  holdsSeveral,
  type IdFeatureSpec,
  type RawFeatureSpec,
  tableRows,
} from "./feature.js";

type ComputedFeature = IdFeatureSpec | RawFeatureSpec | ComboFeatureSpec;

const featuresByContents = new WeakMap<ComputedFeature, Map<ColumnContents, ComputedFeature>>();

/**
 * Returns the feature that converts a column to the model's input: without crossing and normalising if columns
 * contain computed values, and without look-up if they contain rows. Returns the same object for the same feature,
 * so that caches keyed by it (vocabularies) remain valid.
 */
export function columnFeature(feature: ComputedFeature, contents: ColumnContents): ComputedFeature {
  if (contents === "inputs") return feature;
  const results = getOrMake(featuresByContents, feature, () => new Map<ColumnContents, ComputedFeature>());
  const make = contents === "rows" ? ofRows : ofValues;
  return getOrMake(results, contents, () => withSeveral(feature, make(feature)));
}

/** Keeps whether a position of a sequence holds several values, which the new kind no longer implies. */
function withSeveral(feature: ComputedFeature, column: ComputedFeature): ComputedFeature {
  if (column.sequence === undefined || column.kind !== "id") return column;
  return { ...column, extra: { ...column.extra, value_dim: holdsSeveral(feature) ? 0 : 1 } };
}

function ofValues(feature: ComputedFeature): ComputedFeature {
  const expression = `feature:${feature.name}`;
  if (feature.kind === "raw") return { ...feature, expression, normalizer: null, pieces: undefined };
  if (feature.kind === "id") return { ...feature, expression };
  const { expressions: _, ...rest } = feature;
  return { ...rest, kind: "id", expression, weighted: false };
}

function ofRows(feature: ComputedFeature): ComputedFeature {
  const values = ofValues(feature);
  const rows = tableRows(values);
  if (values.kind === "raw" && values.boundaries.length > 0) {
    const { boundaries, normalizer, valueDim, pieces, ...rest } = values;
    const encoding = { kind: "buckets", count: boundaries.length + 1 } as const;
    return { ...rest, kind: "id", encoding, defaultBucket: null, weighted: false, embeddingDim: values.embeddingDim! };
  }
  if (values.kind !== "id" || rows === null || growingRows(feature) !== null) return values;
  return { ...values, encoding: { kind: "buckets", count: rows }, defaultBucket: null };
}

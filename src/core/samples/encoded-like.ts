/** Random encoded rows that fit a model, to measure training without data. */
import type { EncodedData, FeatureColumn } from "../data/encoded/encoded.js";
import { type FeatureSpec, holdsSeveral, isSequence, tableRows } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { sharedFloats, sharedInts } from "../util/called-thread.js";
import { type Random, random } from "../util/random.js";

const severalValues = 4;
const positives = 0.1;

/**
 * Draws uniform ids, which rarely share table rows (the most expensive case), a tenth of positive labels, and full
 * sequences.
 */
export function encodedLike(spec: ModelSpec, rows: number, seed: number): EncodedData {
  const source = random(seed);
  const features = spec.features.flatMap((feature): [string, FeatureColumn][] =>
    feature.kind === "other" ? [] : [[feature.name, columnLike(feature, rows, source.fork(feature.name))]],
  );
  const domains = spec.domains === null ? null : drawIds(rows, spec.domains.count, source.fork("domains"));
  const weights = [...spec.sampleWeights, ...spec.towers.flatMap(({ sampleWeight }) => sampleWeight ?? [])];
  return {
    rows,
    features: new Map(features),
    labels: labelsLike(spec, rows, source.fork("labels")),
    sampleWeights: new Map(weights.map((name) => [name, sharedFloats(rows).fill(1)])),
    domains,
    warnings: [],
  };
}

function columnLike(feature: Exclude<FeatureSpec, { kind: "other" }>, rows: number, source: Random): FeatureColumn {
  const length = isSequence(feature) ? feature.sequence!.length : 1;
  if (feature.kind === "raw" && feature.boundaries.length === 0) {
    const values = sharedFloats(rows * length * feature.valueDim);
    for (let at = 0; at < values.length; at++) values[at] = source.normal();
    if (!isSequence(feature)) return { kind: "dense", dim: feature.valueDim, values };
    return {
      kind: "bag",
      offsets: evenly(rows, length * feature.valueDim),
      ids: sharedInts(values.length),
      weights: values,
    };
  }
  const count = tableRows(feature)!;
  const width = valuesPerRow(feature) + (isSequence(feature) && holdsSeveral(feature) ? 1 : 0);
  const ids = drawIds(rows * length * width, count, source);
  const offsets = evenly(rows, length * width);
  if (isSequence(feature)) {
    // −1 ends a position of several ids.
    if (holdsSeveral(feature)) for (let at = width - 1; at < ids.length; at += width) ids[at] = -1;
    return { kind: "bag", offsets, ids, weights: null };
  }
  if (width === 1) return { kind: "ids", ids };
  const weighted = feature.kind === "id" && feature.weighted;
  return { kind: "bag", offsets, ids, weights: weighted ? sharedFloats(ids.length).fill(1) : null };
}

function evenly(rows: number, width: number): Int32Array {
  const offsets = sharedInts(rows + 1);
  for (let row = 0; row <= rows; row++) offsets[row] = row * width;
  return offsets;
}

function valuesPerRow(feature: Exclude<FeatureSpec, { kind: "other" }>): number {
  if (feature.kind === "raw") return feature.valueDim;
  return feature.separator !== null || (feature.kind === "id" && feature.weighted) ? severalValues : 1;
}

function drawIds(length: number, count: number, source: Random): Int32Array {
  const ids = sharedInts(length);
  for (let at = 0; at < length; at++) ids[at] = source.integer(count);
  return ids;
}

function labelsLike(spec: ModelSpec, rows: number, source: Random): Map<string, Float32Array> {
  const classes = new Map<string, number>();
  for (const { label, numClass, taskSpace } of spec.towers) {
    classes.set(label, Math.max(classes.get(label) ?? 1, numClass));
    if (taskSpace !== null && !classes.has(taskSpace.indicatorLabel)) classes.set(taskSpace.indicatorLabel, 1);
  }
  return new Map(
    [...classes].map(([name, count]) => {
      const values = sharedFloats(rows);
      const draw = source.fork(name);
      for (let row = 0; row < rows; row++) {
        values[row] = count > 1 ? draw.integer(count) : draw.uniform() < positives ? 1 : 0;
      }
      return [name, values];
    }),
  );
}

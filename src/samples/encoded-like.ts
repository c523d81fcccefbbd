import type { EncodedData, FeatureColumn } from "../data/encoded/encoded.js";
import { type FeatureSpec, tableRows } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { sharedFloats, sharedInts } from "../util/called-thread.js";
import { type Random, random } from "../util/random.js";

const severalValues = 4;
const positives = 0.1;

/** Uniform ids, a tenth of the labels positive. They rarely share table rows, which is the most expensive case. */
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
  if (feature.kind === "raw" && feature.boundaries.length === 0) {
    const values = sharedFloats(rows * feature.valueDim);
    for (let at = 0; at < values.length; at++) values[at] = source.normal();
    return { kind: "dense", dim: feature.valueDim, values };
  }
  const count = tableRows(feature)!;
  const width = valuesPerRow(feature);
  if (width === 1) return { kind: "ids", ids: drawIds(rows, count, source) };
  const offsets = sharedInts(rows + 1);
  for (let row = 0; row <= rows; row++) offsets[row] = row * width;
  const ids = drawIds(rows * width, count, source);
  const weighted = feature.kind === "id" && feature.weighted;
  return { kind: "bag", offsets, ids, weights: weighted ? sharedFloats(ids.length).fill(1) : null };
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

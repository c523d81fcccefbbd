/**
 * Replaces what features have to learn from rows by values: vocabularies, normalizers and boundaries. One pass over the
 * rows, part by part, which reads and splits values as encoding does.
 */
import { DataError, type Problem } from "../../errors/index.js";
import { type FeatureSpec, type FitRows, fittingRows, type ModelSpec, needsFit, tableName } from "../../spec/index.js";
import { deepFreeze } from "../../util/freeze.js";
import { encodePartsBeside } from "../encode/encode.js";
import { usualSeparator } from "../encode/encode-part.js";
import { type ComputedFeature, type EncodingPlan, planEncoding, saysEncoded } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { Table } from "../table/table.js";
import { NumberCounts } from "./number-counts.js";
import { ValueCounts } from "./value-counts.js";

/** Fits of the same features to the same rows. */
const fits = new WeakMap<Table, Map<string, Promise<ReadonlyMap<string, FeatureSpec>>>>();

/**
 * Returns the spec with fitted features; one without features to fit is returned unchanged. Throws a DataError that
 * lists every column that is missing, constant, or has no values.
 *
 * @param training the rows of features that do not name others
 */
export async function fitFeatures(spec: ModelSpec, training: Table): Promise<ModelSpec> {
  const waiting = spec.features.filter(needsFit) as ComputedFeature[];
  if (waiting.length === 0) return spec;
  if (saysEncoded(spec)) throw encodedAlready(waiting);
  const byRows = new Map<Table, ComputedFeature[]>();
  for (const feature of waiting) {
    const table = tableFor(feature, training);
    byRows.set(table, [...(byRows.get(table) ?? []), feature]);
  }
  const fitted = new Map<string, FeatureSpec>();
  const problems: Problem[] = [];
  for (const [table, features] of byRows) {
    try {
      for (const [name, feature] of await fittedOnce(spec, features, table)) fitted.set(name, feature);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new DataError(problems);
  return deepFreeze({ ...spec, features: spec.features.map((feature) => fitted.get(feature.name) ?? feature) });
}

function fittedOnce(
  spec: ModelSpec,
  features: readonly ComputedFeature[],
  table: Table,
): Promise<ReadonlyMap<string, FeatureSpec>> {
  const fitsByKey = fits.get(table) ?? new Map<string, Promise<ReadonlyMap<string, FeatureSpec>>>();
  fits.set(table, fitsByKey);
  const key = JSON.stringify([features, spec.extra]);
  const before = fitsByKey.get(key);
  if (before !== undefined) return before;
  const made = fitAll(spec, features, table);
  fitsByKey.set(key, made);
  made.catch(() => fitsByKey.delete(key));
  return made;
}

/** Fits features to all rows of a table. */
async function fitAll(
  spec: ModelSpec,
  features: readonly ComputedFeature[],
  table: Table,
): Promise<ReadonlyMap<string, FeatureSpec>> {
  const report = new Report();
  // Copies, because the look-up of a vocabulary to fit grows with the rows and is cached by its feature.
  const copies = features.map((feature) => ({ ...feature }));
  const alone = { ...spec, features: copies, labels: [], sampleWeights: [], towers: [], domains: null };
  const plan = planEncoding(table, alone, { labels: false, unfitted: true }, report);
  const numbers = plan.features.flatMap(({ feature, columns }) =>
    feature.kind === "raw" ? [new NumberCounts(feature, columns[0]!, feature.separator ?? usualSeparator(false))] : [],
  );
  const values = valueCounts(plan);
  const words: EncodingPlan = { ...plan, features: plan.features.filter(({ feature }) => feature.kind !== "raw") };
  for await (const { encoded, columns } of encodePartsBeside(table, words, report, [])) {
    for (const counts of numbers) counts.add(columns.get(counts.column)!, report);
    for (const counts of values.values()) counts.add(encoded.features);
  }
  await report.throwIfAny(table);
  const fitted = [
    ...numbers.map((counts) => counts.fitted(table, report)),
    ...[...values.values()].flatMap((counts) => counts.fitted(table, report)),
  ];
  await report.throwIfAny(table);
  return new Map(fitted.map((feature) => [feature.name, feature]));
}

/** The counts of each embedding table: features that share a table get one vocabulary. */
function valueCounts({ features }: EncodingPlan): ReadonlyMap<string, ValueCounts> {
  const counts = new Map<string, ValueCounts>();
  for (const { feature, columns } of features) {
    if (feature.kind === "raw") continue;
    const table = tableName(feature)!;
    const shared = counts.get(table) ?? new ValueCounts();
    counts.set(table, shared);
    shared.watch(feature, columns.join(" × "));
  }
  return counts;
}

function tableFor(feature: ComputedFeature, training: Table): Table {
  const from = rowsFor(feature);
  if (from === null) return training;
  const table = fittingRows(from)?.table;
  if (table instanceof Table) return table;
  throw new DataError({
    path: `features.${feature.name}`,
    message: "the rows to fit on are not in this process",
    received: `${from.source}, ${from.rows} rows`,
    expected: "rows from dataset(…)",
    fix: "build the feature again with { from: await dataset(…) }",
  });
}

function rowsFor(feature: ComputedFeature): FitRows | null {
  if (feature.kind === "raw") return feature.fit?.from ?? null;
  return feature.encoding.kind === "vocabFit" ? feature.encoding.from : null;
}

function encodedAlready(features: readonly ComputedFeature[]): DataError {
  return new DataError(
    features.map(({ name }) => ({
      path: `features.${name}`,
      message: "the columns of this model are encoded already (fg_mode: FG_NONE), so there is nothing to fit",
      received: "a feature to fit",
      expected: ".buckets(count), or a raw feature without .zscore() and .quantiles(…)",
    })),
  );
}

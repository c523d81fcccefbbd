/**
 * Plans which columns of a table a spec reads for features, labels, weights and domains.
 */
import {
  type ColumnContents,
  type ComboFeatureSpec,
  columnContents,
  columnFeature,
  expressionColumn,
  type FeatureSpec,
  type IdFeatureSpec,
  type ModelSpec,
  type RawFeatureSpec,
} from "../../spec/index.js";
import { missingColumn, type Table } from "../table/table.js";
import type { DistinctHashes } from "./hashed/distinct-hashes.js";
import { resolveVocabularies } from "./ids/vocabulary.js";
import type { Report } from "./report.js";

/** Options of `encode`. */
export interface EncodeOptions {
  /** `false`: for prediction; labels and sample weights are not read. Default: `true`. */
  readonly labels?: boolean;
  /**
   * Ids are already rows of their tables, as with `fg_mode: FG_NONE`. Default: the setting of the opened config,
   * else `false`.
   */
  readonly encoded?: boolean;
  /** Features may have to be fitted: their vocabularies grow with the rows. Default: `false`. @internal */
  readonly unfitted?: boolean;
}

/** A feature that this engine supports. */
export type ComputedFeature = IdFeatureSpec | RawFeatureSpec | ComboFeatureSpec;

/** A feature and its columns. */
export interface FeaturePlan {
  readonly feature: ComputedFeature;
  readonly columns: readonly string[];
}

/** Everything that encoding depends on besides the rows. */
export interface EncodingPlan {
  /** The spec with loaded vocabulary files. */
  readonly spec: ModelSpec;
  readonly encoded: boolean;
  readonly features: readonly FeaturePlan[];
  readonly labels: readonly string[];
  readonly weights: readonly string[];
  readonly domain: { readonly column: string; readonly count: number } | null;
  /** All columns to read, without duplicates. */
  readonly columns: readonly string[];
  /** Counters of distinct values of hashed features, by feature name. Default: none. */
  readonly hashed?: ReadonlyMap<string, DistinctHashes>;
  /** Columns whose numbers are read as written text: ids of a CSV file. */
  readonly written: readonly string[];
  /** Whether the source stores all values as text. */
  readonly isText: boolean;
}

/** Plans the encoding of a table; missing columns are reported and left out. */
export function planEncoding(table: Table, spec: ModelSpec, options: EncodeOptions, report: Report): EncodingPlan {
  const resolved = resolveVocabularies(spec, options.unfitted);
  const encoded = options.encoded ?? saysEncoded(spec);
  const contents = encoded ? "rows" : columnContents(resolved);
  const features = planFeatures(table, resolved, contents, report);
  const { columns: others, ...numbers } = planNumbers(table, resolved, options.labels ?? true, report);
  const columns = [...new Set([...features.flatMap((plan) => plan.columns), ...others])];
  const ids = features.filter(({ feature }) => feature.kind !== "raw").flatMap((plan) => plan.columns);
  const written = [...new Set(ids)].filter((name) => table.isWritten(name));
  return { spec: resolved, encoded, features, ...numbers, columns, written, isText: table.isText };
}

/** Whether an opened TorchEasyRec config declares its data as encoded. */
export function saysEncoded(spec: ModelSpec): boolean {
  return columnContents(spec) === "rows";
}

/** The columns of each feature; reports features that cannot be read. */
function planFeatures(table: Table, spec: ModelSpec, contents: ColumnContents, report: Report): FeaturePlan[] {
  const plans: FeaturePlan[] = [];
  for (const described of spec.features) {
    if (described.kind === "other") {
      report.problem({
        path: `features.${described.name}`,
        message: `${described.field} is kept in configs, but this engine does not support it`,
        received: described.field,
        expected: "id, raw or combo features",
        fix: `compute the column "${described.name}" in advance and read it as an id or raw feature`,
      });
      continue;
    }
    const feature = columnFeature(described, contents);
    const columns = featureColumns(table, feature);
    const problems = columns.flatMap((name) => unusable(table, name, `feature "${feature.name}"`));
    for (const problem of problems) report.problem(problem);
    if (problems.length === 0) plans.push({ feature, columns });
  }
  return plans;
}

/** The columns that a feature reads, whether or not they exist. */
export function sourceColumns(table: Table, feature: FeatureSpec, spec: ModelSpec): readonly string[] {
  return feature.kind === "other" ? [] : featureColumns(table, columnFeature(feature, columnContents(spec)));
}

function featureColumns(table: Table, feature: ComputedFeature): string[] {
  if (feature.kind === "combo") return feature.expressions.map(expressionColumn);
  return [table.has(feature.name) ? feature.name : expressionColumn(feature.expression)];
}

function unusable(table: Table, name: string, user: string) {
  const column = table.info(name);
  if (column === undefined) {
    const problem = missingColumn(table, name);
    return [{ ...problem, message: `${user} needs a column that does not exist` }];
  }
  if (column.type !== "other") return [];
  return [
    {
      path: `${table.source}: column "${name}"`,
      message: `${user} cannot be read from a column of this type`,
      received: column.sourceType,
      expected: "numbers, text, or a list of them",
      fix: 'convert the column, for example by a query: { sql: "select …" }',
    },
  ];
}

/** The existing label, weight and domain columns; reports missing ones. */
function planNumbers(table: Table, spec: ModelSpec, withLabels: boolean, report: Report) {
  const there = (name: string, what: string): boolean => {
    const problems = unusable(table, name, `${what} "${name}"`);
    for (const problem of problems) report.problem(problem);
    return problems.length === 0;
  };
  const needed = new Set(spec.labels);
  for (const tower of spec.towers) {
    needed.add(tower.label);
    if (tower.taskSpace !== null) needed.add(tower.taskSpace.indicatorLabel);
  }
  const { domains } = spec;
  if (domains !== null) needed.delete(domains.column);
  const labels = withLabels ? [...needed].filter((name) => there(name, "label")) : [];
  const towerWeights = spec.towers.flatMap((tower) => (tower.sampleWeight === null ? [] : [tower.sampleWeight]));
  const weightNames = [...new Set([...spec.sampleWeights, ...towerWeights])];
  const weights = withLabels ? weightNames.filter((name) => there(name, "sample weight")) : [];
  const domain = domains !== null && there(domains.column, "domain") ? domains : null;
  return { labels, weights, domain, columns: [...labels, ...weights, ...(domain === null ? [] : [domain.column])] };
}

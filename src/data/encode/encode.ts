/** From a table and a spec to encoded columns: one pass over the source, every problem found before anything is thrown. */
import {
  type ComboFeatureSpec,
  expressionColumn,
  type FeatureSpec,
  type IdFeatureSpec,
  type ModelSpec,
  type RawFeatureSpec,
} from "../../spec/index.js";
import type { RawColumn } from "../column.js";
import type { EncodedData, FeatureColumn } from "../encoded.js";
import { missingColumn, type Table } from "../table.js";
import { crossColumns, crossSeparator } from "./combo.js";
import { encodeIds } from "./id.js";
import { encodeDomains, encodeLabel, encodeWeight } from "./labels.js";
import { encodeRaw } from "./raw.js";
import { Report } from "./report.js";
import { resolveVocabularies } from "./vocabulary.js";

/** Choices of {@link encode}. */
export interface EncodeOptions {
  /** `false`: for prediction; labels and sample weights are not read. Default: `true`. */
  readonly labels?: boolean;
  /** Ids are rows of their tables already, as with `fg_mode: FG_NONE`. Default: what the opened config says, else `false`. */
  readonly encoded?: boolean;
}

type Computed = Exclude<FeatureSpec, { kind: "other" }>;

/**
 * Encodes a table for a model. A feature's column is the one of its own name where there is one, else its expression's.
 *
 * Throws a DataError that names every missing column and the first row of every kind of bad value (label, domain,
 * number, id); values outside a vocabulary or range and missing ids become counted warnings.
 *
 * @example
 * const data = await encode(await openTable("train.parquet"), model.spec);
 * data.features.get("user_id");   // { kind: "ids", ids: Int32Array [rows] }
 */
export async function encode(table: Table, spec: ModelSpec, options: EncodeOptions = {}): Promise<EncodedData> {
  const report = new Report();
  const data = await encodeReporting(table, spec, options, report);
  await report.throwIfAny(table);
  return data;
}

/** {@link encode} that leaves what it finds in `report` and throws nothing for it: what `check` looks at. */
export async function encodeReporting(
  table: Table,
  spec: ModelSpec,
  options: EncodeOptions,
  report: Report,
): Promise<EncodedData> {
  const resolved = resolveVocabularies(spec);
  const encoded = options.encoded ?? saysEncoded(spec);
  const withLabels = options.labels ?? true;
  const plans = planFeatures(table, resolved, encoded, report);
  const numbers = planNumbers(table, resolved, withLabels, report);
  const names = new Set([...plans.flatMap((plan) => plan.columns), ...numbers.columns]);
  const columns = await table.read([...names]);
  const features = new Map<string, FeatureColumn>();
  for (const { feature, columns: own } of plans) {
    const column = encodeFeature(feature, own, columns, encoded, report);
    if (column !== null) features.set(feature.name, column);
  }
  const labels = encodeAll(numbers.labels, (name) => encodeLabel(resolved, name, columns.get(name)!, report));
  const sampleWeights = encodeAll(numbers.weights, (name) => encodeWeight(name, columns.get(name)!, report));
  const { domain } = numbers;
  const domains =
    domain === null ? null : encodeDomains(domain.column, domain.count, columns.get(domain.column)!, report);
  return { rows: table.rows, features, labels, sampleWeights, domains, warnings: report.warnings };
}

function encodeAll(names: readonly string[], work: (name: string) => Float32Array): Map<string, Float32Array> {
  return new Map(names.map((name) => [name, work(name)]));
}

/** Whether an opened TorchEasyRec config declares its data as encoded. */
function saysEncoded(spec: ModelSpec): boolean {
  const data = spec.extra["data_config"] ?? spec.extra["dataConfig"];
  if (typeof data !== "object" || data === null || Array.isArray(data)) return false;
  const fields = data as Readonly<Record<string, unknown>>;
  return (fields["fg_mode"] ?? fields["fgMode"]) === "FG_NONE";
}

interface FeaturePlan {
  readonly feature: Computed;
  readonly columns: readonly string[];
}

/** Which columns each feature reads; what cannot be read is reported. */
function planFeatures(table: Table, spec: ModelSpec, encoded: boolean, report: Report): FeaturePlan[] {
  const plans: FeaturePlan[] = [];
  for (const feature of spec.features) {
    if (feature.kind === "other") {
      report.problem({
        path: `features.${feature.name}`,
        message: `a ${feature.field} is kept in configs, but this engine does not compute it`,
        received: feature.field,
        expected: "id, raw or combo features",
        fix: `compute the column "${feature.name}" beforehand and read it as an id or raw feature`,
      });
      continue;
    }
    const columns = featureColumns(table, feature, encoded);
    const problems = columns.flatMap((name) => unusable(table, name, `feature "${feature.name}"`));
    for (const problem of problems) report.problem(problem);
    if (problems.length === 0) plans.push({ feature, columns });
  }
  return plans;
}

function featureColumns(table: Table, feature: Computed, encoded: boolean): string[] {
  if (feature.kind === "combo") {
    return encoded && table.has(feature.name) ? [feature.name] : feature.expressions.map(expressionColumn);
  }
  return [table.has(feature.name) ? feature.name : expressionColumn(feature.expression)];
}

function unusable(table: Table, name: string, user: string) {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const problem = missingColumn(table, name);
    return [{ ...problem, message: `${user} needs a column that is not there` }];
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

/** The label, weight and domain columns that are there; those that are not are reported. */
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

function encodeFeature(
  feature: Computed,
  names: readonly string[],
  columns: ReadonlyMap<string, RawColumn>,
  encoded: boolean,
  report: Report,
): FeatureColumn | null {
  const name = names.join(" × ");
  const separator = feature.separator ?? (encoded ? "\x03" : "\x1d");
  const options = { encoded, separator, defaultValue: defaultOf(feature, encoded), several: severalIds(feature) };
  const own = names.map((wanted) => columns.get(wanted) as RawColumn);
  if (feature.kind === "combo") {
    if (encoded && names.length === 1 && names[0] === feature.name) {
      return encodeIds(feature, name, own[0]!, options, report);
    }
    return encodeIds(feature, name, crossColumns(own, separator), { ...options, separator: crossSeparator }, report);
  }
  if (feature.kind === "id") return encodeIds(feature, name, own[0]!, options, report);
  // A cut number of encoded data is a row already.
  if (encoded && feature.boundaries.length > 0) return encodeIds(feature, name, own[0]!, options, report);
  return encodeRaw(feature, name, own[0]!, options, report);
}

/** A separator that the spec names says that rows hold several ids, whatever these rows hold. */
function severalIds(feature: IdFeatureSpec | ComboFeatureSpec | RawFeatureSpec): boolean {
  return feature.kind === "id" && feature.separator !== null && feature.separator !== "\x1d";
}

function defaultOf(feature: Computed, encoded: boolean): string {
  if (!encoded) return feature.defaultValue;
  const value = feature.extra["fg_encoded_default_value"] ?? feature.extra["fgEncodedDefaultValue"];
  return typeof value === "string"
    ? value
    : feature.kind === "raw" && feature.boundaries.length === 0
      ? feature.defaultValue
      : "";
}

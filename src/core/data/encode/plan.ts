/** Plans the encoding of a table: which columns each feature, label and weight reads, and how. */
import type { Problem } from "../../errors/index.js";
import { type ColumnContents, columnContents } from "../../spec/feature/column-contents.js";
import { columnFeature } from "../../spec/feature/column-feature.js";
import { type DerivedColumn, type DerivedColumns, derivedFrom } from "../../spec/feature/derived.js";
import {
  type ComboFeatureSpec,
  expressionColumn,
  type FeatureSpec,
  type IdFeatureSpec,
  type RawFeatureSpec,
} from "../../spec/feature/feature.js";
import type { DomainsSpec, ModelSpec } from "../../spec/model.js";
import { derivedInfo } from "../derived-values.js";
import type { ColumnInfo } from "../table/column.js";
import { missingColumn, type Table } from "../table/table.js";
import { Report } from "./report.js";
import type { DistinctHashes } from "./sharing.js";
import { resolveVocabularies } from "./vocabulary.js";

/** Options of `encode`. */
export interface EncodeOptions {
  /** `false`: for prediction; labels and sample weights are not read. Default: `true`. */
  readonly labels?: boolean;
  /** Ids are rows of their tables (`fg_mode: FG_NONE`). Default: the setting of the opened config, else `false`. */
  readonly encoded?: boolean;
  /**
   * Whether features may still have to be fitted, so that their vocabularies grow with the rows. Default: `false`.
   * @internal
   */
  readonly unfitted?: boolean;
}

export type ComputedFeature = IdFeatureSpec | RawFeatureSpec | ComboFeatureSpec;

export interface FeaturePlan {
  readonly feature: ComputedFeature;
  readonly columns: readonly string[];
}

/** What to encode of a table, and how; and the report of what encoding sees. */
export interface EncodingPlan {
  readonly table: Table;
  readonly report: Report;
  readonly spec: ModelSpec;
  readonly encoded: boolean;
  readonly features: readonly FeaturePlan[];
  readonly labels: readonly string[];
  readonly weights: readonly string[];
  /** The domains; `names` are set if the column contains text, `null` if it contains numbers. */
  readonly domain: DomainsSpec | null;
  readonly derived: ReadonlyMap<string, DerivedColumn>;
  readonly columns: readonly string[];
  /** Counters of distinct values of hashed features, by feature name. Default: none. */
  readonly hashed?: ReadonlyMap<string, DistinctHashes>;
  /** Columns whose numbers are read as written text: ids of a CSV file. */
  readonly written: readonly string[];
}

/** Plans the encoding of a table; missing columns are reported and left out. */
export function planEncoding(table: Table, spec: ModelSpec, options: EncodeOptions = {}): EncodingPlan {
  const resolved = resolveVocabularies(spec, options.unfitted);
  const encoded = options.encoded ?? saysEncoded(spec);
  const contents = encoded ? "rows" : columnContents(resolved);
  const lookup = new ColumnLookup(table, resolved.derived);
  const report = new Report(table);
  const features = planFeatures(lookup, resolved, contents, report);
  const { columns: others, ...numbers } = planNumbers(lookup, resolved, options.labels ?? true, report);
  const used = [...new Set([...features.flatMap((plan) => plan.columns), ...others])];
  const derived = lookup.rules(used);
  const columns = [...new Set(used.flatMap((name) => lookup.sources(name)))];
  const ids = features.filter(({ feature }) => feature.kind !== "raw").flatMap((plan) => plan.columns);
  const written = [...new Set(ids)].filter((name) => !derived.has(name) && table.isWritten(name));
  return { table, report, spec: resolved, encoded, features, ...numbers, derived, columns, written };
}

/** The columns of a table and those that rules compute from them. A rule applies if the columns that it reads exist. */
export class ColumnLookup {
  readonly #derived: ReadonlyMap<string, DerivedColumn>;

  constructor(
    readonly table: Table,
    derived: DerivedColumns = {},
  ) {
    this.#derived = new Map(Object.entries(derived));
  }

  /** The rules that apply, by the name of their column. */
  rules(names: readonly string[]): ReadonlyMap<string, DerivedColumn> {
    const rules = names.map((name) => [name, this.#derived.get(name)] as const);
    const applies = (rule: DerivedColumn): boolean => derivedFrom(rule).every((source) => this.table.has(source));
    return new Map(rules.flatMap(([name, rule]) => (rule !== undefined && applies(rule) ? [[name, rule]] : [])));
  }

  info(name: string): ColumnInfo | undefined {
    const rule = this.rules([name]).get(name);
    return rule === undefined ? this.table.info(name) : derivedInfo(name, rule);
  }

  sources(name: string): readonly string[] {
    const rule = this.rules([name]).get(name);
    return rule === undefined ? [name] : derivedFrom(rule);
  }

  /** Problems of a column that neither exists nor can be computed, or that has another type. */
  problems(name: string, user: string): Problem[] {
    const column = this.info(name);
    if (column === undefined) {
      const rule = this.#derived.get(name);
      const absent = rule === undefined ? name : derivedFrom(rule).find((source) => !this.table.has(source))!;
      return [{ ...missingColumn(this.table, absent), message: `${user} needs a column that does not exist` }];
    }
    if (column.type !== "other") return [];
    const problem = {
      path: `${this.table.source}: column "${name}"`,
      message: `${user} cannot be read from a column of this type`,
      received: column.sourceType,
      expected: "numbers, text, or a list of them",
      fix: 'convert the column, for example by a query: { sql: "select …" }',
    };
    return [problem];
  }
}

export function saysEncoded(spec: ModelSpec): boolean {
  return columnContents(spec) === "rows";
}

function planFeatures(lookup: ColumnLookup, spec: ModelSpec, contents: ColumnContents, report: Report): FeaturePlan[] {
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
    const columns = featureColumns(lookup, feature);
    const problems = columns.flatMap((name) => [
      ...lookup.problems(name, `feature "${feature.name}"`),
      ...misplacedLists(lookup.table, name, feature, contents),
    ]);
    for (const problem of problems) report.problem(problem);
    if (problems.length === 0) plans.push({ feature, columns });
  }
  return plans;
}

export function sourceColumns(table: Table, feature: FeatureSpec, spec: ModelSpec): readonly string[] {
  if (feature.kind === "other") return [];
  const lookup = new ColumnLookup(table, spec.derived);
  return featureColumns(lookup, columnFeature(feature, columnContents(spec))).flatMap((name) => lookup.sources(name));
}

function featureColumns(lookup: ColumnLookup, feature: ComputedFeature): string[] {
  if (feature.kind === "combo") return feature.expressions.map(expressionColumn);
  if (lookup.info(feature.name) !== undefined) return [feature.name];
  const column = expressionColumn(feature.expression);
  const sequence = feature.sequence?.of ?? null;
  return [sequence === null ? column : `${sequence}__${column}`];
}

/** Lists of lists are sequences; TorchEasyRec also reads a sequence of table rows only from lists or text. */
function misplacedLists(table: Table, name: string, feature: ComputedFeature, contents: ColumnContents) {
  const column = table.info(name);
  const isNested = column?.type === "list" && /\]\[/.test(column.sourceType);
  const isSingle = column !== undefined && column.type !== "list" && column.type !== "text" && !table.isText;
  const path = `${table.source}: column "${name}"`;
  const received = column?.sourceType ?? "";
  if (isNested && feature.sequence === undefined) {
    const message = `feature "${feature.name}" cannot be read from lists of lists, since it is not a sequence`;
    return [{ path, message, received, expected: "numbers, text, or a list of them" }];
  }
  if (!isSingle || feature.sequence === undefined || contents !== "rows") return [];
  const message = `sequence feature "${feature.name}" cannot be read from a column of single values`;
  return [{ path, message, received, expected: "lists, lists of lists, or text with a delimiter" }];
}

function planNumbers(lookup: ColumnLookup, spec: ModelSpec, withLabels: boolean, report: Report) {
  const isUsable = (name: string, what: string): boolean => {
    const problems = lookup.problems(name, `${what} "${name}"`);
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
  const labels = withLabels ? [...needed].filter((name) => isUsable(name, "label")) : [];
  const towerWeights = spec.towers.flatMap((tower) => (tower.sampleWeight === null ? [] : [tower.sampleWeight]));
  const weightNames = [...new Set([...spec.sampleWeights, ...towerWeights])];
  const weights = withLabels ? weightNames.filter((name) => isUsable(name, "sample weight")) : [];
  const columns = [...labels, ...weights];
  if (domains === null || !isUsable(domains.column, "domain")) return { labels, weights, domain: null, columns };
  const { column, count, names } = domains;
  const isNamed = ["text", "boolean"].includes(lookup.info(column)!.type);
  const domain: DomainsSpec = { column, count, names: isNamed ? names : null };
  return { labels, weights, domain, columns: [...columns, column] };
}
